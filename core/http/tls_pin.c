/* SPDX-License-Identifier: MIT */
/*
 * libcurl can pin public keys, but no certificate by its SHA-1, which is all that Service Fabric
 * tells. So the verification of the chain is replaced as a whole: nothing but the leaf counts.
 */
#include "tls_pin.h"

#include <openssl/crypto.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <string.h>

static int hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *at = c ? strchr(digits, c) : NULL;

    return at ? (int)(at - digits) % 16 : -1;
}

int tls_pin_parse(const char *text, struct tls_pin *pin, struct acsmtp_error *err)
{
    size_t count = 0;

    pin->is_set = 0;
    for (; *text; text++) {
        int digit = hex_digit(*text);

        if (*text == ':' || *text == ' ')
            continue;
        if (digit < 0 || count == (size_t)2 * TLS_PIN_SIZE)
            break;
        pin->sha1[count / 2] =
            (unsigned char)(count % 2 ? pin->sha1[count / 2] | digit : digit << 4);
        count++;
    }
    if (*text || count != (size_t)2 * TLS_PIN_SIZE)
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "a certificate's thumbprint is the 40 hex digits of its SHA-1");
    pin->is_set = 1;
    return ACSMTP_OK;
}

static int verify(X509_STORE_CTX *store, void *data)
{
    const struct tls_pin *pin = data;
    const X509 *leaf = X509_STORE_CTX_get0_cert(store);
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    int is_same = leaf && X509_digest(leaf, EVP_sha1(), digest, &size) == 1 &&
                  size == TLS_PIN_SIZE && CRYPTO_memcmp(digest, pin->sha1, TLS_PIN_SIZE) == 0;

    X509_STORE_CTX_set_error(store, is_same ? X509_V_OK : X509_V_ERR_CERT_REJECTED);
    return is_same;
}

void tls_pin_apply(const struct tls_pin *pin, void *ssl_ctx)
{
    SSL_CTX_set_cert_verify_callback(ssl_ctx, verify, (void *)pin);
}
