/* SPDX-License-Identifier: MIT */
/* A certificate from the inside, for the signer. */
#ifndef CERTIFICATE_PRIVATE_H
#define CERTIFICATE_PRIVATE_H

#include <acsmtp/certificate.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

struct acsmtp_certificate {
    EVP_PKEY *key;
    X509 *leaf;
    STACK_OF(X509) * chain; /* of the leaf, without it, in the order of the file */
};

#endif
