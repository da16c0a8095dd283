/* SPDX-License-Identifier: MIT */
/*
 * The communication service and the email service: two types with the same life. Where they keep
 * their data is said once, when they are made.
 */
#include "arm.h"
#include "resource.h"

#include <stdio.h>
#include <string.h>

static int service_look(struct resource *resource, struct acsmtp_context *context, const char *id,
                        struct acsmtp_json **json, struct acsmtp_error *err)
{
    const char *wanted = resource->deployment->parameters->data_location;
    int status = arm_look(resource, context, id, VERSION_COMMUNICATION, json, err);
    const char *found;

    if (status == ACSMTP_OK && !*json)
        return resource_differs(resource, "properties.dataLocation", NULL, wanted, err);
    if (status != ACSMTP_OK)
        return status;
    found = acsmtp_json_string(acsmtp_json_get(*json, "properties"), "dataLocation");
    if (!found || arm_same(found, wanted))
        return ACSMTP_OK;
    return acsmtp_fail(err, ACSMTP_CONFIG,
                       "%s keeps its data in '%s', and that never changes: say so with option "
                       "data_location, or choose another name",
                       resource->title, found);
}

static int service_ensure(struct resource *resource, struct acsmtp_context *context,
                          struct schedule_step *step, const char *id, struct acsmtp_json **json,
                          struct acsmtp_error *err)
{
    static const char *const kept[] = {"linkedDomains", "disableLocalAuth", "publicNetworkAccess",
                                       NULL};
    const struct arm_making making = {id, VERSION_COMMUNICATION, "global", kept};
    struct acsmtp_json *properties =
        ARM_TEXTS(err, {"dataLocation", resource->deployment->parameters->data_location});

    return properties ? arm_make(resource, context, step, &making, properties, json, err)
                      : ACSMTP_SYSTEM;
}

/* ---- communication service ---- */

/* Host of its REST endpoint; told by the service, never built. */
static void keep_host(struct deployment *deployment, const struct acsmtp_json *json)
{
    const char *host = acsmtp_json_string(acsmtp_json_get(json, "properties"), "hostName");

    if (host)
        (void)snprintf(deployment->communication_host, sizeof deployment->communication_host, "%s",
                       host);
}

static int communication_look(struct resource *resource, struct acsmtp_context *context,
                              struct schedule_step *step, struct acsmtp_error *err)
{
    struct deployment *deployment = resource->deployment;
    ACSMTP_AUTO_JSON struct acsmtp_json *json = NULL;
    int status = service_look(resource, context, deployment->communication_id, &json, err);

    (void)step;
    keep_host(deployment, json);
    return status;
}

static int communication_ensure(struct resource *resource, struct acsmtp_context *context,
                                struct schedule_step *step, struct acsmtp_error *err)
{
    struct deployment *deployment = resource->deployment;
    ACSMTP_AUTO_JSON struct acsmtp_json *json = NULL;
    int status = ACSMTP_OK;

    if (!resource->exists)
        status =
            arm_check_name(resource, context, step, "Microsoft.Communication/CommunicationServices",
                           deployment->parameters->communication_name, "communication_service",
                           VERSION_COMMUNICATION, err);
    if (status == ACSMTP_OK)
        status = service_ensure(resource, context, step, deployment->communication_id, &json, err);
    keep_host(deployment, json);
    return status;
}

static int communication_remove(struct resource *resource, struct acsmtp_context *context,
                                struct schedule_step *step, struct acsmtp_error *err)
{
    return arm_unmake(resource, context, step, resource->deployment->communication_id,
                      VERSION_COMMUNICATION, err);
}

/* ---- email service ---- */

static int email_look(struct resource *resource, struct acsmtp_context *context,
                      struct schedule_step *step, struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *json = NULL;

    (void)step;
    return service_look(resource, context, resource->deployment->email_id, &json, err);
}

static int email_ensure(struct resource *resource, struct acsmtp_context *context,
                        struct schedule_step *step, struct acsmtp_error *err)
{
    return service_ensure(resource, context, step, resource->deployment->email_id, NULL, err);
}

static int email_remove(struct resource *resource, struct acsmtp_context *context,
                        struct schedule_step *step, struct acsmtp_error *err)
{
    return arm_unmake(resource, context, step, resource->deployment->email_id,
                      VERSION_COMMUNICATION, err);
}

const struct resource_kind resource_communication = {communication_look, communication_ensure,
                                                     communication_remove};
const struct resource_kind resource_email = {email_look, email_ensure, email_remove};
