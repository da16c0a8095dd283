/* SPDX-License-Identifier: MIT */
/* Tokens of other issuers; see federation.h. */
#include "federation.h"

#include "text.h"
#include "tree.h"

#include <string.h>
#include <strings.h>

enum { CLAIMS_MAXIMUM = 16 * 1024 };

/* UNVERIFIED: the numbers 700211 to 700213 are not on the page of AADSTS codes. */
enum refusal {
    GOOD = 0,
    BAD_SIGNATURE = 50013,
    OUTSIDE_TIME = 700024,
    NO_ISSUER = 700211,
    NO_AUDIENCE = 700212,
    NO_SUBJECT = 700213,
};

bool federation_applies(const char *assertion, const char *client_id)
{
    const char *first = strchr(assertion, '.');
    const char *second = first == NULL ? NULL : strchr(first + 1, '.');
    struct text text;
    text_init(&text, CLAIMS_MAXIMUM);
    struct json_object *claims = NULL;
    if (second != NULL &&
        text_add_unbase64url(&text, first + 1, (size_t)(second - first - 1)) == 0) {
        claims = tree_parse(text_string(&text), text.length);
    }
    bool applies =
        claims != NULL && strcasecmp(tree_string(claims, "iss", client_id), client_id) != 0;
    json_object_put(claims);
    text_release(&text);
    return applies;
}

static bool same(struct json_object *claims, const char *claim, struct json_object *credential,
                 const char *member)
{
    return strcmp(tree_string(claims, claim, ""), tree_string(credential, member, "-")) == 0;
}

/* The refusal of the credential that fits best. */
static enum refusal match(struct json_object *application, struct json_object *claims)
{
    enum refusal refusal = NO_ISSUER;
    struct json_object *credentials = tree_get(application, "federated", NULL);
    for (struct lh_entry *each = tree_first(credentials); each != NULL; each = each->next) {
        struct json_object *credential = tree_value(each);
        if (!same(claims, "iss", credential, "issuer")) {
            continue;
        }
        if (!same(claims, "sub", credential, "subject")) {
            refusal = NO_SUBJECT;
        } else if (!same(claims, "aud", credential, "audience")) {
            refusal = NO_AUDIENCE;
        } else {
            return GOOD;
        }
    }
    return refusal;
}

int federation_check(const struct tokens *tokens, struct json_object *application,
                     const char *assertion)
{
    const char *why = "";
    struct json_object *claims = tokens_verify(tokens, assertion, &why);
    if (claims == NULL) {
        return strcmp(why, TOKEN_EXPIRED) == 0 ? OUTSIDE_TIME : BAD_SIGNATURE;
    }
    enum refusal refusal = match(application, claims);
    json_object_put(claims);
    return refusal;
}

const char *federation_words(int number)
{
    switch (number) {
    case NO_ISSUER:
        return "No matching federated identity record found for presented assertion issuer. Please "
               "check your federated identity credential Subject, Audience and Issuer against the "
               "presented assertion.";
    case NO_AUDIENCE:
        return "No matching federated identity record found for presented assertion audience. "
               "Please check your federated identity credential Subject, Audience and Issuer "
               "against the presented assertion.";
    case NO_SUBJECT:
        return "No matching federated identity record found for presented assertion subject. "
               "Please check your federated identity credential Subject, Audience and Issuer "
               "against the presented assertion.";
    case OUTSIDE_TIME:
        return "Client assertion is not within its valid time range.";
    default:
        return "Assertion failed signature validation.";
    }
}

char *federation_issue(const struct tokens *tokens, struct json_object *application,
                       const char *credential, int64_t expires_in)
{
    struct json_object *found = tree_get(application, "federated", credential, NULL);
    if (found == NULL) {
        return NULL;
    }
    struct tokens_plain plain = {
        .issuer = tree_string(found, "issuer", ""),
        .subject = tree_string(found, "subject", ""),
        .audience = tree_string(found, "audience", ""),
        .expires_in = expires_in,
    };
    return tokens_issue_plain(tokens, &plain);
}
