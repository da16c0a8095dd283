/* SPDX-License-Identifier: MIT */
/*
 * The mail domain. An Azure-managed one must be called AzureManagedDomain and gets a name of
 * Azure's; one of the customer's own is the name of its resource.
 */
#include "arm.h"
#include "resource.h"
#include "verified.h"

static const char *management(const struct deployment *deployment)
{
    return deployment->parameters->custom_domain ? "CustomerManaged" : "AzureManaged";
}

static int domain_look(struct resource *resource, struct acsmtp_context *context,
                       struct schedule_step *step, struct acsmtp_error *err)
{
    struct deployment *deployment = resource->deployment;
    ACSMTP_AUTO_JSON struct acsmtp_json *json = NULL;
    const char *found;
    int status;

    (void)step;
    status = arm_look(resource, context, deployment->domain_id, VERSION_COMMUNICATION, &json, err);
    if (status == ACSMTP_OK && !json)
        return resource_differs(resource, "properties.domainManagement", NULL,
                                management(deployment), err);
    if (status != ACSMTP_OK)
        return status;
    found = acsmtp_json_string(acsmtp_json_get(json, "properties"), "domainManagement");
    if (found && !arm_same(found, management(deployment)))
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "%s exists as '%s', which never changes: choose another email service "
                           "or another domain",
                           resource->title, found);
    return verified_keep(deployment, ACSMTP_STEAL(struct acsmtp_json, json), err);
}

static int domain_ensure(struct resource *resource, struct acsmtp_context *context,
                         struct schedule_step *step, struct acsmtp_error *err)
{
    struct deployment *deployment = resource->deployment;
    struct acsmtp_json *properties = ARM_TEXTS(err, {"domainManagement", management(deployment)});
    static const char *const kept[] = {"userEngagementTracking", NULL};
    const struct arm_making making = {deployment->domain_id, VERSION_COMMUNICATION, "global", kept};
    struct acsmtp_json *json = NULL;
    int status = properties ? arm_make(resource, context, step, &making, properties, &json, err)
                            : ACSMTP_SYSTEM;

    return status == ACSMTP_OK ? verified_keep(deployment, json, err) : status;
}

static int domain_remove(struct resource *resource, struct acsmtp_context *context,
                         struct schedule_step *step, struct acsmtp_error *err)
{
    return arm_unmake(resource, context, step, resource->deployment->domain_id,
                      VERSION_COMMUNICATION, err);
}

const struct resource_kind resource_domain = {domain_look, domain_ensure, domain_remove};
