/* SPDX-License-Identifier: MIT */
/*
 * The resource group. An existing one is used as it is, wherever it is: its location cannot be
 * changed and says nothing about its resources. It is removed only when acsmtp made it and nothing
 * of anybody else's is left in it.
 */
#include "arm.h"
#include "resource.h"

#include <stdio.h>

#define OTHERS "holds resources that acsmtp did not make"

/* Resources in the group, tagged children of others among them. */
static int list_resources(struct deployment *deployment, struct acsmtp_context *context,
                          struct acsmtp_json **items, struct acsmtp_error *err)
{
    char id[ARM_ID_MAX + 16];

    (void)snprintf(id, sizeof id, "%s/resources", deployment->group_id);
    return arm_list(deployment, context, id, VERSION_RESOURCES, NULL, items, err);
}

/* With the group everything in it would go: one resource without our mark, and it stays. */
static int look_inside(struct resource *resource, struct acsmtp_context *context,
                       struct acsmtp_error *err)
{
    struct deployment *deployment = resource->deployment;
    ACSMTP_AUTO_JSON struct acsmtp_json *items = NULL;
    int status = list_resources(deployment, context, &items, err);
    size_t i;

    for (i = 0; status == ACSMTP_OK && i < acsmtp_json_length(items); i++)
        if (!arm_is_marked(deployment, acsmtp_json_item(items, i))) {
            resource->is_ours = 0;
            resource->reason = OTHERS;
        }
    return status;
}

static int group_look(struct resource *resource, struct acsmtp_context *context,
                      struct schedule_step *step, struct acsmtp_error *err)
{
    const struct deployment *deployment = resource->deployment;
    ACSMTP_AUTO_JSON struct acsmtp_json *json = NULL;
    int status = arm_look(resource, context, deployment->group_id, VERSION_RESOURCES, &json, err);

    (void)step;
    if (status == ACSMTP_OK)
        status = arm_compare_location(resource, json, deployment->parameters->location, err);
    if (status == ACSMTP_OK && resource->is_ours && (deployment->flags & ACSMTP_PROVISION_DESTROY))
        status = look_inside(resource, context, err);
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

/* Ours are gone by now. What somebody has added in the meantime is still looked for. */
static int group_remove(struct resource *resource, struct acsmtp_context *context,
                        struct schedule_step *step, struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *others = NULL;
    int status = list_resources(resource->deployment, context, &others, err);

    if (status != ACSMTP_OK)
        return status;
    if (acsmtp_json_length(others) > 0) {
        resource->change = CHANGE_KEEP;
        resource->reason = OTHERS;
        return ACSMTP_OK;
    }
    return arm_unmake(resource, context, step, resource->deployment->group_id, VERSION_RESOURCES,
                      err);
}

const struct resource_kind resource_group = {group_look, group_ensure, group_remove};
