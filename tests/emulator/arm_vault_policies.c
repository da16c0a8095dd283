/* SPDX-License-Identifier: MIT */
/* PUT of a vault's accessPolicies/add, /replace or /remove: each entry of the body concerns the
 * present policy of the same object. */
#include "arm_vault.h"
#include "tree.h"

#include <stdio.h>
#include <strings.h>

static struct json_object *policy_of(struct json_object *policies, const char *object_id)
{
    for (size_t i = 0; i < json_object_array_length(policies); i++) {
        struct json_object *policy = json_object_array_get_idx(policies, i);
        if (strcasecmp(tree_string(policy, "objectId", ""), object_id) == 0) {
            return policy;
        }
    }
    return NULL;
}

/* Those of `from` that `in` has none for, or that it has one for too. */
static void copy_some(struct json_object *to, struct json_object *from, struct json_object *in,
                      bool shared)
{
    for (size_t i = 0; i < json_object_array_length(from); i++) {
        struct json_object *policy = json_object_array_get_idx(from, i);
        bool present = policy_of(in, tree_string(policy, "objectId", "")) != NULL;
        if (present == shared) {
            json_object_array_add(to, tree_dup(policy));
        }
    }
}

/* The permissions that either list holds. */
static void unite(struct json_object *target, struct json_object *more)
{
    for (struct lh_entry *each = tree_first(more); each != NULL; each = each->next) {
        const char *kind = tree_key(each);
        struct json_object *list = tree_value(each);
        if (!json_object_is_type(list, json_type_array)) {
            continue;
        }
        if (tree_get(target, kind, NULL) == NULL) {
            tree_set_array(target, kind);
        }
        for (size_t i = 0; i < json_object_array_length(list); i++) {
            struct json_object *item = json_object_array_get_idx(list, i);
            if (!tree_has(target, kind, json_object_get_string(item))) {
                json_object_array_add(tree_get(target, kind, NULL), tree_dup(item));
            }
        }
    }
}

static void add_policies(struct json_object *to, struct json_object *present,
                         struct json_object *given)
{
    copy_some(to, present, given, false);
    for (size_t i = 0; i < json_object_array_length(given); i++) {
        struct json_object *policy = tree_dup(json_object_array_get_idx(given, i));
        struct json_object *old = policy_of(present, tree_string(policy, "objectId", ""));
        unite(tree_get(policy, "permissions", NULL), tree_get(old, "permissions", NULL));
        json_object_array_add(to, policy);
    }
}

static void answer(struct arm_call *call, struct json_object *policies)
{
    char id[RESOURCE_ID_SIZE + 32];
    struct json_object *json = json_object_new_object();
    snprintf(id, sizeof(id), "%s/accessPolicies/", call->path.parent);
    tree_set_string(json, "id", id);
    tree_set_string(json, "type", "Microsoft.KeyVault/vaults/accessPolicies");
    json_object_object_add(tree_set_object(json, "properties"), "accessPolicies",
                           tree_dup(policies));
    http_reply_json(call->reply, 200, json);
}

void arm_vault_policies(struct arm_call *call)
{
    struct json_object *given = tree_get(call->body, "properties", "accessPolicies", NULL);
    struct json_object *properties =
        resources_properties(resources_find(call->tree, call->path.parent, call->now));
    const char *kind = call->path.name;
    bool add = strcasecmp(kind, "add") == 0;
    bool replace = strcasecmp(kind, "replace") == 0;
    if (!add && !replace && strcasecmp(kind, "remove") != 0) {
        arm_error(call, 400, "BadRequest", "The operation kind '%.40s' is not valid.", kind);
        return;
    }
    if (!arm_vault_check_policies(call, given)) {
        return;
    }
    struct json_object *present = tree_get(properties, "accessPolicies", NULL);
    if (!json_object_is_type(present, json_type_array)) {
        present = tree_set_array(properties, "accessPolicies");
    }
    struct json_object *next = json_object_new_array();
    if (add) {
        add_policies(next, present, given);
    } else {
        copy_some(next, present, given, false);
    }
    if (replace) {
        for (size_t i = 0; i < json_object_array_length(given); i++) {
            json_object_array_add(next, tree_dup(json_object_array_get_idx(given, i)));
        }
    }
    json_object_object_add(properties, "accessPolicies", next);
    call->changed = true;
    answer(call, next);
}
