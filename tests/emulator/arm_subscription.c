/* SPDX-License-Identifier: MIT */
/* Tenants, subscriptions, their locations, resource providers and the list of all resources. */
#include "arm_types.h"
#include "directory.h"
#include "scaled_clock.h"
#include "tree.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define REGISTRATION "Microsoft.Resources/subscriptions/providers"

/* Namespaces that a subscription may have to be registered for. */
static const char *const NAMESPACES[] = {"Microsoft.Communication", "Microsoft.KeyVault",
                                         "Microsoft.ManagedIdentity", NULL};

/* A principal sees the subscription when it has a role on something in it. */
static bool sees_subscription(const struct arm_call *call)
{
    struct json_object *assignments = tree_get(call->tree, "role_assignments", NULL);
    for (struct lh_entry *each = tree_first(assignments); each != NULL; each = each->next) {
        struct json_object *assignment = tree_value(each);
        if (strcasecmp(tree_string(assignment, "principal_id", ""), call->object_id) == 0) {
            return true;
        }
    }
    return false;
}

static struct json_object *subscription(const struct arm_call *call)
{
    const char *id = tree_string(call->tree, "subscription_id", "");
    char path[128];
    snprintf(path, sizeof(path), "/subscriptions/%s", id);
    struct json_object *json = json_object_new_object();
    tree_set_string(json, "id", path);
    tree_set_string(json, "authorizationSource", "RoleBased");
    tree_set_array(json, "managedByTenants");
    tree_set_string(json, "subscriptionId", id);
    tree_set_string(json, "tenantId", tree_string(call->tree, "tenant_id", ""));
    tree_set_string(json, "displayName", "Emulated subscription");
    tree_set_string(json, "state", "Enabled");
    struct json_object *policies = tree_set_object(json, "subscriptionPolicies");
    tree_set_string(policies, "locationPlacementId", "Public_2014-09-01");
    tree_set_string(policies, "quotaId", "PayAsYouGo_2014-09-01");
    tree_set_string(policies, "spendingLimit", "Off");
    return json;
}

static void get_subscription(struct arm_call *call)
{
    if (sees_subscription(call)) {
        http_reply_json(call->reply, 200, subscription(call));
    } else {
        arm_error(call, 404, "SubscriptionNotFound", "The subscription '%s' could not be found.",
                  call->path.subscription);
    }
}

static void list_subscriptions(struct arm_call *call)
{
    struct json_object *array = json_object_new_array();
    if (sees_subscription(call)) {
        json_object_array_add(array, subscription(call));
    }
    arm_reply_list(call, array);
}

static void list_tenants(struct arm_call *call)
{
    const char *id = tree_string(call->tree, "tenant_id", "");
    char path[128];
    snprintf(path, sizeof(path), "/tenants/%s", id);
    struct json_object *json = json_object_new_object();
    tree_set_string(json, "id", path);
    tree_set_string(json, "tenantId", id);
    tree_set_string(json, "tenantCategory", "Home");
    tree_set_string(json, "displayName", "Emulator");
    struct json_object *array = json_object_new_array();
    json_object_array_add(array, json);
    arm_reply_list(call, array);
}

static void list_locations(struct arm_call *call)
{
    struct json_object *array = json_object_new_array();
    struct json_object *known = tree_get(call->tree, "arm_switches", "locations", NULL);
    for (size_t i = 0; i < json_object_array_length(known); i++) {
        const char *name = json_object_get_string(json_object_array_get_idx(known, i));
        char id[RESOURCE_ID_SIZE];
        if (strcasecmp(name, "global") == 0) {
            continue;
        }
        snprintf(id, sizeof(id), "/subscriptions/%s/locations/%s", call->path.subscription, name);
        struct json_object *location = json_object_new_object();
        tree_set_string(location, "id", id);
        tree_set_string(location, "name", name);
        tree_set_string(location, "type", "Region");
        tree_set_string(location, "displayName", name);
        json_object_array_add(array, location);
    }
    arm_reply_list(call, array);
}

static bool is_wanted(struct json_object *resource, const struct arm_filter *filter)
{
    const char *type = arm_filter_value(filter, "resourceType");
    const char *tag = arm_filter_value(filter, "tagName");
    const char *value = arm_filter_value(filter, "tagValue");
    const char *present =
        tree_string(tree_get(resource, "tags", NULL), tag == NULL ? "" : tag, NULL);
    return (type == NULL || strcasecmp(type, tree_string(resource, "type", "")) == 0) &&
           (tag == NULL || (present != NULL && (value == NULL || strcmp(present, value) == 0)));
}

/* Nothing but namespace, type and name behind the group. */
static bool is_top_level(const char *key)
{
    const char *providers = strstr(key, "/providers/");
    size_t slashes = 0;
    for (const char *at = providers; at != NULL && *at != '\0'; at++) {
        slashes += *at == '/';
    }
    return slashes == 4;
}

/* Those of a resource group when the path names one. Nested resources are not in the list. */
static void list_resources(struct arm_call *call)
{
    static const char *const known[] = {"resourceType", "tagName", "tagValue", NULL};
    struct arm_filter filter;
    if (!arm_read_filter(call, known, &filter)) {
        return;
    }
    struct json_object *array = json_object_new_array();
    struct json_object *resources = tree_get(call->tree, "arm", NULL);
    for (struct lh_entry *each = tree_first(resources); each != NULL; each = each->next) {
        const char *key = tree_key(each);
        struct json_object *entry = tree_value(each);
        if (is_top_level(key) && directory_is_within(key, call->path.parent) &&
            is_wanted(tree_get(entry, "resource", NULL), &filter)) {
            struct json_object *resource = arm_render_by_type(call, key, entry);
            json_object_object_del(resource, "properties");
            json_object_array_add(array, resource);
        }
    }
    arm_reply_list(call, array);
}

static const char *known_namespace(const char *name)
{
    for (size_t i = 0; NAMESPACES[i] != NULL; i++) {
        if (strcasecmp(NAMESPACES[i], name) == 0) {
            return NAMESPACES[i];
        }
    }
    return NULL;
}

static void add_resource_types(struct arm_call *call, struct json_object *json, const char *name)
{
    struct json_object *types = tree_set_array(json, "resourceTypes");
    struct json_object *locations = tree_get(call->tree, "arm_switches", "locations", NULL);
    size_t length = strlen(name);
    const struct arm_type *type;
    for (size_t i = 0; (type = arm_type_at(i)) != NULL; i++) {
        if (strncasecmp(type->name, name, length) != 0 || type->name[length] != '/') {
            continue;
        }
        struct json_object *item = json_object_new_object();
        tree_set_string(item, "resourceType", type->name + length + 1);
        json_object_object_add(item, "locations", tree_dup(locations));
        struct json_object *versions = tree_set_array(item, "apiVersions");
        for (size_t j = 0; type->versions[j] != NULL; j++) {
            json_object_array_add(versions, json_object_new_string(type->versions[j]));
        }
        json_object_array_add(types, item);
    }
}

static struct json_object *provider(struct arm_call *call, const char *name)
{
    struct json_object *entry = tree_get(call->tree, "providers", name, NULL);
    char id[RESOURCE_ID_SIZE];
    snprintf(id, sizeof(id), "/subscriptions/%s/providers/%s", call->path.subscription, name);
    struct json_object *json = json_object_new_object();
    tree_set_string(json, "id", id);
    tree_set_string(json, "namespace", name);
    tree_set_string(json, "registrationPolicy", "RegistrationRequired");
    add_resource_types(call, json, name);
    tree_set_string(json, "registrationState", tree_string(entry, "state", "NotRegistered"));
    return json;
}

static void get_provider(struct arm_call *call)
{
    const char *name = known_namespace(call->path.name);
    if (name == NULL) {
        arm_error(call, 404, "InvalidResourceNamespace", "The resource namespace '%s' is invalid.",
                  call->path.name);
    } else {
        http_reply_json(call->reply, 200, provider(call, name));
    }
}

static void list_providers(struct arm_call *call)
{
    struct json_object *array = json_object_new_array();
    for (size_t i = 0; NAMESPACES[i] != NULL; i++) {
        json_object_array_add(array, provider(call, NAMESPACES[i]));
    }
    arm_reply_list(call, array);
}

static void register_provider(struct arm_call *call)
{
    const char *name = known_namespace(call->path.name);
    char operation[ARM_NAME_SIZE + 24];
    snprintf(operation, sizeof(operation), "%s/register/action",
             name == NULL ? call->path.name : name);
    if (!arm_authorize(call, operation, call->path.scope)) {
        return;
    }
    if (name == NULL) {
        get_provider(call);
        return;
    }
    struct json_object *providers = tree_get(call->tree, "providers", NULL);
    struct json_object *entry = tree_get(providers, name, NULL);
    if (strcmp(tree_string(entry, "state", "NotRegistered"), "NotRegistered") == 0) {
        int64_t wait = tree_int(tree_get(call->tree, "arm_switches", NULL), "provider_ms", 0);
        entry = tree_set_object(providers, name);
        tree_set_string(entry, "state", "Registering");
        tree_set_int(entry, "ready_ms", scaled_clock_after(call->tree, wait));
        call->changed = true;
    }
    http_reply_json(call->reply, 200, provider(call, name));
}

static const char *const VERSIONS[] = {
    "2016-06-01", "2018-05-01", "2019-06-01", "2019-10-01", "2019-11-01", "2020-01-01",
    "2020-06-01", "2021-01-01", "2021-04-01", "2022-01-01", "2022-09-01", "2022-12-01",
    "2023-07-01", "2024-03-01", "2024-07-01", "2024-11-01", "2025-04-01", NULL};

static const struct arm_action PROVIDER_ACTIONS[] = {{"register", register_provider}, {NULL, NULL}};

const struct arm_type ARM_SUBSCRIPTION_TYPES[] = {
    {.name = "Microsoft.Resources/tenants",
     .versions = VERSIONS,
     .flags = ARM_ANYBODY,
     .list = list_tenants},
    {.name = "Microsoft.Resources/subscriptions",
     .versions = VERSIONS,
     .flags = ARM_ANYBODY,
     .get = get_subscription,
     .list = list_subscriptions},
    {.name = "Microsoft.Resources/subscriptions/locations",
     .versions = VERSIONS,
     .list = list_locations},
    {.name = "Microsoft.Resources/subscriptions/resources",
     .versions = VERSIONS,
     .list = list_resources},
    {.name = "Microsoft.Resources/subscriptions/resourceGroups/resources",
     .versions = VERSIONS,
     .list = list_resources},
    {.name = REGISTRATION,
     .versions = VERSIONS,
     .flags = ARM_ANYBODY,
     .get = get_provider,
     .list = list_providers,
     .actions = PROVIDER_ACTIONS},
    {.name = "Microsoft.Resources/subscriptions/operationresults",
     .versions = VERSIONS,
     .flags = ARM_ANYBODY,
     .get = arm_lro_result},
    {.name = NULL},
};
