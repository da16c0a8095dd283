/* SPDX-License-Identifier: MIT */
/*
 * The service principal of an application: who gets roles. Right after the application was made the
 * directory may not know it yet.
 */
#include "arm.h"
#include "graph.h"
#include "resource.h"

#include <stdio.h>

#define PRINCIPALS "/v1.0/servicePrincipals"

static int principal_look(struct resource *resource, struct acsmtp_context *context,
                          struct schedule_step *step, struct acsmtp_error *err)
{
    struct login *login = resource_login(resource);
    ACSMTP_AUTO_JSON struct acsmtp_json *json = NULL;
    char target[128];
    int status;

    (void)step;
    resource->change = CHANGE_CREATE;
    if (!login->credentials) /* no application */
        return ACSMTP_OK;
    (void)snprintf(target, sizeof target, PRINCIPALS "(appId='%s')", login->application_id);
    status = graph_get(resource->deployment, context, target, &json, err);
    if (status != ACSMTP_OK || !json)
        return status;
    resource->exists = resource->is_ours = 1;
    resource->change = CHANGE_KEEP;
    return arm_copy_guid(login->principal_id, json, "id", "the service principal", err);
}

struct making {
    struct resource *resource;
    struct schedule_step *step;
};

/* An attempt that failed may have made one all the same: it is looked for, then (409, whose code
 * Request_MultipleObjectsWithSameKeyValue is UNVERIFIED, would say the same). */
static int make_principal(void *data, struct acsmtp_context *context, struct acsmtp_error *err)
{
    const struct making *making = data;
    struct resource *resource = making->resource;
    struct login *login = resource_login(resource);
    ACSMTP_AUTO_JSON struct acsmtp_json *body = ARM_TEXTS(err, {"appId", login->application_id});
    ACSMTP_AUTO_JSON struct acsmtp_json *json = NULL;
    const struct graph_change post = {"POST", PRINCIPALS, body, NULL};
    struct acsmtp_error failure = ACSMTP_ERROR_INIT;
    int status;

    if (!body)
        return ACSMTP_SYSTEM;
    status = graph_change(resource, context, making->step, &post, &json, &failure);
    if (status == ACSMTP_OK)
        return arm_copy_guid(login->principal_id, json, "id", "the service principal", err);
    if (principal_look(resource, context, making->step, err) == ACSMTP_OK && resource->exists)
        return ACSMTP_OK;
    acsmtp_error_clear(err);
    *err = failure;
    return status;
}

/* Trying again does no harm. */
static int may_pass(const struct acsmtp_error *err)
{
    return err->status == ACSMTP_TEMPORARY || graph_is_replicating(err);
}

static int principal_ensure(struct resource *resource, struct acsmtp_context *context,
                            struct schedule_step *step, struct acsmtp_error *err)
{
    struct making making = {resource, step};
    const struct schedule_retry retry = {
        .what = "waiting until the new application is known",
        .attempt = make_principal,
        .is_transient = may_pass,
        .data = &making,
        .wait_ms = resource->deployment->parameters->wait_ms,
        .poll_ms = resource->deployment->parameters->poll_ms,
    };
    int status = schedule_retry(step, context, &retry, err);

    resource->change = CHANGE_CREATE;
    if (status == ACSMTP_OK)
        resource->exists = resource->is_ours = 1;
    return status;
}

static int principal_remove(struct resource *resource, struct acsmtp_context *context,
                            struct schedule_step *step, struct acsmtp_error *err)
{
    int purge = (resource->deployment->flags & ACSMTP_PROVISION_PURGE) != 0;

    return graph_delete(resource, context, step, PRINCIPALS, resource_login(resource)->principal_id,
                        purge, err);
}

const struct resource_kind resource_principal = {principal_look, principal_ensure,
                                                 principal_remove};
