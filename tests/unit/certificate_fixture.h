/* SPDX-License-Identifier: MIT */
/* Keys, certificates and the files they come in, made anew with OpenSSL for a test. */
#ifndef CERTIFICATE_FIXTURE_H
#define CERTIFICATE_FIXTURE_H

#include <CUnit/CUnit.h>
#include <acsmtp/secret.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#define FIXTURE_PASSPHRASE "correct horse"

static inline X509 *fixture_certificate(EVP_PKEY *key)
{
    X509 *x509 = X509_new();

    (void)X509_set_version(x509, X509_VERSION_3);
    (void)ASN1_INTEGER_set(X509_get_serialNumber(x509), 7);
    (void)X509_gmtime_adj(X509_getm_notBefore(x509), 0);
    (void)X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
    (void)X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_ASC,
                                     (const unsigned char *)"acsmtp test", -1, -1, 0);
    (void)X509_set_issuer_name(x509, X509_get_subject_name(x509));
    (void)X509_set_pubkey(x509, key);
    CU_ASSERT_FATAL(X509_sign(x509, key, EVP_sha256()) > 0);
    return x509;
}

/* What was written to `bio`, which is freed. */
static inline struct acsmtp_secret *fixture_file(BIO *bio)
{
    char *bytes = NULL;
    long size = BIO_get_mem_data(bio, &bytes);
    struct acsmtp_secret *file = acsmtp_secret_new(bytes, (size_t)size, NULL);

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    BIO_free(bio);
    return file;
}

/* The key, encrypted when there is a passphrase, then the certificates. */
static inline struct acsmtp_secret *fixture_pem(EVP_PKEY *key, X509 *leaf, X509 *issuer,
                                                const char *passphrase)
{
    BIO *bio = BIO_new(BIO_s_mem());

    if (key)
        CU_ASSERT_FATAL(PEM_write_bio_PKCS8PrivateKey(
                            bio, key, passphrase ? EVP_aes_256_cbc() : NULL, passphrase,
                            passphrase ? (int)strlen(passphrase) : 0, NULL, NULL) == 1);
    if (leaf)
        CU_ASSERT_FATAL(PEM_write_bio_X509(bio, leaf) == 1);
    if (issuer)
        CU_ASSERT_FATAL(PEM_write_bio_X509(bio, issuer) == 1);
    return fixture_file(bio);
}

static inline struct acsmtp_secret *fixture_pkcs12(EVP_PKEY *key, X509 *leaf, X509 *issuer,
                                                   const char *passphrase)
{
    STACK_OF(X509) *chain = sk_X509_new_null();
    BIO *bio = BIO_new(BIO_s_mem());
    PKCS12 *pkcs12;

    if (issuer)
        (void)sk_X509_push(chain, issuer);
    pkcs12 = PKCS12_create(passphrase, "acsmtp", key, leaf, chain, 0, 0, 0, 0, 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(pkcs12);
    CU_ASSERT_FATAL(i2d_PKCS12_bio(bio, pkcs12) == 1);
    PKCS12_free(pkcs12);
    sk_X509_free(chain);
    return fixture_file(bio);
}

#endif
