/* SPDX-License-Identifier: MIT */
/* Claims challenges; see claims.h. */
#include "claims.h"

#include "tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool claims_read(const char *text, int64_t *not_before)
{
    struct json_object *json = tree_parse(text, strlen(text));
    struct json_object *wanted = tree_get(json, "access_token", NULL);
    bool good = json_object_is_type(wanted, json_type_object);
    *not_before = strtoll(tree_string(tree_get(wanted, "nbf", NULL), "value", "0"), NULL, 10);
    json_object_put(json);
    return good;
}

bool claims_satisfied(struct json_object *token, int64_t not_before)
{
    return not_before == 0 || tree_int(token, CLAIMS_MARK, 0) >= not_before;
}

void claims_add_challenge(struct text *out, int64_t not_before)
{
    char json[128];
    int length = snprintf(json, sizeof(json),
                          "{\"access_token\":{\"nbf\":{\"essential\":true,\"value\":\"%lld\"}}}",
                          (long long)not_before);
    text_add_base64(out, json, (size_t)length);
}
