/* SPDX-License-Identifier: MIT */
/* Tenants, subscriptions, their locations and the list of all resources. */
#include "arm_types.h"
#include "directory.h"
#include "tree.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

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

static const char *const FILTERS[] = {"resourceType", "name",     "location", "resourceGroup",
                                      "tagName",      "tagValue", NULL};

/* Whether the members of the resource are what the conditions of these names ask for. */
static bool is_like(struct json_object *resource, const struct arm_filter *filter)
{
    static const char *const pairs[][2] = {
        {"resourceType", "type"}, {"name", "name"}, {"location", "location"}};
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        const char *wanted = arm_filter_value(filter, pairs[i][0]);
        if (wanted != NULL && strcasecmp(wanted, tree_string(resource, pairs[i][1], "")) != 0) {
            return false;
        }
    }
    return true;
}

static bool is_tagged(struct json_object *resource, const struct arm_filter *filter)
{
    const char *tag = arm_filter_value(filter, "tagName");
    const char *value = arm_filter_value(filter, "tagValue");
    const char *present =
        tree_string(tree_get(resource, "tags", NULL), tag == NULL ? "" : tag, NULL);
    return tag == NULL || (present != NULL && (value == NULL || strcmp(present, value) == 0));
}

static bool is_wanted(const struct arm_call *call, const char *key, struct json_object *resource,
                      const struct arm_filter *filter)
{
    char group[RESOURCE_ID_SIZE];
    const char *name = arm_filter_value(filter, "resourceGroup");
    snprintf(group, sizeof(group), "/subscriptions/%s/resourceGroups/%s", call->path.subscription,
             name == NULL ? "" : name);
    return (name == NULL || directory_is_within(key, group)) && is_like(resource, filter) &&
           is_tagged(resource, filter);
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
    struct arm_filter filter;
    if (!arm_read_filter(call, FILTERS, &filter)) {
        return;
    }
    struct json_object *array = json_object_new_array();
    struct json_object *resources = tree_get(call->tree, "arm", NULL);
    for (struct lh_entry *each = tree_first(resources); each != NULL; each = each->next) {
        const char *key = tree_key(each);
        struct json_object *entry = tree_value(each);
        if (is_top_level(key) && directory_is_within(key, call->path.parent) &&
            is_wanted(call, key, tree_get(entry, "resource", NULL), &filter)) {
            struct json_object *resource = arm_render_by_type(call, key, entry);
            json_object_object_del(resource, "properties");
            json_object_object_del(resource, "systemData");
            json_object_array_add(array, resource);
        }
    }
    arm_reply_list(call, array);
}

const char *const ARM_SUBSCRIPTION_VERSIONS[] = {
    "2016-06-01", "2018-05-01", "2019-06-01", "2019-10-01", "2019-11-01", "2020-01-01",
    "2020-06-01", "2021-01-01", "2021-04-01", "2022-01-01", "2022-09-01", "2022-12-01",
    "2023-07-01", "2024-03-01", "2024-07-01", "2024-11-01", "2025-04-01", NULL};

const struct arm_type ARM_SUBSCRIPTION_TYPES[] = {
    {.name = "Microsoft.Resources/tenants",
     .versions = ARM_SUBSCRIPTION_VERSIONS,
     .flags = ARM_ANYBODY,
     .list = list_tenants},
    {.name = "Microsoft.Resources/subscriptions",
     .versions = ARM_SUBSCRIPTION_VERSIONS,
     .flags = ARM_ANYBODY,
     .get = get_subscription,
     .list = list_subscriptions},
    {.name = "Microsoft.Resources/subscriptions/locations",
     .versions = ARM_SUBSCRIPTION_VERSIONS,
     .list = list_locations},
    {.name = "Microsoft.Resources/subscriptions/resources",
     .versions = ARM_SUBSCRIPTION_VERSIONS,
     .list = list_resources},
    {.name = "Microsoft.Resources/subscriptions/resourceGroups/resources",
     .versions = ARM_SUBSCRIPTION_VERSIONS,
     .list = list_resources},
    {.name = "Microsoft.Resources/subscriptions/operationresults",
     .versions = ARM_SUBSCRIPTION_VERSIONS,
     .flags = ARM_ANYBODY,
     .get = arm_lro_result},
    {.name = NULL},
};
