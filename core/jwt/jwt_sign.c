/* SPDX-License-Identifier: MIT */
/*
 * Signing a JWT. RS256 is libjwt's. libjwt 1.10.2 knows no PS256, so that one is put together here
 * and signed by OpenSSL with the parameters that RFC 7518 section 3.5 asks for: MGF1 with SHA-256
 * and a salt as long as the hash.
 */
#include "certificate_private.h"
#include <acsmtp/json.h>
#include <jwt.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

#define SIGNATURE_MAX 2048 /* of a key of 16384 bits, the largest that OpenSSL takes */

static int fail_signing(struct acsmtp_error *err)
{
    return acsmtp_fail(err, ACSMTP_SYSTEM, "the JWT cannot be signed");
}

/* RFC 4648 section 5, without padding. */
static int append_base64url(struct acsmtp_secret *out, const void *bytes, size_t size,
                            struct acsmtp_error *err)
{
    size_t at = acsmtp_secret_size(out);
    int status = acsmtp_secret_append_base64(out, bytes, size, err);
    char *text = (char *)acsmtp_secret_data(out);

    if (status != ACSMTP_OK)
        return status;
    for (; text[at] && text[at] != '='; at++) {
        if (text[at] == '+')
            text[at] = '-';
        else if (text[at] == '/')
            text[at] = '_';
    }
    acsmtp_secret_truncate(out, at);
    return ACSMTP_OK;
}

/* ---- the header ---- */

static struct acsmtp_json *thumbprint(X509 *leaf, const EVP_MD *digest, struct acsmtp_error *err)
{
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    ACSMTP_AUTO_SECRET struct acsmtp_secret *text = acsmtp_secret_new("", 0, err);

    if (!text || X509_digest(leaf, digest, bytes, &size) != 1 ||
        append_base64url(text, bytes, size, err) != ACSMTP_OK)
        return NULL;
    return acsmtp_json_new_string(acsmtp_secret_data(text), err);
}

/* An element of "x5c" is standard base64, with padding (RFC 7515 section 4.1.6). */
static int append_x5c(struct acsmtp_json *array, X509 *x509, struct acsmtp_error *err)
{
    ACSMTP_AUTO_SECRET struct acsmtp_secret *text = acsmtp_secret_new("", 0, err);
    unsigned char *der = NULL;
    int size = i2d_X509(x509, &der);
    int status = text && size > 0 ? acsmtp_secret_append_base64(text, der, (size_t)size, err)
                                  : fail_signing(err);

    OPENSSL_free(der);
    return status == ACSMTP_OK
               ? acsmtp_json_append(array, acsmtp_json_new_string(acsmtp_secret_data(text), err),
                                    err)
               : status;
}

static int add_x5c(struct acsmtp_json *header, const struct acsmtp_certificate *certificate,
                   struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *array = acsmtp_json_new_array(err);
    int status = array ? append_x5c(array, certificate->leaf, err) : ACSMTP_SYSTEM;

    for (int i = 0; status == ACSMTP_OK && i < sk_X509_num(certificate->chain); i++)
        status = append_x5c(array, sk_X509_value(certificate->chain, i), err);
    return status == ACSMTP_OK
               ? acsmtp_json_set(header, "x5c", ACSMTP_STEAL(struct acsmtp_json, array), err)
               : status;
}

static struct acsmtp_json *header_new(const struct acsmtp_certificate *certificate, int algorithm,
                                      uint32_t flags, struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *header = acsmtp_json_new_object(err);
    int is_pss = algorithm == ACSMTP_JWT_PS256;
    int status = header
                     ? acsmtp_json_set(header, "alg",
                                       acsmtp_json_new_string(is_pss ? "PS256" : "RS256", err), err)
                     : ACSMTP_SYSTEM;

    if (status == ACSMTP_OK)
        status = acsmtp_json_set(header, "typ", acsmtp_json_new_string("JWT", err), err);
    if (status == ACSMTP_OK)
        status = acsmtp_json_set(
            header, is_pss ? "x5t#S256" : "x5t",
            thumbprint(certificate->leaf, is_pss ? EVP_sha256() : EVP_sha1(), err), err);
    if (status == ACSMTP_OK && (flags & ACSMTP_JWT_CHAIN))
        status = add_x5c(header, certificate, err);
    return status == ACSMTP_OK ? ACSMTP_STEAL(struct acsmtp_json, header) : NULL;
}

/* ---- PS256 ---- */

static int append_pss_signature(struct acsmtp_secret *jwt, EVP_PKEY *key, struct acsmtp_error *err)
{
    unsigned char signature[SIGNATURE_MAX];
    size_t size = sizeof signature;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *parameters = NULL;
    int is_signed =
        context && EVP_DigestSignInit(context, &parameters, EVP_sha256(), NULL, key) == 1 &&
        EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1 &&
        EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) == 1 &&
        EVP_DigestSign(context, signature, &size, (const unsigned char *)acsmtp_secret_data(jwt),
                       acsmtp_secret_size(jwt)) == 1;
    int status = is_signed ? acsmtp_secret_append(jwt, ".", 1, err) : fail_signing(err);

    EVP_MD_CTX_free(context);
    return status == ACSMTP_OK ? append_base64url(jwt, signature, size, err) : status;
}

static int sign_ps256(const struct acsmtp_certificate *certificate, const char *header,
                      const char *claims, struct acsmtp_secret *jwt, struct acsmtp_error *err)
{
    int status = append_base64url(jwt, header, strlen(header), err);

    if (status == ACSMTP_OK)
        status = acsmtp_secret_append(jwt, ".", 1, err);
    if (status == ACSMTP_OK)
        status = append_base64url(jwt, claims, strlen(claims), err);
    return status == ACSMTP_OK ? append_pss_signature(jwt, certificate->key, err) : status;
}

/* ---- RS256 ---- */

/* libjwt takes a key as PEM only. */
static struct acsmtp_secret *key_pem(EVP_PKEY *key, struct acsmtp_error *err)
{
    BIO *bio = BIO_new(BIO_s_secmem());
    struct acsmtp_secret *pem = NULL;
    char *bytes = NULL;
    long size;

    if (bio && PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1) {
        size = BIO_get_mem_data(bio, &bytes);
        pem = size > 0 ? acsmtp_secret_new(bytes, (size_t)size, err) : NULL;
        if (bytes)
            acsmtp_wipe(bytes, (size_t)size);
    }
    BIO_free(bio);
    if (!pem)
        (void)fail_signing(err);
    return pem;
}

static int sign_rs256(const struct acsmtp_certificate *certificate, const char *header,
                      const char *claims, struct acsmtp_secret *out, struct acsmtp_error *err)
{
    ACSMTP_AUTO_SECRET struct acsmtp_secret *pem = key_pem(certificate->key, err);
    char *text = NULL;
    jwt_t *jwt = NULL;
    int status;

    if (pem && jwt_new(&jwt) == 0 && jwt_add_headers_json(jwt, header) == 0 &&
        jwt_add_grants_json(jwt, claims) == 0 &&
        jwt_set_alg(jwt, JWT_ALG_RS256, (const unsigned char *)acsmtp_secret_data(pem),
                    (int)acsmtp_secret_size(pem)) == 0)
        text = jwt_encode_str(jwt);
    status = text ? acsmtp_secret_append(out, text, strlen(text), err) : fail_signing(err);
    if (text)
        acsmtp_wipe(text, strlen(text));
    free(text);
    jwt_free(jwt);
    return status;
}

/* ---- both ---- */

static int check_claims(const char *claims, struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *object = acsmtp_json_parse(claims, strlen(claims), err);

    if (object && acsmtp_json_type(object) != ACSMTP_JSON_OBJECT)
        return acsmtp_fail(err, ACSMTP_PROTOCOL, "the claims of a JWT must be a JSON object");
    return object ? ACSMTP_OK : ACSMTP_PROTOCOL;
}

struct acsmtp_secret *acsmtp_jwt_sign(const struct acsmtp_certificate *certificate, int algorithm,
                                      uint32_t flags, const char *claims, struct acsmtp_error *err)
{
    ACSMTP_AUTO_SECRET struct acsmtp_secret *jwt = acsmtp_secret_new("", 0, err);
    ACSMTP_AUTO_JSON struct acsmtp_json *header = NULL;
    char *text;
    int status = jwt ? check_claims(claims, err) : ACSMTP_SYSTEM;

    if (status == ACSMTP_OK)
        header = header_new(certificate, algorithm, flags, err);
    text = header ? acsmtp_json_format(header) : NULL;
    if (!text)
        status = fail_signing(err);
    else if (algorithm == ACSMTP_JWT_PS256)
        status = sign_ps256(certificate, text, claims, jwt, err);
    else
        status = sign_rs256(certificate, text, claims, jwt, err);
    free(text);
    return status == ACSMTP_OK ? ACSMTP_STEAL(struct acsmtp_secret, jwt) : NULL;
}
