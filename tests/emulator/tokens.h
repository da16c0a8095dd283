/* SPDX-License-Identifier: MIT */
/* Signs the access tokens of the emulated tenant and verifies those that come back. */
#ifndef EMULATOR_TOKENS_H
#define EMULATOR_TOKENS_H

#include <json-c/json.h>
#include <stddef.h>
#include <stdint.h>

struct tokens {
    char *private_pem;
    char *public_pem;
    char key_id[48];
    char *modulus; /* base64url, for the JWKS */
    char *exponent;
};

struct token_claims {
    const char *tenant;
    const char *audience;
    const char *client_id;
    const char *object_id;
    const char *identity_resource; /* of a managed identity, else NULL */
    const char *user_name;         /* of a person who signed in, else NULL */
    int64_t expires_in;
    int64_t claims_not_before; /* of a claims challenge that was passed on, else 0 */
};

/* A token of somebody else, as far as its claims go. */
struct tokens_plain {
    const char *issuer;
    const char *subject;
    const char *audience;
    int64_t expires_in;
};

/* A reason of tokens_verify() that callers tell from the others. */
#define TOKEN_EXPIRED "the token is expired"

int tokens_init(struct tokens *tokens);
void tokens_release(struct tokens *tokens);
/* free() the result; NULL when memory ran out. */
char *tokens_issue(const struct tokens *tokens, const struct token_claims *claims);
/* The same, signed with the same key. */
char *tokens_issue_plain(const struct tokens *tokens, const struct tokens_plain *plain);
/* The claims of a token whose signature is ours and which is valid now; the caller puts them.
 * Otherwise NULL, and why says what is wrong. Audience and tenant are the caller's business. */
struct json_object *tokens_verify(const struct tokens *tokens, const char *token, const char **why);
#endif
