/* SPDX-License-Identifier: MIT */
/* Resource groups: made at once, deleted by a long-running operation with all that is in them. */
#include "arm_types.h"
#include "tree.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { NAME_MAXIMUM = 90 };

static bool name_is_good(const char *name)
{
    size_t length = strlen(name);
    for (size_t i = 0; i < length; i++) {
        if (!isalnum((unsigned char)name[i]) && strchr("-_.()", name[i]) == NULL) {
            return false;
        }
    }
    return length > 0 && length <= NAME_MAXIMUM && name[length - 1] != '.';
}

static void get_group(struct arm_call *call)
{
    bool head = strcmp(call->request->method, "HEAD") == 0;
    if (call->entry != NULL && !head) {
        arm_get(call);
    } else if (head) {
        arm_empty(call, call->entry == NULL ? 404 : 204);
    } else {
        arm_error(call, 404, "ResourceGroupNotFound", "Resource group '%s' could not be found.",
                  call->path.name);
    }
}

static bool may_put(struct arm_call *call, const char *location)
{
    const char *present =
        tree_string(tree_get(call->entry, "resource", NULL), "location", location);
    if (!name_is_good(call->path.name)) {
        arm_error(call, 400, "InvalidResourceGroup",
                  "The provided resource group name '%s' has these invalid characters or form.",
                  call->path.name);
    } else if (strcasecmp(present, location) != 0) {
        /* UNVERIFIED code */
        arm_error(call, 409, "InvalidResourceGroupLocation",
                  "Invalid resource group location '%s'. The Resource group already exists in "
                  "location '%s'.",
                  location, present);
    } else {
        return true;
    }
    return false;
}

static void put_group(struct arm_call *call)
{
    const char *location = arm_location(call);
    if (location == NULL || !may_put(call, location)) {
        return;
    }
    bool existed = call->entry != NULL;
    struct arm_new group = {
        .type = "Microsoft.Resources/resourceGroups", .location = location, .tags = true};
    struct json_object *entry = arm_new_entry(call, &group);
    /* The segment may be sent in lower case, it comes back like this. */
    char id[RESOURCE_ID_SIZE];
    snprintf(id, sizeof(id), "/subscriptions/%s/resourceGroups/%s", call->path.subscription,
             call->path.name);
    tree_set_string(tree_get(entry, "resource", NULL), "id", id);
    tree_set_string(resources_properties(entry), "provisioningState", "Succeeded");
    arm_get(call);
    call->reply->status = existed ? 200 : 201;
}

static void patch_group(struct arm_call *call)
{
    if (call->entry == NULL) {
        get_group(call);
        return;
    }
    arm_set_tags(call, call->entry);
    call->changed = true;
    arm_get(call);
}

static void remove_group(struct arm_call *call)
{
    if (call->entry == NULL) {
        get_group(call);
        return;
    }
    arm_lro_remove(call, ARM_LRO_GROUP);
    arm_empty(call, 202);
}

static const char *const VERSIONS[] = {"2019-10-01", "2020-06-01", "2021-01-01", "2021-04-01",
                                       "2022-09-01", "2023-07-01", "2024-03-01", "2024-07-01",
                                       "2024-11-01", "2025-04-01", NULL};

const struct arm_type ARM_GROUP_TYPES[] = {
    {.name = "Microsoft.Resources/subscriptions/resourceGroups",
     .versions = VERSIONS,
     .get = get_group,
     .put = put_group,
     .patch = patch_group,
     .remove = remove_group,
     .list = arm_list},
    {.name = NULL},
};
