/* SPDX-License-Identifier: MIT */
/* From the body of a write into the state, member by member; see graph.h. */
#include "graph.h"
#include "tree.h"

#include <stdio.h>
#include <string.h>

enum { STRING_MAXIMUM = 1024, STRINGS_MAXIMUM = 100 };

static bool is_good_string(struct json_object *value)
{
    return json_object_is_type(value, json_type_string) &&
           json_object_get_string_len(value) <= STRING_MAXIMUM;
}

static bool is_good(const struct graph_member *member, struct json_object *value)
{
    if (!json_object_is_type(value, member->type)) {
        return false;
    }
    if (member->type == json_type_string) {
        char choice[STRING_MAXIMUM + 3];
        snprintf(choice, sizeof(choice), "|%s|", json_object_get_string(value));
        return is_good_string(value) &&
               (member->values == NULL || strstr(member->values, choice) != NULL);
    }
    if (member->type == json_type_array && member->key == NULL) {
        return json_object_array_length(value) == 0; /* a list of what the emulator keeps none of */
    }
    if (member->type == json_type_array) {
        size_t count = json_object_array_length(value);
        for (size_t i = 0; i < count; i++) {
            if (!is_good_string(json_object_array_get_idx(value, i))) {
                return false;
            }
        }
        return count <= STRINGS_MAXIMUM;
    }
    return true;
}

static const struct graph_member *find(const struct graph_member *allowed, const char *name)
{
    while (allowed->name != NULL && strcmp(allowed->name, name) != 0) {
        allowed++;
    }
    return allowed->name == NULL ? NULL : allowed;
}

/* UNVERIFIED words of both refusals */
static bool check(struct graph_call *call, const struct graph_member *known, const char *name,
                  struct json_object *value)
{
    char message[512];
    if (known == NULL) {
        snprintf(message, sizeof(message),
                 "Property '%.100s' does not exist as a declared property or extension property.",
                 name);
    } else if (value != NULL && !is_good(known, value)) {
        snprintf(message, sizeof(message), "Invalid value specified for property '%.100s'.", name);
    } else {
        return true;
    }
    graph_error(call, 400, "Request_BadRequest", message);
    return false;
}

bool graph_store_body(struct graph_call *call, const struct graph_member *allowed,
                      struct json_object *member)
{
    for (struct lh_entry *each = tree_first(call->body); each != NULL; each = each->next) {
        const char *name = tree_key(each);
        struct json_object *value = tree_value(each);
        const struct graph_member *known = find(allowed, name);
        if (name[0] == '@') {
            continue; /* an annotation, such as @odata.type */
        }
        if (!check(call, known, name, value)) {
            return false;
        }
        if (known->key == NULL) {
            continue;
        }
        if (value == NULL) {
            json_object_object_del(member, known->key);
        } else {
            json_object_object_add(member, known->key, tree_dup(value));
        }
    }
    return true;
}
