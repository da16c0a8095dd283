/* SPDX-License-Identifier: MIT */
/*
 * Certificates in every form that people have, what is wrong with them, and JWTs that OpenSSL
 * verifies with the certificate's public key.
 */
#include "certificate_fixture.h"
#include "cunit_main.h"
#include <acsmtp/certificate.h>
#include <acsmtp/token.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static EVP_PKEY *key, *other_key;
static X509 *leaf, *issuer;

static void make_keys(void)
{
    key = EVP_RSA_gen(2048);
    other_key = EVP_RSA_gen(2048);
    leaf = fixture_certificate(key);
    issuer = fixture_certificate(other_key);
    CU_ASSERT_PTR_NOT_NULL_FATAL(issuer);
}

static struct acsmtp_certificate *parse(struct acsmtp_secret *file, const char *passphrase,
                                        struct acsmtp_error *err)
{
    struct acsmtp_secret *secret =
        passphrase ? acsmtp_secret_new(passphrase, strlen(passphrase), NULL) : NULL;
    struct acsmtp_certificate *made = acsmtp_certificate_parse(file, secret, err);

    acsmtp_secret_free(secret);
    acsmtp_secret_free(file);
    return made;
}

static void accept(struct acsmtp_secret *file, const char *passphrase)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct acsmtp_certificate *made = parse(file, passphrase, &err);

    CU_ASSERT_STRING_EQUAL(err.message, "");
    CU_ASSERT_PTR_NOT_NULL_FATAL(made);
    CU_ASSERT(acsmtp_certificate_not_before(made) <= time(NULL));
    CU_ASSERT(acsmtp_certificate_not_after(made) > time(NULL) + 3000);
    acsmtp_certificate_free(made);
}

static void refuse(struct acsmtp_secret *file, const char *passphrase, const char *word)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;

    CU_ASSERT_PTR_NULL(parse(file, passphrase, &err));
    CU_ASSERT_EQUAL(err.status, ACSMTP_CONFIG);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.message, word));
    CU_ASSERT_PTR_NULL(strstr(err.message, FIXTURE_PASSPHRASE));
}

static void pem_is_read_in_any_order(void)
{
    struct acsmtp_secret *file = fixture_pem(NULL, leaf, issuer, NULL);
    struct acsmtp_secret *end = fixture_pem(key, NULL, NULL, NULL);

    accept(fixture_pem(key, leaf, NULL, NULL), NULL);
    accept(fixture_pem(key, leaf, issuer, NULL), "not needed");
    CU_ASSERT_EQUAL(
        acsmtp_secret_append(file, acsmtp_secret_data(end), acsmtp_secret_size(end), NULL),
        ACSMTP_OK);
    acsmtp_secret_free(end);
    accept(file, NULL);
}

static void an_encrypted_key_needs_its_passphrase_and_nobody_is_asked(void)
{
    /* Without a terminal OpenSSL would read standard input: nothing there may be taken. */
    int ends[2];

    CU_ASSERT_EQUAL_FATAL(pipe2(ends, O_CLOEXEC), 0);
    CU_ASSERT_EQUAL(write(ends[1], FIXTURE_PASSPHRASE "\n", 14), 14);
    CU_ASSERT(dup2(ends[0], 0) == 0);
    accept(fixture_pem(key, leaf, NULL, FIXTURE_PASSPHRASE), FIXTURE_PASSPHRASE);
    refuse(fixture_pem(key, leaf, NULL, FIXTURE_PASSPHRASE), NULL, "no passphrase is given");
    refuse(fixture_pem(key, leaf, NULL, FIXTURE_PASSPHRASE), "wrong", "does not open");
    (void)close(ends[0]);
    (void)close(ends[1]);
}

static void pkcs12_is_read(void)
{
    accept(fixture_pkcs12(key, leaf, issuer, FIXTURE_PASSPHRASE), FIXTURE_PASSPHRASE);
    accept(fixture_pkcs12(key, leaf, NULL, ""), NULL);
    accept(fixture_pkcs12(key, leaf, NULL, NULL), NULL);
    refuse(fixture_pkcs12(key, leaf, NULL, FIXTURE_PASSPHRASE), NULL, "no passphrase is given");
    refuse(fixture_pkcs12(key, leaf, NULL, FIXTURE_PASSPHRASE), "wrong", "does not open");
}

static void what_cannot_sign_is_refused(void)
{
    EVP_PKEY *small = EVP_RSA_gen(1024), *curve = EVP_EC_gen("P-256");
    X509 *small_leaf = fixture_certificate(small), *curve_leaf = fixture_certificate(curve);

    refuse(fixture_pem(key, NULL, NULL, NULL), NULL, "no certificate");
    refuse(fixture_pem(NULL, leaf, NULL, NULL), NULL, "no private key");
    refuse(fixture_pem(other_key, leaf, NULL, NULL), NULL, "does not belong");
    refuse(fixture_pem(key, issuer, leaf, NULL), NULL, "does not belong");
    refuse(fixture_pem(small, small_leaf, NULL, NULL), NULL, "1024 bits");
    refuse(fixture_pem(curve, curve_leaf, NULL, NULL), NULL, "not an RSA key");
    refuse(acsmtp_secret_new("", 0, NULL), NULL, "empty");
    refuse(acsmtp_secret_new("nonsense", 8, NULL), NULL, "neither PEM nor PKCS#12");
    X509_free(small_leaf);
    X509_free(curve_leaf);
    EVP_PKEY_free(small);
    EVP_PKEY_free(curve);
}

/* ---- signing ---- */

static size_t decode(const char *text, size_t size, unsigned char *bytes, size_t capacity)
{
    char padded[1024] = "";
    size_t used = 0;

    CU_ASSERT_FATAL(size + 3 < sizeof padded && size < capacity);
    for (; used < size; used++)
        padded[used] = text[used] == '-' ? '+' : text[used] == '_' ? '/' : text[used];
    while (used % 4)
        padded[used++] = '=';
    CU_ASSERT_FATAL(EVP_DecodeBlock(bytes, (unsigned char *)padded, (int)used) > 0);
    return size * 3 / 4;
}

static int verifies(const struct acsmtp_secret *jwt, int is_pss)
{
    const char *text = acsmtp_secret_data(jwt), *dot = strrchr(text, '.');
    unsigned char signature[1024];
    size_t size = decode(dot + 1, strlen(dot + 1), signature, sizeof signature);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *parameters = NULL;
    int good = EVP_DigestVerifyInit(context, &parameters, EVP_sha256(), NULL, key) == 1;

    if (is_pss)
        good &= EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1 &&
                EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) == 1;
    good &= EVP_DigestVerify(context, signature, size, (const unsigned char *)text,
                             (size_t)(dot - text)) == 1;
    EVP_MD_CTX_free(context);
    return good;
}

static void check_signed(int algorithm, const char *name, const char *thumbprint, uint32_t flags)
{
    struct acsmtp_certificate *certificate =
        parse(fixture_pem(key, leaf, issuer, NULL), NULL, NULL);
    struct acsmtp_secret *jwt =
        acsmtp_jwt_sign(certificate, algorithm, flags, "{\"iss\":\"me\",\"exp\":99}", NULL);
    struct acsmtp_claims *claims = acsmtp_claims_parse(jwt, NULL);
    const char *json = acsmtp_claims_json(claims);

    CU_ASSERT_PTR_NOT_NULL_FATAL(json);
    CU_ASSERT(verifies(jwt, algorithm == ACSMTP_JWT_PS256));
    CU_ASSERT_STRING_EQUAL(acsmtp_claims_string(claims, "iss"), "me");
    CU_ASSERT_PTR_NOT_NULL(strstr(json, name));
    CU_ASSERT_PTR_NOT_NULL(strstr(json, thumbprint));
    CU_ASSERT_EQUAL(strstr(json, "\"x5c\":[\"MII") != NULL, flags == ACSMTP_JWT_CHAIN);
    acsmtp_claims_free(claims);
    acsmtp_secret_free(jwt);
    acsmtp_certificate_free(certificate);
}

static void ps256_verifies(void)
{
    check_signed(ACSMTP_JWT_PS256, "\"alg\":\"PS256\"", "\"x5t#S256\":\"", 0);
    check_signed(ACSMTP_JWT_PS256, "\"alg\":\"PS256\"", "\"x5t#S256\":\"", ACSMTP_JWT_CHAIN);
}

static void rs256_verifies(void)
{
    check_signed(ACSMTP_JWT_RS256, "\"alg\":\"RS256\"", "\"x5t\":\"", 0);
    check_signed(ACSMTP_JWT_RS256, "\"alg\":\"RS256\"", "\"x5t\":\"", ACSMTP_JWT_CHAIN);
}

static void only_an_object_is_signed(void)
{
    struct acsmtp_certificate *certificate = parse(fixture_pem(key, leaf, NULL, NULL), NULL, NULL);
    struct acsmtp_error err = ACSMTP_ERROR_INIT;

    CU_ASSERT_PTR_NULL(acsmtp_jwt_sign(certificate, ACSMTP_JWT_PS256, 0, "[]", &err));
    CU_ASSERT_EQUAL(err.status, ACSMTP_PROTOCOL);
    CU_ASSERT_PTR_NULL(acsmtp_jwt_sign(certificate, ACSMTP_JWT_RS256, 0, "{", NULL));
    acsmtp_certificate_free(certificate);
}

static void free_keys(void)
{
    X509_free(leaf);
    X509_free(issuer);
    EVP_PKEY_free(key);
    EVP_PKEY_free(other_key);
    acsmtp_certificate_free(NULL);
}

CUNIT_MAIN("certificate", T(make_keys), T(pem_is_read_in_any_order),
           T(an_encrypted_key_needs_its_passphrase_and_nobody_is_asked), T(pkcs12_is_read),
           T(what_cannot_sign_is_refused), T(ps256_verifies), T(rs256_verifies),
           T(only_an_object_is_signed), T(free_keys))
