/* SPDX-License-Identifier: MIT */
/* User-assigned managed identities: resources here, service principals in the directory. */
#include "arm_types.h"
#include "scaled_clock.h"
#include "tree.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define TYPE "Microsoft.ManagedIdentity/userAssignedIdentities"

enum { NAME_MINIMUM = 3, NAME_MAXIMUM = 128 };

/* UNVERIFIED rule */
static bool name_is_good(const char *name)
{
    size_t length = strlen(name);
    for (size_t i = 0; i < length; i++) {
        if (!isalnum((unsigned char)name[i]) && (i == 0 || strchr("-_", name[i]) == NULL)) {
            return false;
        }
    }
    return length >= NAME_MINIMUM && length <= NAME_MAXIMUM;
}

/* The service principal, which other services see after a while. The resource of the metadata
 * service's machine it is not until somebody assigns it: "assigned" stays false. */
static void add_principal(struct arm_call *call, struct json_object *properties)
{
    char id[TEXT_UUID_SIZE];
    int64_t wait =
        tree_int(tree_get(call->tree, "arm_switches", NULL), "identity_replication_ms", 0);
    struct json_object *identities = tree_get(call->tree, "identities", NULL);
    char key[ARM_NAME_SIZE + TEXT_UUID_SIZE];
    snprintf(key, sizeof(key), "%s", call->path.name);
    if (tree_get(identities, key, NULL) != NULL) { /* of another resource group */
        text_uuid(id);
        snprintf(key, sizeof(key), "%s-%s", call->path.name, id);
    }
    struct json_object *identity = tree_set_object(identities, key);
    text_uuid(id);
    tree_set_string(identity, "client_id", id);
    tree_set_string(properties, "clientId", id);
    text_uuid(id);
    tree_set_string(identity, "object_id", id);
    tree_set_string(properties, "principalId", id);
    tree_set_string(properties, "tenantId", tree_string(call->tree, "tenant_id", ""));
    tree_set_string(identity, "resource_id", call->path.id);
    tree_set_bool(identity, "system", false);
    tree_set_bool(identity, "assigned", false);
    tree_set_int(identity, "principal_ready_ms", scaled_clock_after(call->tree, wait));
}

static void remove_principal(struct json_object *tree, const char *key, struct json_object *entry,
                             int64_t now)
{
    (void)key;
    (void)now;
    const char *client = tree_string(resources_properties(entry), "clientId", "");
    struct json_object *identities = tree_get(tree, "identities", NULL);
    for (struct lh_entry *each = tree_first(identities); each != NULL; each = each->next) {
        if (strcmp(tree_string(tree_value(each), "client_id", "?"), client) == 0) {
            json_object_object_del(identities, tree_key(each));
            return;
        }
    }
}

/* The service writes "resourcegroups" in ids. */
static struct json_object *render(const struct arm_call *call, const char *key,
                                  struct json_object *entry)
{
    char id[RESOURCE_ID_SIZE];
    struct json_object *resource = arm_render_entry(call, key, entry);
    snprintf(id, sizeof(id), "%s", tree_string(resource, "id", ""));
    char *groups = strcasestr(id, "/resourceGroups/");
    if (groups != NULL) {
        memcpy(groups, "/resourcegroups/", strlen("/resourcegroups/"));
    }
    tree_set_string(resource, "id", id);
    return resource;
}

static void put_identity(struct arm_call *call)
{
    const char *location = arm_location(call);
    if (location == NULL) {
        return;
    }
    if (!name_is_good(call->path.name)) {
        arm_error(call, 400, "InvalidResourceName", "The resource name '%s' is not valid.",
                  call->path.name);
        return;
    }
    bool existed = call->entry != NULL;
    if (!existed) {
        struct arm_new identity = {.type = TYPE, .location = location, .tags = true};
        add_principal(call, resources_properties(arm_new_entry(call, &identity)));
    } else {
        arm_set_tags(call, call->entry);
        call->changed = true;
    }
    arm_get(call);
    call->reply->status = existed ? 200 : 201;
}

static void patch_identity(struct arm_call *call)
{
    if (call->entry != NULL) {
        arm_set_tags(call, call->entry);
        call->changed = true;
    }
    arm_get(call);
}

static void remove_identity(struct arm_call *call)
{
    char key[RESOURCE_ID_SIZE];
    arm_empty(call, call->entry == NULL ? 204 : 200);
    if (call->entry != NULL) {
        resources_key(call->path.id, key);
        arm_remove_at(call, key, call->now);
    }
}

static const char *const VERSIONS[] = {"2018-11-30",         "2022-01-31-preview", "2023-01-31",
                                       "2023-07-31-preview", "2024-11-30",         NULL};

const struct arm_type ARM_IDENTITY_TYPES[] = {
    {.name = TYPE,
     .versions = VERSIONS,
     .get = arm_get,
     .put = put_identity,
     .patch = patch_identity,
     .remove = remove_identity,
     .list = arm_list,
     .render = render,
     .removed = remove_principal},
    {.name = NULL},
};
