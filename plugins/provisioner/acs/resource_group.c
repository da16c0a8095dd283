/* SPDX-License-Identifier: MIT */
/*
 * The resource group. An existing one is used as it is, wherever it is: its location cannot be
 * changed and says nothing about its resources. It is removed only when acsmtp made it and nothing
 * of anybody else's is left in it.
 */
#include "arm.h"
#include "resource.h"

#include <stdio.h>

static int group_look(struct resource *resource, struct acsmtp_context *context,
                      struct schedule_step *step, struct acsmtp_error *err)
{
    const struct deployment *deployment = resource->deployment;
    ACSMTP_AUTO_JSON struct acsmtp_json *json = NULL;
    int status = arm_look(resource, context, deployment->group_id, VERSION_RESOURCES, &json, err);

    (void)step;
    arm_note_location(resource, json, deployment->parameters->location);
    return status;
}

static int group_ensure(struct resource *resource, struct acsmtp_context *context,
                        struct schedule_step *step, struct acsmtp_error *err)
{
    const struct deployment *deployment = resource->deployment;
    const struct arm_making making = {deployment->group_id, VERSION_RESOURCES,
                                      deployment->parameters->location, NULL};

    return arm_make(resource, context, step, &making, NULL, NULL, err);
}

/* What else lives in the group, once our own resources are gone. */
static int group_remove(struct resource *resource, struct acsmtp_context *context,
                        struct schedule_step *step, struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *others = NULL;
    char id[ARM_ID_MAX + 16];
    int status;

    (void)snprintf(id, sizeof id, "%s/resources", resource->deployment->group_id);
    status = arm_list(resource->deployment, context, id, VERSION_RESOURCES, NULL, &others, err);
    if (status != ACSMTP_OK)
        return status;
    if (acsmtp_json_length(others) > 0) {
        resource->change = CHANGE_KEEP;
        resource->reason = "holds resources that acsmtp did not make";
        return ACSMTP_OK;
    }
    return arm_unmake(resource, context, step, resource->deployment->group_id, VERSION_RESOURCES,
                      err);
}

const struct resource_kind resource_group = {group_look, group_ensure, group_remove};
