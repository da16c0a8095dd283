/* SPDX-License-Identifier: MIT */
/* Makes the authority and the server certificates at start; nothing outlives the process but the
 * public certificate of the authority. P-256 keys, because they are made in no time. */
#include "pki.h"

#include "text.h"

#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A wildcard needs two labels behind it, hence no "*.localhost". The real names let unmodified
 * tools reach the emulator through a CONNECT proxy. */
#define GOOD_NAMES                                                                                 \
    "DNS:localhost,IP:127.0.0.1,DNS:vault.localhost,DNS:*.vault.localhost,DNS:login.localhost,"    \
    "DNS:management.localhost,DNS:graph.localhost,DNS:smtp.localhost,DNS:smtp.azurecomm.net,"      \
    "DNS:login.microsoftonline.com,DNS:login.windows.net,DNS:management.azure.com,"                \
    "DNS:graph.microsoft.com,DNS:*.vault.azure.net"

enum { DAY = 24 * 3600 };

struct authority {
    EVP_PKEY *key;
    X509 *certificate;
};

struct profile {
    const char *common_name;
    const char *alternative_names; /* NULL makes an authority */
    long from, to;                 /* seconds from now */
};

static bool add_extension(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_nconf_nid(NULL, &context, nid, value);
    bool added = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return added;
}

static bool add_extensions(X509 *certificate, X509 *issuer, const struct profile *profile)
{
    bool good = add_extension(certificate, issuer, NID_subject_key_identifier, "hash");
    if (profile->alternative_names == NULL) {
        return good &&
               add_extension(certificate, issuer, NID_basic_constraints, "critical,CA:TRUE") &&
               add_extension(certificate, issuer, NID_key_usage, "critical,keyCertSign,cRLSign");
    }
    return good && add_extension(certificate, issuer, NID_authority_key_identifier, "keyid") &&
           add_extension(certificate, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
           add_extension(certificate, issuer, NID_key_usage, "critical,digitalSignature") &&
           add_extension(certificate, issuer, NID_ext_key_usage, "serverAuth") &&
           add_extension(certificate, issuer, NID_subject_alt_name, profile->alternative_names);
}

static bool set_serial(X509 *certificate)
{
    unsigned char bytes[16];
    BIGNUM *number = NULL;
    bool good = RAND_bytes(bytes, sizeof(bytes)) == 1;
    bytes[0] &= 0x7f;
    number = good ? BN_bin2bn(bytes, sizeof(bytes), NULL) : NULL;
    good = number != NULL && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != NULL;
    BN_free(number);
    return good;
}

static bool fill(X509 *certificate, const struct profile *profile, EVP_PKEY *key, X509 *issuer)
{
    X509_NAME *name = X509_get_subject_name(certificate);
    return X509_set_version(certificate, X509_VERSION_3) == 1 && set_serial(certificate) &&
           X509_gmtime_adj(X509_getm_notBefore(certificate), profile->from) != NULL &&
           X509_gmtime_adj(X509_getm_notAfter(certificate), profile->to) != NULL &&
           X509_set_pubkey(certificate, key) == 1 &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                      (const unsigned char *)profile->common_name, -1, -1,
                                      0) == 1 &&
           X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1 &&
           add_extensions(certificate, issuer, profile);
}

/* issuer NULL: signed by itself. */
static X509 *make_certificate(const struct profile *profile, EVP_PKEY *key,
                              const struct authority *issuer)
{
    X509 *certificate = key == NULL ? NULL : X509_new();
    if (certificate == NULL ||
        !fill(certificate, profile, key, issuer == NULL ? certificate : issuer->certificate) ||
        X509_sign(certificate, issuer == NULL ? key : issuer->key, EVP_sha256()) <= 0) {
        X509_free(certificate);
        return NULL;
    }
    return certificate;
}

static bool make_authority(struct authority *authority, const char *name)
{
    struct profile profile = {.common_name = name, .from = -DAY, .to = 30L * DAY};
    authority->key = EVP_EC_gen("P-256");
    authority->certificate = make_certificate(&profile, authority->key, NULL);
    return authority->certificate != NULL;
}

static void release_authority(struct authority *authority)
{
    X509_free(authority->certificate);
    EVP_PKEY_free(authority->key);
}

static char *pem_of(X509 *certificate, EVP_PKEY *key)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *data = NULL;
    char *copy = NULL;
    if (bio != NULL && (certificate == NULL || PEM_write_bio_X509(bio, certificate) == 1) &&
        (key == NULL || PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1)) {
        long length = BIO_get_mem_data(bio, &data);
        copy = length > 0 ? strndup(data, (size_t)length) : NULL;
    }
    BIO_free(bio);
    return copy;
}

static SSL_CTX *make_context(X509 *certificate, EVP_PKEY *key)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (context == NULL || certificate == NULL ||
        SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1 ||
        SSL_CTX_use_certificate(context, certificate) != 1 ||
        SSL_CTX_use_PrivateKey(context, key) != 1) {
        SSL_CTX_free(context);
        return NULL;
    }
    /* A client that hangs up without close_notify is a client that hangs up. */
    SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_mode(context, SSL_MODE_AUTO_RETRY | SSL_MODE_RELEASE_BUFFERS);
    return context;
}

static bool make_servers(struct pki *pki, const struct authority *authority,
                         const struct authority *other, EVP_PKEY *key)
{
    static const struct profile profiles[PKI_CERTIFICATES] = {
        [PKI_GOOD] = {"localhost", GOOD_NAMES, -DAY, 30L * DAY},
        [PKI_OTHER_CA] = {"localhost", GOOD_NAMES, -DAY, 30L * DAY},
        [PKI_WRONG_NAME] = {"elsewhere.invalid", "DNS:elsewhere.invalid", -DAY, 30L * DAY},
        [PKI_EXPIRED] = {"localhost", GOOD_NAMES, -2L * DAY, -DAY},
    };
    for (int i = 0; i < PKI_CERTIFICATES; i++) {
        X509 *certificate =
            make_certificate(&profiles[i], key, i == PKI_OTHER_CA ? other : authority);
        pki->smtp[i] = make_context(certificate, key);
        if (i == PKI_GOOD && certificate != NULL) {
            pki->https_certificate_pem = pem_of(certificate, NULL);
            pki->https_key_pem = pem_of(NULL, key);
        }
        X509_free(certificate);
        if (pki->smtp[i] == NULL) {
            return false;
        }
    }
    return pki->https_certificate_pem != NULL && pki->https_key_pem != NULL;
}

/* Service Fabric's endpoint shows a certificate that no authority vouches for. */
static bool make_self_signed(struct pki *pki, EVP_PKEY *key)
{
    static const struct profile profile = {"service fabric", "DNS:elsewhere.invalid", -DAY,
                                           30L * DAY};
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    X509 *certificate = make_certificate(&profile, key, NULL);
    bool good = certificate != NULL && X509_digest(certificate, EVP_sha1(), digest, &length) == 1;
    for (unsigned i = 0; good && i < length && i < 20; i++) {
        snprintf(pki->self_signed_sha1 + 2 * (size_t)i, 3, "%02X", digest[i]);
    }
    pki->self_signed_pem = good ? pem_of(certificate, NULL) : NULL;
    X509_free(certificate);
    return pki->self_signed_pem != NULL;
}

int pki_init(struct pki *pki)
{
    *pki = (struct pki){.ca_pem = NULL};
    struct authority authority = {NULL, NULL};
    struct authority other = {NULL, NULL};
    EVP_PKEY *key = EVP_EC_gen("P-256");
    bool good = key != NULL && make_authority(&authority, "acsmtp emulator CA") &&
                make_authority(&other, "some other CA") &&
                make_servers(pki, &authority, &other, key) && make_self_signed(pki, key);
    if (good) {
        pki->ca_pem = pem_of(authority.certificate, NULL);
    }
    release_authority(&authority);
    release_authority(&other);
    EVP_PKEY_free(key);
    return good && pki->ca_pem != NULL ? 0 : -1;
}

void pki_release(struct pki *pki)
{
    free(pki->ca_pem);
    free(pki->https_certificate_pem);
    free(pki->self_signed_pem);
    if (pki->https_key_pem != NULL) {
        OPENSSL_cleanse(pki->https_key_pem, strlen(pki->https_key_pem));
    }
    free(pki->https_key_pem);
    for (int i = 0; i < PKI_CERTIFICATES; i++) {
        SSL_CTX_free(pki->smtp[i]);
    }
}

enum pki_certificate pki_by_name(const char *name)
{
    static const char *const names[PKI_CERTIFICATES] = {
        [PKI_OTHER_CA] = "other-ca", [PKI_WRONG_NAME] = "wrong-name", [PKI_EXPIRED] = "expired"};
    for (int i = PKI_GOOD + 1; i < PKI_CERTIFICATES; i++) {
        if (strcmp(names[i], name) == 0) {
            return (enum pki_certificate)i;
        }
    }
    return PKI_GOOD;
}
