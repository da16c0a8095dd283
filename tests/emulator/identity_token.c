/* SPDX-License-Identifier: MIT */
/* Managed identities: which one, and its token; see identity_token.h. */
#include "identity_token.h"

#include "tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { LIFETIME = 86399 };

struct json_object *identity_choose(const struct form *parameters,
                                    const struct identity_selector *selectors,
                                    struct json_object *state)
{
    enum directory_selector selector = SELECT_SYSTEM;
    const char *value = NULL;
    size_t seen = 0;
    for (; selectors->parameter != NULL; selectors++) {
        const char *present = form_get(parameters, selectors->parameter);
        if (present != NULL) {
            seen++;
            value = present;
            selector = selectors->selector;
        }
    }
    return seen > 1 ? NULL : directory_identity(state, selector, value);
}

static void set_digits(struct json_object *json, const char *key, int64_t number)
{
    char digits[32];
    snprintf(digits, sizeof(digits), "%lld", (long long)number);
    tree_set_string(json, key, digits);
}

struct json_object *identity_reply(struct emulator *emulator, struct json_object *state,
                                   struct json_object *identity, const char *resource,
                                   const char *service)
{
    int64_t lifetime = faults_take_lifetime(&emulator->faults, service, LIFETIME);
    int64_t now = time(NULL);
    struct token_claims claims = {
        .tenant = tree_string(state, "tenant_id", ""),
        .audience = resource,
        .client_id = tree_string(identity, "client_id", ""),
        .object_id = tree_string(identity, "object_id", ""),
        .identity_resource = tree_string(identity, "resource_id", ""),
        .expires_in = lifetime,
    };
    char *token = tokens_issue(&emulator->tokens, &claims);
    if (token == NULL) {
        return NULL;
    }
    struct json_object *json = json_object_new_object();
    tree_set_string(json, "access_token", token);
    free(token);
    tree_set_string(json, "client_id", claims.client_id);
    tree_set_string(json, "refresh_token", "");
    set_digits(json, "expires_in", lifetime);
    set_digits(json, "expires_on", now + lifetime);
    set_digits(json, "ext_expires_in", lifetime);
    set_digits(json, "not_before", now - 300);
    tree_set_string(json, "resource", resource);
    tree_set_string(json, "token_type", "Bearer");
    return json;
}
