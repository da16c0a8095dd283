/* SPDX-License-Identifier: MIT */
/* What Key Vault shows of secrets, and look-ups of them in the state. */
#include "keyvault.h"
#include "tree.h"

#include <stdio.h>

int64_t keyvault_retention_days(const struct keyvault_call *call)
{
    return tree_int(call->properties, "softDeleteRetentionInDays", 90);
}

bool keyvault_is_protected(const struct keyvault_call *call)
{
    return tree_bool(call->properties, "enablePurgeProtection", false);
}

/* The longest retention is the default, any other is a customized one. */
static const char *recovery_level(const struct keyvault_call *call)
{
    bool custom = keyvault_retention_days(call) < 90;
    if (keyvault_is_protected(call)) {
        return custom ? "CustomizedRecoverable" : "Recoverable";
    }
    return custom ? "CustomizedRecoverable+Purgeable" : "Recoverable+Purgeable";
}

static struct json_object *attributes_of(const struct keyvault_call *call,
                                         struct json_object *version)
{
    static const char *const times[] = {"nbf", "exp", NULL};
    struct json_object *json = json_object_new_object();
    tree_set_bool(json, "enabled", tree_bool(version, "enabled", true));
    for (size_t i = 0; times[i] != NULL; i++) {
        int64_t when = tree_int(version, times[i], -1);
        if (when >= 0) {
            tree_set_int(json, times[i], when);
        }
    }
    int64_t created = tree_int(version, "created", 0);
    tree_set_int(json, "created", created);
    tree_set_int(json, "updated", tree_int(version, "updated", created));
    tree_set_string(json, "recoveryLevel", recovery_level(call));
    tree_set_int(json, "recoverableDays", keyvault_retention_days(call));
    return json;
}

struct json_object *keyvault_item(const struct keyvault_call *call, const char *name,
                                  const char *id, struct json_object *version)
{
    char url[640];
    struct json_object *json = json_object_new_object();
    struct json_object *tags = tree_get(version, "tags", NULL);
    snprintf(url, sizeof(url), "%s/secrets/%.127s%s%.64s", call->request->base, name,
             id == NULL ? "" : "/", id == NULL ? "" : id);
    const char *type = tree_string(version, "content_type", NULL);
    if (type != NULL) {
        tree_set_string(json, "contentType", type);
    }
    tree_set_string(json, "id", url);
    json_object_object_add(json, "attributes", attributes_of(call, version));
    if (tags == NULL) {
        tree_set_object(json, "tags");
    } else {
        json_object_object_add(json, "tags", tree_dup(tags));
    }
    return json;
}

struct json_object *keyvault_deleted_item(const struct keyvault_call *call, const char *name,
                                          const char *id, struct json_object *secret)
{
    char url[640];
    struct json_object *version =
        tree_get(secret, "versions", tree_string(secret, "current", ""), NULL);
    struct json_object *json = keyvault_item(call, name, id, version);
    int64_t deleted = tree_int(secret, "deleted", 0);
    snprintf(url, sizeof(url), "%s/deletedsecrets/%.127s", call->request->base, name);
    tree_set_string(json, "recoveryId", url);
    tree_set_int(json, "deletedDate", deleted);
    tree_set_int(json, "scheduledPurgeDate", deleted + keyvault_retention_days(call) * 24 * 3600);
    return json;
}

void keyvault_not_found(struct keyvault_call *call, const char *what)
{
    char message[512];
    snprintf(message, sizeof(message),
             "A secret with (name/id) %.200s was not found in this key vault. If you recently "
             "deleted this secret you may be able to recover it using the correct recovery "
             "command. For help resolving this issue, please see "
             "https://go.microsoft.com/fwlink/?linkid=2125182",
             what);
    keyvault_error(call, 404, "SecretNotFound", NULL, message);
}

struct json_object *keyvault_secret(const struct keyvault_call *call)
{
    struct json_object *secret =
        tree_find_nocase(tree_get(call->vault, "secrets", NULL), call->name);
    return tree_int(secret, "ready_ms", 0) > call->now ? NULL : secret;
}

struct json_object *keyvault_deleted_secret(const struct keyvault_call *call)
{
    struct json_object *secret =
        tree_find_nocase(tree_get(call->vault, "deleted_secrets", NULL), call->name);
    return tree_int(secret, "purge_ms", INT64_MAX) <= call->now ? NULL : secret;
}
