/* SPDX-License-Identifier: MIT */
/* The look-up of built-in roles, by name or by id. */
#include "arm_types.h"
#include "tree.h"

#include <stdio.h>
#include <strings.h>

#define DEFINITIONS "Microsoft.Authorization/roleDefinitions"

static void add_strings(struct json_object *json, const char *key, const char *const *strings)
{
    struct json_object *array = tree_set_array(json, key);
    for (; strings != NULL && *strings != NULL; strings++) {
        json_object_array_add(array, json_object_new_string(*strings));
    }
}

static struct json_object *render_role(const struct arm_call *call, const struct role *role)
{
    char id[RESOURCE_ID_SIZE + 128];
    struct json_object *json = json_object_new_object();
    struct json_object *properties = tree_set_object(json, "properties");
    tree_set_string(properties, "roleName", role->name);
    tree_set_string(properties, "type", "BuiltInRole");
    tree_set_string(properties, "description", role->name);
    tree_set_strings(properties, "assignableScopes", "/", NULL);
    struct json_object *permission = json_object_new_object();
    add_strings(permission, "actions", role->actions);
    add_strings(permission, "notActions", role->not_actions);
    add_strings(permission, "dataActions", role->data_actions);
    add_strings(permission, "notDataActions", NULL);
    json_object_array_add(tree_set_array(properties, "permissions"), permission);
    snprintf(id, sizeof(id), "%s/providers/" DEFINITIONS "/%s", call->path.scope, role->id);
    tree_set_string(json, "id", id);
    tree_set_string(json, "type", DEFINITIONS);
    tree_set_string(json, "name", role->id);
    return json;
}

static void get_role(struct arm_call *call)
{
    const struct role *role = roles_by_id(call->path.name);
    if (role == NULL) {
        arm_error(call, 404, "RoleDefinitionDoesNotExist",
                  "The specified role definition with ID '%s' does not exist.", call->path.name);
    } else {
        http_reply_json(call->reply, 200, render_role(call, role));
    }
}

static void list_roles(struct arm_call *call)
{
    static const char *const known[] = {"atScopeAndBelow", "roleName", "type", NULL};
    struct arm_filter filter;
    if (!arm_read_filter(call, known, &filter)) {
        return;
    }
    const char *name = arm_filter_value(&filter, "roleName");
    const char *type = arm_filter_value(&filter, "type");
    struct json_object *array = json_object_new_array();
    const struct role *role;
    for (size_t i = 0; (role = roles_at(i)) != NULL; i++) {
        if ((name == NULL || strcasecmp(name, role->name) == 0) &&
            (type == NULL || strcasecmp(type, "BuiltInRole") == 0)) {
            json_object_array_add(array, render_role(call, role));
        }
    }
    arm_reply_list(call, array);
}

static const char *const VERSIONS[] = {
    "2015-07-01",         "2018-01-01-preview", "2018-09-01-preview", "2020-04-01-preview",
    "2020-08-01-preview", "2020-10-01-preview", "2022-04-01",         NULL};

const struct arm_type ARM_DEFINITION_TYPES[] = {
    {.name = DEFINITIONS,
     .versions = VERSIONS,
     .flags = ARM_EXTENSION | ARM_ANYBODY,
     .get = get_role,
     .list = list_roles},
    {.name = NULL},
};
