/* SPDX-License-Identifier: MIT */
/*
 * A sender (MailFrom address) of the domain: without it the From is refused with 5.3.5. Senders
 * carry no tags: they are ours when their domain is. Every domain has DoNotReply from the start.
 */
#include "arm.h"
#include "resource.h"

#include <stdio.h>

static void sender_id(const struct resource *resource, char *id)
{
    (void)snprintf(id, ARM_ID_MAX, "%.600s/senderUsernames/%.64s", resource->deployment->domain_id,
                   resource_login(resource)->username);
}

static int sender_look(struct resource *resource, struct acsmtp_context *context,
                       struct schedule_step *step, struct acsmtp_error *err)
{
    struct deployment *deployment = resource->deployment;
    ACSMTP_AUTO_JSON struct acsmtp_json *json = NULL;
    char id[ARM_ID_MAX];
    int status;

    (void)step;
    resource->change = CHANGE_CREATE;
    if (!deployment_has(deployment, "domain"))
        return ACSMTP_OK;
    sender_id(resource, id);
    status = arm_get(deployment, context, id, VERSION_COMMUNICATION, &json, err);
    if (status != ACSMTP_OK || !json)
        return status;
    resource->exists = 1;
    resource->is_ours = deployment_owns(deployment, "domain") &&
                        !arm_same(resource_login(resource)->username, "donotreply");
    resource->change = CHANGE_KEEP;
    return ACSMTP_OK;
}

static int sender_ensure(struct resource *resource, struct acsmtp_context *context,
                         struct schedule_step *step, struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *body = acsmtp_json_new_object(err);
    char id[ARM_ID_MAX];
    struct arm_change put = {"PUT", id, VERSION_COMMUNICATION, body};
    int status = body ? ACSMTP_OK : ACSMTP_SYSTEM;

    sender_id(resource, id);
    if (status == ACSMTP_OK)
        status =
            acsmtp_json_set(body, "properties",
                            ARM_TEXTS(err, {"username", resource_login(resource)->username}), err);
    if (status == ACSMTP_OK)
        status = arm_change(resource, context, step, &put, NULL, err);
    if (status == ACSMTP_OK)
        resource->exists = resource->is_ours = 1;
    return status;
}

static int sender_remove(struct resource *resource, struct acsmtp_context *context,
                         struct schedule_step *step, struct acsmtp_error *err)
{
    char id[ARM_ID_MAX];

    sender_id(resource, id);
    return arm_unmake(resource, context, step, id, VERSION_COMMUNICATION, err);
}

const struct resource_kind resource_sender = {sender_look, sender_ensure, sender_remove};
