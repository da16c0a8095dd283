/* SPDX-License-Identifier: MIT */
/* The emulator's certificate authority and the certificates its servers show, the deliberately
 * wrong ones included. */
#ifndef EMULATOR_PKI_H
#define EMULATOR_PKI_H

#include <openssl/ssl.h>

enum pki_certificate {
    PKI_GOOD,
    PKI_OTHER_CA,
    PKI_WRONG_NAME,
    PKI_EXPIRED,
    PKI_CERTIFICATES,
};

struct pki {
    char *ca_pem;
    char *https_certificate_pem;
    char *https_key_pem;
    char *self_signed_pem;     /* of the same key, known to nobody */
    char self_signed_sha1[41]; /* its thumbprint, upper case hex */
    SSL_CTX *smtp[PKI_CERTIFICATES];
};

int pki_init(struct pki *pki);
void pki_release(struct pki *pki);
/* The names of the "certificate" switch of the control API. */
enum pki_certificate pki_by_name(const char *name);
#endif
