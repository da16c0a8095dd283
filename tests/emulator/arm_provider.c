/* SPDX-License-Identifier: MIT */
/* Resource providers, which a subscription is registered for before it can use their types. */
#include "arm_types.h"
#include "scaled_clock.h"
#include "tree.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Namespaces that a subscription may have to be registered for. */
static const char *const NAMESPACES[] = {"Microsoft.Communication", "Microsoft.KeyVault",
                                         "Microsoft.ManagedIdentity", NULL};

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

static const struct arm_action ACTIONS[] = {{"register", register_provider}, {NULL, NULL}};

const struct arm_type ARM_PROVIDER_TYPES[] = {
    {.name = "Microsoft.Resources/subscriptions/providers",
     .versions = ARM_SUBSCRIPTION_VERSIONS,
     .flags = ARM_ANYBODY,
     .get = get_provider,
     .list = list_providers,
     .actions = ACTIONS},
    {.name = NULL},
};
