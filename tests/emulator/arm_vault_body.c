/* SPDX-License-Identifier: MIT */
/* What a request may say of a vault's properties. All refusals are BadRequest, as the service's
 * own are; their words are UNVERIFIED. */
#include "arm_vault.h"
#include "tree.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { RETENTION_MINIMUM = 7, RETENTION_MAXIMUM = 90, POLICIES_MAXIMUM = 1024, GUID_LENGTH = 36 };

static bool refuse(struct arm_call *call, const char *message)
{
    arm_error(call, 400, "BadRequest", "%s", message);
    return false;
}

static bool is_guid(const char *text)
{
    return text != NULL && strlen(text) == GUID_LENGTH &&
           strspn(text, "0123456789abcdefABCDEF-") == GUID_LENGTH;
}

/* Words from a list up to its end, "|a|b|"; any words when there is no list. */
static bool are_words(struct json_object *array, const char *known)
{
    if (!json_object_is_type(array, json_type_array)) {
        return false;
    }
    for (size_t i = 0; i < json_object_array_length(array); i++) {
        char wanted[48];
        struct json_object *item = json_object_array_get_idx(array, i);
        if (!json_object_is_type(item, json_type_string) ||
            json_object_get_string_len(item) > (int)sizeof(wanted) - 3) {
            return false;
        }
        snprintf(wanted, sizeof(wanted), "|%s|", json_object_get_string(item));
        if (known != NULL && strcasestr(known, wanted) == NULL) {
            return false;
        }
    }
    return true;
}

/* null is as good as absent. */
static bool check_permissions(struct json_object *permissions)
{
    for (struct lh_entry *each = tree_first(permissions); each != NULL; each = each->next) {
        bool secrets = strcmp(tree_key(each), "secrets") == 0;
        struct json_object *list = tree_value(each);
        if (list != NULL &&
            !are_words(list,
                       secrets ? "|get|list|set|delete|backup|restore|recover|purge|all|" : NULL)) {
            return false;
        }
    }
    return json_object_is_type(permissions, json_type_object);
}

bool arm_vault_check_policies(struct arm_call *call, struct json_object *policies)
{
    const char *tenant = tree_string(call->tree, "tenant_id", "");
    if (!json_object_is_type(policies, json_type_array) ||
        json_object_array_length(policies) > POLICIES_MAXIMUM) {
        return refuse(call, "The parameter accessPolicies is not specified or too long.");
    }
    for (size_t i = 0; i < json_object_array_length(policies); i++) {
        struct json_object *policy = json_object_array_get_idx(policies, i);
        struct json_object *permissions = tree_get(policy, "permissions", NULL);
        if (strcasecmp(tree_string(policy, "tenantId", ""), tenant) != 0) {
            return refuse(call, "An access policy must be of the vault's own tenant.");
        }
        if (!is_guid(tree_string(policy, "objectId", NULL))) {
            return refuse(call, "An invalid value was provided for 'objectId' of an access "
                                "policy.");
        }
        if (!check_permissions(permissions)) {
            return refuse(call, "An invalid value was provided for 'permissions' of an access "
                                "policy.");
        }
    }
    return true;
}

static bool store_sku(struct arm_call *call, struct json_object *given,
                      struct json_object *properties, bool creating)
{
    struct json_object *sku = tree_get(given, "sku", NULL);
    const char *name = tree_string(sku, "name", "");
    if (sku == NULL && !creating) {
        return true;
    }
    if (strcmp(tree_string(sku, "family", ""), "A") != 0 ||
        (strcasecmp(name, "standard") != 0 && strcasecmp(name, "premium") != 0)) {
        return refuse(call, "The parameter sku is not specified or invalid.");
    }
    json_object_object_add(properties, "sku", tree_dup(sku));
    return true;
}

static bool store_tenant(struct arm_call *call, struct json_object *given,
                         struct json_object *properties, bool creating)
{
    const char *tenant = tree_string(given, "tenantId", NULL);
    if (tenant == NULL && !creating) {
        return true;
    }
    if (tenant == NULL || strcasecmp(tenant, tree_string(call->tree, "tenant_id", "")) != 0) {
        return refuse(call, "The parameter tenantId is not specified or is not the tenant of the "
                            "subscription.");
    }
    tree_set_string(properties, "tenantId", tenant);
    return true;
}

/* Both are one-way streets. */
static bool store_protection(struct arm_call *call, struct json_object *given,
                             struct json_object *properties, bool creating)
{
    struct json_object *days = tree_get(given, "softDeleteRetentionInDays", NULL);
    int64_t wanted =
        tree_int(given, "softDeleteRetentionInDays", days == NULL ? RETENTION_MAXIMUM : -1);
    if (!tree_bool(given, "enableSoftDelete", true)) {
        return refuse(call, "The property \"enableSoftDelete\" can be set to false only for "
                            "creating new vault. Enabling the 'soft delete' functionality is an "
                            "irreversible action.");
    }
    if (!tree_bool(given, "enablePurgeProtection", true)) {
        return refuse(call, "The property \"enablePurgeProtection\" cannot be set to false. "
                            "Enabling the purge protection for a vault is an irreversible action.");
    }
    if (wanted < RETENTION_MINIMUM || wanted > RETENTION_MAXIMUM) {
        return refuse(call, "The property \"softDeleteRetentionInDays\" must be from 7 to 90.");
    }
    if (creating) {
        tree_set_bool(properties, "enableSoftDelete", true);
        tree_set_int(properties, "softDeleteRetentionInDays", wanted);
    } else if (days != NULL && wanted != tree_int(properties, "softDeleteRetentionInDays", 0)) {
        return refuse(call, "The property \"softDeleteRetentionInDays\" has been set already and "
                            "it can't be modified.");
    }
    if (tree_bool(given, "enablePurgeProtection", false)) {
        tree_set_bool(properties, "enablePurgeProtection", true);
    }
    return true;
}

/* Roles or access policies: until api-version 2026-02-01 a new vault that is not told has the
 * latter. An update that says nothing changes nothing. */
static bool store_access(struct arm_call *call, struct json_object *given,
                         struct json_object *properties, bool creating)
{
    struct json_object *policies = tree_get(given, "accessPolicies", NULL);
    bool otherwise = creating ? strcmp(call->api_version, "2026-02-01") >= 0
                              : tree_bool(properties, "enableRbacAuthorization", false);
    bool roles = tree_bool(given, "enableRbacAuthorization", otherwise);
    if (policies == NULL && creating && !roles) {
        return refuse(call, "The parameter accessPolicies is not specified.");
    }
    if (policies != NULL && !arm_vault_check_policies(call, policies)) {
        return false;
    }
    tree_set_bool(properties, "enableRbacAuthorization", roles);
    if (policies != NULL) {
        json_object_object_add(properties, "accessPolicies", tree_dup(policies));
    } else if (creating) {
        tree_set_array(properties, "accessPolicies");
    }
    return true;
}

static bool store_flags(struct arm_call *call, struct json_object *given,
                        struct json_object *properties, bool creating)
{
    static const char *const flags[] = {"enabledForDeployment", "enabledForDiskEncryption",
                                        "enabledForTemplateDeployment", NULL};
    for (size_t i = 0; flags[i] != NULL; i++) {
        struct json_object *value = tree_get(given, flags[i], NULL);
        if (value != NULL && !json_object_is_type(value, json_type_boolean)) {
            return refuse(call, "A property that must be true or false is neither.");
        }
        if (value != NULL || creating) {
            tree_set_bool(properties, flags[i], tree_bool(given, flags[i], false));
        }
    }
    const char *network = tree_string(given, "publicNetworkAccess", creating ? "Enabled" : NULL);
    if (network != NULL) {
        tree_set_string(properties, "publicNetworkAccess", network);
    }
    return true;
}

bool arm_vault_store(struct arm_call *call, struct json_object *properties, bool creating)
{
    struct json_object *given = tree_get(call->body, "properties", NULL);
    if (given == NULL && !creating) {
        return true; /* a change of tags */
    }
    if (!json_object_is_type(given, json_type_object)) {
        return refuse(call, "The parameter properties is not specified.");
    }
    return store_tenant(call, given, properties, creating) &&
           store_sku(call, given, properties, creating) &&
           store_protection(call, given, properties, creating) &&
           store_access(call, given, properties, creating) &&
           store_flags(call, given, properties, creating);
}
