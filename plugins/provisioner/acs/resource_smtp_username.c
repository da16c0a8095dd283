/* SPDX-License-Identifier: MIT */
/*
 * An SMTP user name: what binds a login to an application. The resource's name must not be the user
 * name, and cannot be (no '@'): it is acsmtp-ROLE, so that another user name is a change of the
 * same resource. For about a minute after that the SMTP server may still say 535.
 */
#include "arm.h"
#include "resource.h"

#include <stdio.h>
#include <string.h>

static void smtp_name(const struct resource *resource, char name[64])
{
    (void)snprintf(name, 64, "acsmtp-%s", resource_login(resource)->role);
}

static void smtp_id(const struct resource *resource, const char *name, char *id)
{
    (void)snprintf(id, ARM_ID_MAX, "%.600s/smtpUsernames%s%.64s",
                   resource->deployment->communication_id, name[0] ? "/" : "", name);
}

static void smtp_address(const struct resource *resource, char address[384])
{
    (void)snprintf(address, 384, "%.64s@%s", resource_login(resource)->username,
                   resource->deployment->mail_domain);
}

/* Ours by its name, else one of anybody's with our user name. Names come back in lower case. */
static const struct acsmtp_json *find_entry(const struct resource *resource,
                                            const struct acsmtp_json *items)
{
    const struct acsmtp_json *found = NULL;
    char name[64], address[384];
    size_t i;

    smtp_name(resource, name);
    smtp_address(resource, address);
    for (i = 0; i < acsmtp_json_length(items); i++) {
        const struct acsmtp_json *item = acsmtp_json_item(items, i);
        const struct acsmtp_json *properties = acsmtp_json_get(item, "properties");

        if (arm_same(acsmtp_json_string(item, "name"), name))
            return item;
        if (arm_same(acsmtp_json_string(properties, "username"), address))
            found = item;
    }
    return found;
}

static int compare(struct resource *resource, const struct acsmtp_json *properties,
                   const char *path, const char *key, const char *wanted, struct acsmtp_error *err)
{
    char full[96];

    if (arm_same(acsmtp_json_string(properties, key), wanted))
        return ACSMTP_OK;
    resource->change = CHANGE_UPDATE;
    (void)snprintf(full, sizeof full, "%s.%s", path, key);
    return resource_differs(resource, full, acsmtp_json_string(properties, key), wanted, err);
}

static int judge(struct resource *resource, const struct acsmtp_json *item,
                 struct acsmtp_error *err)
{
    const struct deployment *deployment = resource->deployment;
    const struct acsmtp_json *properties = acsmtp_json_get(item, "properties");
    const char *name = acsmtp_json_string(item, "name");
    struct login *login = resource_login(resource);
    char own[64], address[384];
    int status;

    smtp_name(resource, own);
    smtp_address(resource, address);
    resource->exists = 1;
    resource->is_ours = arm_same(name, own);
    resource->change = CHANGE_KEEP;
    (void)snprintf(login->smtp_resource, sizeof login->smtp_resource, "%s", name ? name : "");
    status = compare(resource, properties, "properties", "username", address, err);
    if (status == ACSMTP_OK)
        status = compare(resource, properties, "properties", "entraApplicationId",
                         login->application_id[0] ? login->application_id : NULL, err);
    if (status == ACSMTP_OK)
        status = compare(resource, properties, "properties", "tenantId", deployment->tenant, err);
    if (status == ACSMTP_OK && !resource->is_ours && resource->change == CHANGE_UPDATE &&
        login->application_id[0] && !(deployment->flags & ACSMTP_PROVISION_DESTROY))
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "the SMTP user name '%s' is bound to another application by '%s': "
                           "delete that entry, or choose another with option %s_username",
                           address, name ? name : "", login->role);
    if (status == ACSMTP_OK && !resource->is_ours)
        resource->reason = "not made by acsmtp: used as it is, never removed";
    return status;
}

static int smtp_look(struct resource *resource, struct acsmtp_context *context,
                     struct schedule_step *step, struct acsmtp_error *err)
{
    struct deployment *deployment = resource->deployment;
    ACSMTP_AUTO_JSON struct acsmtp_json *items = NULL;
    const struct acsmtp_json *found;
    char id[ARM_ID_MAX];
    int status;

    (void)step;
    resource->change = CHANGE_CREATE;
    if (!deployment_has(deployment, "communication-service"))
        return ACSMTP_OK;
    smtp_id(resource, "", id);
    status = arm_list(deployment, context, id, VERSION_COMMUNICATION, NULL, &items, err);
    found = status == ACSMTP_OK ? find_entry(resource, items) : NULL;
    return found ? judge(resource, found, err) : status;
}

static int smtp_ensure(struct resource *resource, struct acsmtp_context *context,
                       struct schedule_step *step, struct acsmtp_error *err)
{
    struct login *login = resource_login(resource);
    ACSMTP_AUTO_JSON struct acsmtp_json *body = acsmtp_json_new_object(err);
    char id[ARM_ID_MAX], name[64], address[384];
    struct arm_change put = {"PUT", id, VERSION_COMMUNICATION, body};
    int status;

    smtp_name(resource, name);
    smtp_id(resource, name, id);
    smtp_address(resource, address);
    if (!body || acsmtp_json_set(body, "properties",
                                 ARM_TEXTS(err, {"username", address},
                                           {"entraApplicationId", login->application_id},
                                           {"tenantId", resource->deployment->tenant}),
                                 err) != ACSMTP_OK)
        return ACSMTP_SYSTEM;
    status = arm_change(resource, context, step, &put, NULL, err);
    if (status != ACSMTP_OK)
        return status;
    (void)snprintf(login->smtp_resource, sizeof login->smtp_resource, "%s", name);
    resource->exists = resource->is_ours = 1;
    return ACSMTP_OK;
}

static int smtp_remove(struct resource *resource, struct acsmtp_context *context,
                       struct schedule_step *step, struct acsmtp_error *err)
{
    char id[ARM_ID_MAX], name[64];

    smtp_name(resource, name);
    smtp_id(resource, name, id);
    return arm_unmake(resource, context, step, id, VERSION_COMMUNICATION, err);
}

const struct resource_kind resource_smtp_username = {smtp_look, smtp_ensure, smtp_remove};
