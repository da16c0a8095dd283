/* SPDX-License-Identifier: MIT */
/* Deleted vaults: their secrets wait for recovery until the vault's retention is over, or somebody
 * purges them. Until then nobody can have the name. */
#include "arm_vault.h"
#include "rfc3339.h"
#include "scaled_clock.h"
#include "tree.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define DAY_SECONDS (24LL * 3600)

static int64_t retention_days(struct json_object *resource)
{
    return tree_int(tree_get(resource, "properties", NULL), "softDeleteRetentionInDays", 90);
}

/* What is in the vault, taken out of the state; an empty vault when it never held anything. */
static struct json_object *take_data(struct json_object *tree, const char *name)
{
    char key[RESOURCE_ID_SIZE] = "";
    struct json_object *vaults = tree_get(tree, "vaults", NULL);
    for (struct lh_entry *each = tree_first(vaults); each != NULL; each = each->next) {
        if (strcasecmp(tree_key(each), name) == 0) {
            snprintf(key, sizeof(key), "%s", tree_key(each));
        }
    }
    struct json_object *data = tree_dup(tree_get(vaults, key, NULL));
    json_object_object_del(vaults, key);
    if (data == NULL) {
        data = json_object_new_object();
        tree_set_object(data, "secrets");
    }
    return data;
}

void arm_vault_bury(struct json_object *tree, const char *key, struct json_object *entry,
                    int64_t now)
{
    (void)now;
    const char *name = resources_name(key); /* in lower case, as the key is */
    struct json_object *resource = tree_dup(tree_get(entry, "resource", NULL));
    struct json_object *deleted = tree_set_object(tree_get(tree, "deleted_vaults", NULL), name);
    tree_set_int(deleted, "deleted", time(NULL));
    tree_set_int(deleted, "purge_ms",
                 scaled_clock_after(tree, retention_days(resource) * DAY_SECONDS * 1000));
    json_object_object_add(deleted, "resource", resource);
    json_object_object_add(deleted, "data", take_data(tree, name));
}

struct json_object *arm_vault_deleted(const struct arm_call *call, const char *name)
{
    struct json_object *deleted =
        tree_find_nocase(tree_get(call->tree, "deleted_vaults", NULL), name);
    return tree_int(deleted, "purge_ms", INT64_MAX) <= call->now ? NULL : deleted;
}

void arm_vault_recover(struct arm_call *call, struct json_object *deleted)
{
    char key[RESOURCE_ID_SIZE];
    struct json_object *resource = tree_dup(tree_get(deleted, "resource", NULL));
    const char *name = tree_string(resource, "name", "");
    resources_key(call->path.id, key);
    struct json_object *entry = tree_set_object(tree_get(call->tree, "arm", NULL), key);
    json_object_object_add(entry, "resource", resource);
    json_object_object_add(tree_get(call->tree, "vaults", NULL), name,
                           tree_dup(tree_get(deleted, "data", NULL)));
    resources_key(name, key);
    json_object_object_del(tree_get(call->tree, "deleted_vaults", NULL), key);
    arm_vault_register(call, entry);
    call->entry = entry;
    call->changed = true;
}

static void add_time(struct json_object *json, const char *key, int64_t seconds)
{
    char moment[TEXT_TIME_SIZE];
    rfc3339_format(seconds, moment);
    tree_set_string(json, key, moment);
}

static struct json_object *show(const struct arm_call *call, struct json_object *deleted)
{
    char id[RESOURCE_ID_SIZE];
    struct json_object *resource = tree_get(deleted, "resource", NULL);
    const char *name = tree_string(resource, "name", "");
    const char *location = tree_string(resource, "location", "");
    int64_t since = tree_int(deleted, "deleted", 0);
    struct json_object *json = json_object_new_object();
    snprintf(id, sizeof(id),
             "/subscriptions/%s/providers/Microsoft.KeyVault/locations/%s/deletedVaults/%s",
             tree_string(call->tree, "subscription_id", ""), location, name);
    tree_set_string(json, "id", id);
    tree_set_string(json, "name", name);
    tree_set_string(json, "type", "Microsoft.KeyVault/deletedVaults");
    struct json_object *properties = tree_set_object(json, "properties");
    tree_set_string(properties, "vaultId", tree_string(resource, "id", ""));
    tree_set_string(properties, "location", location);
    json_object_object_add(properties, "tags", tree_dup(tree_get(resource, "tags", NULL)));
    add_time(properties, "deletionDate", since);
    add_time(properties, "scheduledPurgeDate", since + retention_days(resource) * DAY_SECONDS);
    if (tree_bool(tree_get(resource, "properties", NULL), "enablePurgeProtection", false)) {
        tree_set_bool(properties, "purgeProtectionEnabled", true);
    }
    return json;
}

/* The deleted vault that the path names, in the location that the path names; NULL when the reply
 * is a refusal already. */
static struct json_object *find(struct arm_call *call, const char *operation)
{
    char scope[RESOURCE_ID_SIZE];
    snprintf(scope, sizeof(scope), "/subscriptions/%s", call->path.subscription);
    if (!arm_authorize(call, operation, scope)) {
        return NULL;
    }
    struct json_object *deleted = arm_vault_deleted(call, call->path.name);
    if (deleted == NULL ||
        strcasecmp(tree_string(tree_get(deleted, "resource", NULL), "location", ""),
                   resources_name(call->path.parent)) != 0) {
        /* UNVERIFIED code and words */
        arm_error(call, 404, "DeletedVaultNotFound",
                  "The specified deleted vault '%s' does not exist.", call->path.name);
        return NULL;
    }
    return deleted;
}

void arm_vault_get_deleted(struct arm_call *call)
{
    struct json_object *deleted = find(call, "Microsoft.KeyVault/locations/deletedVaults/read");
    if (deleted != NULL) {
        http_reply_json(call->reply, 200, show(call, deleted));
    }
}

void arm_vault_list_deleted(struct arm_call *call)
{
    struct json_object *array = json_object_new_array();
    struct json_object *bin = tree_get(call->tree, "deleted_vaults", NULL);
    for (struct lh_entry *each = tree_first(bin); each != NULL; each = each->next) {
        struct json_object *deleted = tree_value(each);
        if (tree_int(deleted, "purge_ms", INT64_MAX) > call->now) {
            json_object_array_add(array, show(call, deleted));
        }
    }
    arm_reply_list(call, array);
}

void arm_vault_purge(struct arm_call *call)
{
    struct json_object *deleted =
        find(call, "Microsoft.KeyVault/locations/deletedVaults/purge/action");
    if (deleted == NULL) {
        return;
    }
    struct json_object *properties = tree_get(deleted, "resource", "properties", NULL);
    if (tree_bool(properties, "enablePurgeProtection", false)) {
        /* UNVERIFIED status, code and words */
        arm_error(call, 405, "MethodNotAllowed", "Operation \"DeletedVaultPurge\" is not allowed.");
        return;
    }
    int64_t over = arm_lro_act(call, ARM_LRO_LOCATION, arm_vault_switch(call, "vault_purge_ms"));
    if (!tree_bool(deleted, "purging", false)) {
        tree_set_bool(deleted, "purging", true);
        tree_set_int(deleted, "purge_ms", over);
    }
    arm_empty(call, 202);
}
