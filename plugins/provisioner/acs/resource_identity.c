/* SPDX-License-Identifier: MIT */
/*
 * The user-assigned managed identity: how a machine in Azure sends without any secret. Made anew it
 * gets new ids, so that its role is assigned anew too.
 */
#include "arm.h"
#include "resource.h"

static int keep_ids(struct deployment *deployment, const struct acsmtp_json *json,
                    struct acsmtp_error *err)
{
    const struct acsmtp_json *properties = acsmtp_json_get(json, "properties");
    struct login *login = &deployment->logins[LOGIN_IDENTITY];
    int status =
        arm_copy_guid(login->application_id, properties, "clientId", "the managed identity", err);

    if (status == ACSMTP_OK)
        status = arm_copy_guid(login->principal_id, properties, "principalId",
                               "the managed identity", err);
    return status;
}

static int identity_look(struct resource *resource, struct acsmtp_context *context,
                         struct schedule_step *step, struct acsmtp_error *err)
{
    struct deployment *deployment = resource->deployment;
    ACSMTP_AUTO_JSON struct acsmtp_json *json = NULL;
    int status = arm_look(resource, context, deployment->identity_id, VERSION_IDENTITY, &json, err);

    (void)step;
    if (status == ACSMTP_OK)
        status = arm_compare_location(resource, json, deployment->parameters->location, err);
    return status == ACSMTP_OK && json ? keep_ids(deployment, json, err) : status;
}

static int identity_ensure(struct resource *resource, struct acsmtp_context *context,
                           struct schedule_step *step, struct acsmtp_error *err)
{
    struct deployment *deployment = resource->deployment;
    const struct arm_making making = {deployment->identity_id, VERSION_IDENTITY,
                                      deployment->parameters->location, NULL};
    ACSMTP_AUTO_JSON struct acsmtp_json *json = NULL;
    int status = arm_make(resource, context, step, &making, NULL, &json, err);

    return status == ACSMTP_OK ? keep_ids(deployment, json, err) : status;
}

static int identity_remove(struct resource *resource, struct acsmtp_context *context,
                           struct schedule_step *step, struct acsmtp_error *err)
{
    return arm_unmake(resource, context, step, resource->deployment->identity_id, VERSION_IDENTITY,
                      err);
}

const struct resource_kind resource_identity = {identity_look, identity_ensure, identity_remove};
