/* SPDX-License-Identifier: MIT */
/*
 * Reading certificates and keys with OpenSSL. Left to itself OpenSSL asks for a passphrase on the
 * terminal, where a daemon would wait for ever: every read here has a callback that does not.
 */
#include "certificate_private.h"
#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CHAIN_MAX 16
#define KEY_BITS_MIN 2048

struct passphrase {
    const struct acsmtp_secret *secret; /* NULL: there is none */
    int was_wanted;
};

static int on_passphrase(char *buffer, int capacity, int writing, void *data)
{
    struct passphrase *passphrase = data;
    size_t size = acsmtp_secret_size(passphrase->secret);

    (void)writing;
    passphrase->was_wanted = 1;
    if (!passphrase->secret || size > (size_t)capacity)
        return -1;
    memcpy(buffer, acsmtp_secret_data(passphrase->secret), size);
    return (int)size;
}

static int fail_locked(const struct passphrase *passphrase, struct acsmtp_error *err)
{
    if (passphrase->secret)
        return acsmtp_fail(err, ACSMTP_CONFIG, "the passphrase does not open the private key");
    return acsmtp_fail(err, ACSMTP_CONFIG,
                       "the private key is encrypted, and no passphrase is given");
}

/* ---- PEM ---- */

static int add_certificate(struct acsmtp_certificate *made, X509 *x509, struct acsmtp_error *err)
{
    if (!made->leaf) {
        made->leaf = x509;
        return ACSMTP_OK;
    }
    if (sk_X509_num(made->chain) < CHAIN_MAX && sk_X509_push(made->chain, x509) > 0)
        return ACSMTP_OK;
    X509_free(x509);
    return acsmtp_fail(err, ACSMTP_CONFIG, "the file has more than %d certificates", CHAIN_MAX + 1);
}

static int read_pem_certificates(struct acsmtp_certificate *made, BIO *bio,
                                 struct acsmtp_error *err)
{
    struct passphrase none = {NULL, 0};
    int status = ACSMTP_OK;
    X509 *x509;

    while (status == ACSMTP_OK && (x509 = PEM_read_bio_X509(bio, NULL, on_passphrase, &none)))
        status = add_certificate(made, x509, err);
    if (status == ACSMTP_OK && !made->leaf)
        status = acsmtp_fail(err, ACSMTP_CONFIG, "the file has a PEM block, but no certificate");
    return status;
}

static int read_pem_key(struct acsmtp_certificate *made, BIO *bio, struct passphrase *passphrase,
                        struct acsmtp_error *err)
{
    made->key = PEM_read_bio_PrivateKey(bio, NULL, on_passphrase, passphrase);
    if (made->key)
        return ACSMTP_OK;
    if (passphrase->was_wanted)
        return fail_locked(passphrase, err);
    return acsmtp_fail(err, ACSMTP_CONFIG,
                       "the file has no private key that can be read; it must stand beside the "
                       "certificate");
}

static int read_pem(struct acsmtp_certificate *made, const struct acsmtp_secret *file,
                    struct passphrase *passphrase, struct acsmtp_error *err)
{
    BIO *bio = BIO_new_mem_buf(acsmtp_secret_data(file), (int)acsmtp_secret_size(file));
    int status;

    made->chain = sk_X509_new_null();
    if (!bio || !made->chain) {
        BIO_free(bio);
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    }
    status = read_pem_certificates(made, bio, err);
    (void)BIO_reset(bio);
    if (status == ACSMTP_OK)
        status = read_pem_key(made, bio, passphrase, err);
    BIO_free(bio);
    return status;
}

/* ---- PKCS#12 ---- */

/* Old files are encrypted with ciphers that OpenSSL 3 has put into its legacy provider. */
static int is_legacy(void)
{
    unsigned long code;
    int found = 0;

    while ((code = ERR_get_error()))
        found |= ERR_GET_REASON(code) == ERR_R_UNSUPPORTED ||
                 (ERR_GET_LIB(code) == ERR_LIB_EVP &&
                  ERR_GET_REASON(code) == EVP_R_UNSUPPORTED_ALGORITHM);
    return found;
}

static int open_pkcs12(struct acsmtp_certificate *made, PKCS12 *pkcs12,
                       struct passphrase *passphrase, struct acsmtp_error *err)
{
    const char *text = passphrase->secret ? acsmtp_secret_data(passphrase->secret) : "";

    ERR_clear_error();
    if (!PKCS12_verify_mac(pkcs12, text, -1) &&
        (passphrase->secret || !PKCS12_verify_mac(pkcs12, NULL, 0)))
        return fail_locked(passphrase, err);
    if (PKCS12_parse(pkcs12, text, &made->key, &made->leaf, &made->chain))
        return made->leaf && made->key
                   ? ACSMTP_OK
                   : acsmtp_fail(err, ACSMTP_CONFIG,
                                 "the PKCS#12 file lacks a certificate or its private key");
    if (is_legacy())
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "the PKCS#12 file is encrypted with an outdated cipher; write it anew "
                           "with 'openssl pkcs12 -legacy -in FILE | openssl pkcs12 -export'");
    return acsmtp_fail(err, ACSMTP_CONFIG, "the PKCS#12 file cannot be read");
}

static int read_pkcs12(struct acsmtp_certificate *made, const struct acsmtp_secret *file,
                       struct passphrase *passphrase, struct acsmtp_error *err)
{
    const unsigned char *bytes = (const unsigned char *)acsmtp_secret_data(file);
    PKCS12 *pkcs12 = d2i_PKCS12(NULL, &bytes, (long)acsmtp_secret_size(file));
    int status;

    if (!pkcs12)
        return acsmtp_fail(err, ACSMTP_CONFIG, "the file is neither PEM nor PKCS#12");
    status = open_pkcs12(made, pkcs12, passphrase, err);
    PKCS12_free(pkcs12);
    return status;
}

/* ---- both ---- */

static int check(const struct acsmtp_certificate *made, struct acsmtp_error *err)
{
    if (X509_check_private_key(made->leaf, made->key) != 1)
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "the private key does not belong to the first certificate of the file");
    if (EVP_PKEY_get_base_id(made->key) != EVP_PKEY_RSA)
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "the private key is not an RSA key; Microsoft Entra takes no other");
    if (EVP_PKEY_get_bits(made->key) < KEY_BITS_MIN)
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "the private key has %d bits; at least %d are needed",
                           EVP_PKEY_get_bits(made->key), KEY_BITS_MIN);
    return ACSMTP_OK;
}

static int read_file(struct acsmtp_certificate *made, const struct acsmtp_secret *file,
                     const struct acsmtp_secret *secret, struct acsmtp_error *err)
{
    struct passphrase passphrase = {secret, 0};
    int status = strstr(acsmtp_secret_data(file), "-----BEGIN ")
                     ? read_pem(made, file, &passphrase, err)
                     : read_pkcs12(made, file, &passphrase, err);

    return status == ACSMTP_OK ? check(made, err) : status;
}

struct acsmtp_certificate *acsmtp_certificate_parse(const struct acsmtp_secret *file,
                                                    const struct acsmtp_secret *passphrase,
                                                    struct acsmtp_error *err)
{
    struct acsmtp_certificate *made = calloc(1, sizeof *made);
    int status;

    if (!made) {
        (void)acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
        return NULL;
    }
    status = acsmtp_secret_size(file) > 0
                 ? read_file(made, file, passphrase, err)
                 : acsmtp_fail(err, ACSMTP_CONFIG, "the certificate file is empty");
    ERR_clear_error();
    if (status == ACSMTP_OK)
        return made;
    acsmtp_certificate_free(made);
    return NULL;
}

void acsmtp_certificate_free(struct acsmtp_certificate *certificate)
{
    if (!certificate)
        return;
    EVP_PKEY_free(certificate->key);
    X509_free(certificate->leaf);
    sk_X509_pop_free(certificate->chain, X509_free);
    free(certificate);
}

static int64_t seconds_of(const ASN1_TIME *when)
{
    struct tm parts;

    return ASN1_TIME_to_tm(when, &parts) ? (int64_t)timegm(&parts) : 0;
}

int64_t acsmtp_certificate_not_before(const struct acsmtp_certificate *certificate)
{
    return seconds_of(X509_get0_notBefore(certificate->leaf));
}

int64_t acsmtp_certificate_not_after(const struct acsmtp_certificate *certificate)
{
    return seconds_of(X509_get0_notAfter(certificate->leaf));
}
