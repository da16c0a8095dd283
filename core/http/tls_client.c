/* SPDX-License-Identifier: MIT */
/*
 * libcurl takes a client certificate from memory too, but leaves an encrypted key to OpenSSL, which
 * asks for its passphrase on the terminal, and tells what is wrong in OpenSSL's words. So it is
 * read here, before anybody is connected.
 */
#include "tls_client.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

#define CHAIN_MAX 16

/* OpenSSL takes this for the passphrase, and asks nobody. */
static char no_passphrase[] = "";

static int read_certificates(struct tls_client *client, BIO *bio, struct acsmtp_error *err)
{
    X509 *next;

    client->leaf = PEM_read_bio_X509(bio, NULL, NULL, no_passphrase);
    if (!client->leaf)
        return acsmtp_fail(err, ACSMTP_CONFIG, "the client certificate is no PEM certificate");
    while ((next = PEM_read_bio_X509(bio, NULL, NULL, no_passphrase))) {
        if (sk_X509_num(client->chain) < CHAIN_MAX && sk_X509_push(client->chain, next) > 0)
            continue;
        X509_free(next);
        return acsmtp_fail(err, ACSMTP_CONFIG, "the client certificate has more than %d others",
                           CHAIN_MAX);
    }
    return ACSMTP_OK;
}

static int read_key(struct tls_client *client, BIO *bio, const struct acsmtp_secret *pem,
                    struct acsmtp_error *err)
{
    client->key = PEM_read_bio_PrivateKey(bio, NULL, NULL, no_passphrase);
    /* "ENCRYPTED PRIVATE KEY" (RFC 7468 section 11), "Proc-Type: 4,ENCRYPTED" (RFC 1421) */
    if (!client->key && strstr(acsmtp_secret_data(pem), "ENCRYPTED"))
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "the private key of the client certificate is encrypted; decrypt it "
                           "with 'openssl pkey -in FILE'");
    if (!client->key)
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "the client certificate has no private key beside it (PEM)");
    if (X509_check_private_key(client->leaf, client->key) != 1)
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "the private key does not belong to the client certificate, which must "
                           "be the first one");
    return ACSMTP_OK;
}

int tls_client_parse(const struct acsmtp_secret *pem, struct tls_client *client,
                     struct acsmtp_error *err)
{
    BIO *bio = BIO_new_mem_buf(acsmtp_secret_data(pem), (int)acsmtp_secret_size(pem));
    int status = ACSMTP_OK;

    client->chain = sk_X509_new_null();
    if (!bio || !client->chain)
        status = acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    if (status == ACSMTP_OK)
        status = read_certificates(client, bio, err);
    if (status == ACSMTP_OK) {
        (void)BIO_reset(bio);
        status = read_key(client, bio, pem, err);
    }
    BIO_free(bio);
    ERR_clear_error();
    return status;
}

void tls_client_release(struct tls_client *client)
{
    X509_free(client->leaf);
    sk_X509_pop_free(client->chain, X509_free);
    EVP_PKEY_free(client->key);
    *client = (struct tls_client){NULL, NULL, NULL};
}

int tls_client_apply(const struct tls_client *client, SSL_CTX *ctx)
{
    return SSL_CTX_use_cert_and_key(ctx, client->leaf, client->key, client->chain, 1) == 1;
}

int tls_client_is_refusal(int alert)
{
    switch (alert) {
    case SSL_AD_BAD_CERTIFICATE:
    case SSL_AD_UNSUPPORTED_CERTIFICATE:
    case SSL_AD_CERTIFICATE_REVOKED:
    case SSL_AD_CERTIFICATE_EXPIRED:
    case SSL_AD_CERTIFICATE_UNKNOWN:
    case SSL_AD_UNKNOWN_CA:
    case SSL_AD_ACCESS_DENIED:
    case SSL_AD_CERTIFICATE_REQUIRED:
        return 1;
    default:
        return 0;
    }
}
