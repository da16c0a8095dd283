/* SPDX-License-Identifier: MIT */
/* The certificate by which this side of a TLS connection proves who it is (RFC 8446 section 4.3.2).
 */
#ifndef HTTP_TLS_CLIENT_H
#define HTTP_TLS_CLIENT_H

#include <acsmtp/error.h>
#include <acsmtp/secret.h>
#include <openssl/ssl.h>

struct tls_client {
    X509 *leaf; /* NULL: there is none to show */
    STACK_OF(X509) * chain;
    EVP_PKEY *key;
};

/*
 * The first certificate of `pem`, those that follow it, and the private key, in any order. CONFIG
 * when something is missing, does not fit, or is encrypted: nobody is asked for a passphrase.
 * `client` is all zero before, and for tls_client_release() after, whatever this returns.
 */
int tls_client_parse(const struct acsmtp_secret *pem, struct tls_client *client,
                     struct acsmtp_error *err) ACSMTP_CHECK;
void tls_client_release(struct tls_client *client);

/* 1 when servers of `ctx` are shown the certificate, 0 when OpenSSL finds it too weak. */
int tls_client_apply(const struct tls_client *client, SSL_CTX *ctx);

/* Is this alert of a server about the certificate that it was shown? */
int tls_client_is_refusal(int alert);

#endif
