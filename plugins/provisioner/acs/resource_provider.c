/* SPDX-License-Identifier: MIT */
/*
 * A resource provider that the subscription must be registered for. Registration is no long-running
 * operation of ARM's: registrationState is polled. Never undone, since others may use it.
 */
#include "arm.h"
#include "resource.h"

#include <stdio.h>

static void provider_id(const struct resource *resource, const char *action, char *id)
{
    (void)snprintf(id, ARM_ID_MAX, "/subscriptions/%s/providers/%s%s",
                   resource->deployment->parameters->subscription, (const char *)resource->argument,
                   action);
}

static int provider_look(struct resource *resource, struct acsmtp_context *context,
                         struct schedule_step *step, struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *json = NULL;
    char id[ARM_ID_MAX];
    const char *state;
    int status;

    (void)step;
    provider_id(resource, "", id);
    status = arm_get(resource->deployment, context, id, VERSION_RESOURCES, &json, err);
    if (status != ACSMTP_OK)
        return status;
    if (!json)
        return acsmtp_fail(err, ACSMTP_CONFIG, "this cloud has no resource provider '%s'",
                           (const char *)resource->argument);
    state = acsmtp_json_string(json, "registrationState");
    if (!state)
        return acsmtp_fail(err, ACSMTP_PROTOCOL, "the reply does not tell the registration state");
    resource->exists = arm_same(state, "Registered");
    resource->is_busy = arm_same(state, "Registering");
    resource->change = resource->exists ? CHANGE_KEEP : CHANGE_CREATE;
    return ACSMTP_OK;
}

/* One look of the wait; TEMPORARY while it is not registered. */
static int provider_is_there(void *data, struct acsmtp_context *context, struct acsmtp_error *err)
{
    struct resource *resource = data;
    int status = provider_look(resource, context, NULL, err);

    if (status == ACSMTP_OK && !resource->exists)
        return acsmtp_fail(err, ACSMTP_TEMPORARY, "%s is not registered yet", resource->title);
    return status;
}

static int is_temporary(const struct acsmtp_error *err)
{
    return err->status == ACSMTP_TEMPORARY;
}

static int provider_ensure(struct resource *resource, struct acsmtp_context *context,
                           struct schedule_step *step, struct acsmtp_error *err)
{
    const struct schedule_retry wait = {
        .what = "waiting for the registration",
        .attempt = provider_is_there,
        .is_transient = is_temporary,
        .data = resource,
        .wait_ms = resource->deployment->parameters->wait_ms,
        .poll_ms = resource->deployment->parameters->poll_ms,
    };
    char id[ARM_ID_MAX];
    struct arm_change registration = {"POST", id, VERSION_RESOURCES, NULL};
    int status;

    provider_id(resource, "/register", id);
    status = arm_change(resource, context, step, &registration, NULL, err);
    if (status == ACSMTP_OK)
        status = schedule_retry(step, context, &wait, err);
    resource->change = CHANGE_CREATE;
    return status;
}

const struct resource_kind resource_provider = {provider_look, provider_ensure, NULL};
