/* SPDX-License-Identifier: MIT */
/* RS256 access tokens in the v1.0 format, which first-party resources such as ACS and Key Vault
 * use whichever endpoint issued them; see tokens.h. */
#include "tokens.h"

#include "claims.h"
#include "text.h"
#include "tree.h"

#include <jwt.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { KEY_BITS = 2048 };

static char *take_bio(BIO *bio)
{
    char *data = NULL;
    long length = BIO_get_mem_data(bio, &data);
    char *copy = length > 0 ? strndup(data, (size_t)length) : NULL;
    BIO_free(bio);
    return copy;
}

static char *number_base64url(EVP_PKEY *key, const char *name)
{
    BIGNUM *number = NULL;
    unsigned char bytes[KEY_BITS / 8];
    struct text out;
    text_init(&out, 2 * sizeof(bytes));
    if (EVP_PKEY_get_bn_param(key, name, &number) == 1) {
        text_add_base64url(&out, bytes, (size_t)BN_bn2bin(number, bytes));
    }
    BN_free(number);
    return out.data;
}

int tokens_init(struct tokens *tokens)
{
    *tokens = (struct tokens){.private_pem = NULL};
    EVP_PKEY *key = EVP_RSA_gen(KEY_BITS);
    BIO *private_bio = BIO_new(BIO_s_mem());
    BIO *public_bio = BIO_new(BIO_s_mem());
    if (key != NULL && private_bio != NULL && public_bio != NULL &&
        PEM_write_bio_PrivateKey(private_bio, key, NULL, NULL, 0, NULL, NULL) == 1 &&
        PEM_write_bio_PUBKEY(public_bio, key) == 1) {
        tokens->modulus = number_base64url(key, OSSL_PKEY_PARAM_RSA_N);
        tokens->exponent = number_base64url(key, OSSL_PKEY_PARAM_RSA_E);
    }
    tokens->private_pem = take_bio(private_bio);
    tokens->public_pem = take_bio(public_bio);
    EVP_PKEY_free(key);
    text_random_hex(tokens->key_id, 40);
    return tokens->private_pem != NULL && tokens->public_pem != NULL && tokens->modulus != NULL &&
                   tokens->exponent != NULL
               ? 0
               : -1;
}

void tokens_release(struct tokens *tokens)
{
    if (tokens->private_pem != NULL) {
        OPENSSL_cleanse(tokens->private_pem, strlen(tokens->private_pem));
    }
    free(tokens->private_pem);
    free(tokens->public_pem);
    free(tokens->modulus);
    free(tokens->exponent);
}

static void add_random_claim(jwt_t *jwt, const char *name, size_t length)
{
    char value[65];
    text_random_hex(value, length);
    jwt_add_grant(jwt, name, value);
}

static void add_claims(jwt_t *jwt, const struct token_claims *claims)
{
    char issuer[128];
    snprintf(issuer, sizeof(issuer), "https://sts.windows.net/%s/", claims->tenant);
    time_t now = time(NULL);
    jwt_add_grant(jwt, "aud", claims->audience);
    jwt_add_grant(jwt, "iss", issuer);
    /* Entra dates tokens back five minutes against clocks that run slow. */
    jwt_add_grant_int(jwt, "iat", (long)now - 300);
    jwt_add_grant_int(jwt, "nbf", (long)now - 300);
    jwt_add_grant_int(jwt, "exp", (long)(now + claims->expires_in));
    add_random_claim(jwt, "aio", 48);
    jwt_add_grant(jwt, "appid", claims->client_id);
    const char *proof = claims->identity_resource != NULL ? "2" : "1";
    jwt_add_grant(jwt, "appidacr", claims->user_name != NULL ? "0" : proof);
    jwt_add_grant(jwt, "idp", issuer);
    jwt_add_grant(jwt, "idtyp", claims->user_name != NULL ? "user" : "app");
    if (claims->user_name != NULL) {
        jwt_add_grant(jwt, "upn", claims->user_name);
        jwt_add_grant(jwt, "scp", "user_impersonation");
    }
    jwt_add_grant(jwt, "oid", claims->object_id);
    add_random_claim(jwt, "rh", 64);
    jwt_add_grant(jwt, "sub", claims->object_id);
    jwt_add_grant(jwt, "tid", claims->tenant);
    add_random_claim(jwt, "uti", 22);
    jwt_add_grant(jwt, "ver", "1.0");
    if (claims->claims_not_before > 0) {
        jwt_add_grant_int(jwt, CLAIMS_MARK, (long)claims->claims_not_before);
    }
    if (claims->identity_resource != NULL) {
        jwt_add_grant(jwt, "xms_mirid", claims->identity_resource);
    }
}

static void add_plain(jwt_t *jwt, const struct tokens_plain *plain)
{
    time_t now = time(NULL);
    jwt_add_grant(jwt, "aud", plain->audience);
    jwt_add_grant(jwt, "iss", plain->issuer);
    jwt_add_grant(jwt, "sub", plain->subject);
    jwt_add_grant_int(jwt, "iat", (long)now - 300);
    jwt_add_grant_int(jwt, "nbf", (long)now - 300);
    jwt_add_grant_int(jwt, "exp", (long)(now + plain->expires_in));
    add_random_claim(jwt, "jti", 32);
}

/* NULL when memory ran out. */
static jwt_t *begin(const struct tokens *tokens)
{
    jwt_t *jwt = NULL;
    if (jwt_new(&jwt) != 0) {
        return NULL;
    }
    if (jwt_set_alg(jwt, JWT_ALG_RS256, (const unsigned char *)tokens->private_pem,
                    (int)strlen(tokens->private_pem)) != 0) {
        jwt_free(jwt);
        return NULL;
    }
    jwt_add_header(jwt, "kid", tokens->key_id);
    jwt_add_header(jwt, "x5t", tokens->key_id);
    return jwt;
}

char *tokens_issue(const struct tokens *tokens, const struct token_claims *claims)
{
    jwt_t *jwt = begin(tokens);
    if (jwt == NULL) {
        return NULL;
    }
    add_claims(jwt, claims);
    char *token = jwt_encode_str(jwt);
    jwt_free(jwt);
    return token;
}

char *tokens_issue_plain(const struct tokens *tokens, const struct tokens_plain *plain)
{
    jwt_t *jwt = begin(tokens);
    if (jwt == NULL) {
        return NULL;
    }
    add_plain(jwt, plain);
    char *token = jwt_encode_str(jwt);
    jwt_free(jwt);
    return token;
}

static struct json_object *claims_of(jwt_t *jwt)
{
    char *text = jwt_get_grants_json(jwt, NULL);
    struct json_object *claims = text == NULL ? NULL : tree_parse(text, strlen(text));
    free(text);
    return claims;
}

struct json_object *tokens_verify(const struct tokens *tokens, const char *token, const char **why)
{
    jwt_t *jwt = NULL;
    struct json_object *claims = NULL;
    if (jwt_decode(&jwt, token, (const unsigned char *)tokens->public_pem,
                   (int)strlen(tokens->public_pem)) != 0) {
        *why = "the token is malformed or its signature is not valid";
        return NULL;
    }
    /* Else an HS256 token that uses the public key as its secret would pass. */
    if (jwt_get_alg(jwt) == JWT_ALG_RS256) {
        claims = claims_of(jwt);
    }
    jwt_free(jwt);
    time_t now = time(NULL);
    if (claims == NULL) {
        *why = "the token is not signed with RS256";
    } else if (tree_int(claims, "exp", 0) <= now) {
        *why = TOKEN_EXPIRED;
    } else if (tree_int(claims, "nbf", INT64_MAX) > now) {
        *why = "the token is not valid yet";
    } else {
        return claims;
    }
    json_object_put(claims);
    return NULL;
}
