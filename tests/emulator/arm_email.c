/* SPDX-License-Identifier: MIT */
/* Email services, which hold domains. */
#include "arm_communication.h"
#include "arm_types.h"
#include "tree.h"

#include <string.h>

enum { NAME_MAXIMUM = 63 };

static void put_email(struct arm_call *call)
{
    if (!communication_check_name(call, "-", NAME_MAXIMUM) || arm_location(call) == NULL) {
        return;
    }
    const char *data_location = communication_data_location(call);
    if (data_location == NULL) {
        return;
    }
    struct arm_new email = {
        .type = "microsoft.communication/emailservices", .location = "global", .tags = true};
    struct json_object *entry = arm_new_entry(call, &email);
    struct json_object *properties = resources_properties(entry);
    tree_set_string(properties, "dataLocation", data_location);
    tree_set_string(properties, "provisioningState", "Accepted");
    communication_stamp(call, tree_get(entry, "resource", NULL));
    arm_lro_create(call, entry, ARM_LRO_ASYNC);
    arm_get(call);
    call->reply->status = 201;
}

static void patch_email(struct arm_call *call)
{
    if (call->entry == NULL) {
        arm_not_found(call);
        return;
    }
    arm_set_tags(call, call->entry);
    tree_set_string(resources_properties(call->entry), "provisioningState", "Accepted");
    communication_stamp(call, tree_get(call->entry, "resource", NULL));
    arm_lro_create(call, call->entry, ARM_LRO_ASYNC);
    arm_get(call);
}

/* UNVERIFIED whether a service with domains is refused, and how; nonempty_delete chooses. */
static void remove_email(struct arm_call *call)
{
    char key[RESOURCE_ID_SIZE];
    const char *how =
        tree_string(tree_get(call->tree, "arm_switches", NULL), "nonempty_delete", "");
    resources_key(call->path.id, key);
    if (call->entry == NULL) {
        arm_empty(call, 204);
    } else if (strcmp(how, "refuse") == 0 && arm_has_children(call, key)) {
        arm_error(call, 409, "CannotDeleteResource",
                  "Cannot delete resource while nested resources exist. Some existing nested "
                  "resource IDs include: '%s/domains'. Please delete all nested resources before "
                  "deleting this resource.",
                  call->path.id);
    } else {
        arm_lro_remove(call, ARM_LRO_ASYNC | ARM_LRO_LOCATION);
        arm_empty(call, 202);
    }
}

const struct arm_type ARM_EMAIL_TYPES[] = {
    {.name = COMMUNICATION_EMAIL,
     .versions = ARM_COMMUNICATION_VERSIONS,
     .get = arm_get,
     .put = put_email,
     .patch = patch_email,
     .remove = remove_email,
     .list = arm_list},
    {.name = NULL},
};
