/* SPDX-License-Identifier: MIT */
/* Client assertions: RS256 with x5t and PS256 with x5t#S256, checked against the certificates that
 * are registered on the application. OpenSSL verifies, because libjwt 1.10 has no PS256. */
#include "entra.h"
#include "text.h"
#include "tree.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum { ASSERTION_MAXIMUM = 16 * 1024 };

enum refusal { GOOD = 0, BAD_ASSERTION = 50013, OUTSIDE_TIME = 700024, NO_CERTIFICATE = 700027 };

struct assertion {
    const char *signed_part;
    size_t signed_length;
    struct json_object *header;
    struct json_object *claims;
    struct text signature;
};

static struct json_object *decode_json(const char *data, size_t length)
{
    struct text out;
    text_init(&out, ASSERTION_MAXIMUM);
    struct json_object *json = NULL;
    if (text_add_unbase64url(&out, data, length) == 0) {
        json = tree_parse(text_string(&out), out.length);
    }
    text_release(&out);
    return json;
}

static bool parse(struct assertion *assertion, const char *text)
{
    const char *first = strchr(text, '.');
    const char *second = first == NULL ? NULL : strchr(first + 1, '.');
    if (second == NULL || strlen(text) > ASSERTION_MAXIMUM) {
        return false;
    }
    assertion->signed_part = text;
    assertion->signed_length = (size_t)(second - text);
    assertion->header = decode_json(text, (size_t)(first - text));
    assertion->claims = decode_json(first + 1, (size_t)(second - first - 1));
    return assertion->header != NULL && assertion->claims != NULL &&
           text_add_unbase64url(&assertion->signature, second + 1, strlen(second + 1)) == 0;
}

static X509 *load(const char *pem)
{
    BIO *bio = BIO_new_mem_buf(pem, -1);
    X509 *certificate = bio == NULL ? NULL : PEM_read_bio_X509(bio, NULL, NULL, NULL);
    BIO_free(bio);
    return certificate;
}

/* MSAL Go writes the thumbprint as padded base64, everybody else as base64url: Entra takes both. */
static bool thumbprint_is(X509 *certificate, const EVP_MD *digest, const char *thumbprint)
{
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    struct text url;
    struct text standard;
    text_init(&url, 128);
    text_init(&standard, 128);
    bool same = false;
    if (thumbprint != NULL && X509_digest(certificate, digest, bytes, &length) == 1) {
        text_add_base64url(&url, bytes, length);
        text_add_base64(&standard, bytes, length);
        same = strcmp(text_string(&url), thumbprint) == 0 ||
               strcmp(text_string(&standard), thumbprint) == 0;
    }
    text_release(&url);
    text_release(&standard);
    return same;
}

static X509 *find_certificate(struct json_object *application, struct json_object *header)
{
    struct json_object *certificates = tree_get(application, "certificates", NULL);
    for (struct lh_entry *each = tree_first(certificates); each != NULL; each = each->next) {
        struct json_object *pem = tree_value(each);
        X509 *certificate = load(json_object_get_string(pem));
        if (certificate != NULL &&
            (thumbprint_is(certificate, EVP_sha256(), tree_string(header, "x5t#S256", NULL)) ||
             thumbprint_is(certificate, EVP_sha1(), tree_string(header, "x5t", NULL)))) {
            return certificate;
        }
        X509_free(certificate);
    }
    return NULL;
}

static bool verify(const struct assertion *assertion, X509 *certificate)
{
    const char *algorithm = tree_string(assertion->header, "alg", "");
    bool pss = strcmp(algorithm, "PS256") == 0;
    EVP_PKEY *key = X509_get0_pubkey(certificate);
    if ((!pss && strcmp(algorithm, "RS256") != 0) || EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA) {
        return false;
    }
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *parameters = NULL;
    bool good =
        context != NULL &&
        EVP_DigestVerifyInit(context, &parameters, EVP_sha256(), NULL, key) == 1 &&
        (!pss || (EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1 &&
                  EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) == 1)) &&
        EVP_DigestVerify(context, (const unsigned char *)text_string(&assertion->signature),
                         assertion->signature.length, (const unsigned char *)assertion->signed_part,
                         assertion->signed_length) == 1;
    EVP_MD_CTX_free(context);
    return good;
}

static enum refusal check_claims(struct json_object *claims, const char *client,
                                 const char *const *audiences)
{
    const char *audience = tree_string(claims, "aud", "");
    while (*audiences != NULL && strcasecmp(*audiences, audience) != 0) {
        audiences++;
    }
    if (*audiences == NULL || strcasecmp(tree_string(claims, "iss", ""), client) != 0 ||
        strcasecmp(tree_string(claims, "sub", ""), client) != 0 ||
        tree_string(claims, "jti", NULL) == NULL) {
        return BAD_ASSERTION;
    }
    int64_t now = time(NULL);
    int64_t expires = tree_int(claims, "exp", 0);
    /* UNVERIFIED how long an assertion may live and how much skew is forgiven. */
    return expires <= now || expires > now + 24L * 3600 || tree_int(claims, "nbf", 0) > now + 300
               ? OUTSIDE_TIME
               : GOOD;
}

int entra_check_assertion(struct json_object *application, const char *text,
                          const char *const *audiences)
{
    struct assertion assertion = {.signed_part = NULL};
    text_init(&assertion.signature, ASSERTION_MAXIMUM);
    enum refusal refusal = BAD_ASSERTION;
    if (parse(&assertion, text)) {
        X509 *certificate = find_certificate(application, assertion.header);
        if (certificate == NULL) {
            refusal = NO_CERTIFICATE;
        } else if (verify(&assertion, certificate)) {
            refusal = check_claims(assertion.claims, tree_string(application, "client_id", ""),
                                   audiences);
        }
        X509_free(certificate);
    }
    json_object_put(assertion.header);
    json_object_put(assertion.claims);
    text_release(&assertion.signature);
    return refusal;
}
