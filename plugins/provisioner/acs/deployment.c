/* SPDX-License-Identifier: MIT */
/* A deployment's life, its ids and its rows; see deployment.h. */
#include "deployment.h"

#include "arm.h"
#include "guid.h"
#include "resource.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUBSCRIPTION_VERSION "2022-12-01"

static void make_ids(struct deployment *deployment)
{
    const struct parameters *p = deployment->parameters;
    char *group = deployment->group_id;

    (void)snprintf(group, ARM_ID_MAX, "/subscriptions/%.36s/resourceGroups/%.90s", p->subscription,
                   p->resource_group);
    (void)snprintf(deployment->communication_id, ARM_ID_MAX,
                   "%.150s/providers/Microsoft.Communication/communicationServices/%.63s", group,
                   p->communication_name);
    (void)snprintf(deployment->email_id, ARM_ID_MAX,
                   "%.150s/providers/Microsoft.Communication/emailServices/%.63s", group,
                   p->email_name);
    (void)snprintf(deployment->domain_id, ARM_ID_MAX, "%.300s/domains/%.253s", deployment->email_id,
                   p->domain_name);
    (void)snprintf(deployment->vault_id, ARM_ID_MAX,
                   "%.150s/providers/Microsoft.KeyVault/vaults/%.24s", group, p->key_vault_name);
    (void)snprintf(deployment->identity_id, ARM_ID_MAX,
                   "%.150s/providers/Microsoft.ManagedIdentity/userAssignedIdentities/%.128s",
                   group, p->identity_name);
}

/* Names in Graph belong to a tenant: they carry the communication service's whole id. */
static void make_logins(struct deployment *deployment)
{
    const struct parameters *p = deployment->parameters;
    struct login *logins = deployment->logins;
    char guid[37];
    int i;

    logins[LOGIN_LEGACY] = (struct login){.role = "legacy", .username = p->legacy_username};
    logins[LOGIN_MODERN] = (struct login){.role = "modern", .username = p->modern_username};
    logins[LOGIN_IDENTITY] = (struct login){.role = "identity", .username = p->identity_username};
    guid_of(deployment->communication_id, guid);
    for (i = 0; i < LOGIN_IDENTITY; i++) {
        (void)snprintf(logins[i].unique_name, sizeof logins[i].unique_name, "acsmtp-%s-%s",
                       logins[i].role, guid);
        (void)snprintf(logins[i].secret_name, sizeof logins[i].secret_name, "smtp-%s-client-secret",
                       logins[i].role);
    }
}

/* One read that tells token, subscription and tenant apart before anything else is tried. */
static int check_subscription(struct deployment *deployment, struct acsmtp_context *context,
                              struct acsmtp_error *err)
{
    const char *subscription = deployment->parameters->subscription;
    ACSMTP_AUTO_JSON struct acsmtp_json *json = NULL;
    char id[128];
    int status;

    (void)snprintf(id, sizeof id, "/subscriptions/%s", subscription);
    status = arm_get(deployment, context, id, SUBSCRIPTION_VERSION, &json, err);
    if (status != ACSMTP_OK)
        return status;
    if (!json)
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "there is no subscription '%s', or this identity may not see it: check "
                           "option subscription, or give the identity the role Contributor there",
                           subscription);
    if (acsmtp_json_string(json, "tenantId"))
        return arm_copy_guid(deployment->tenant, json, "tenantId", "the subscription", err);
    (void)snprintf(deployment->tenant, sizeof deployment->tenant, "%s",
                   deployment->caller.tenant_id);
    return ACSMTP_OK;
}

int deployment_open(const struct acsmtp_settings *settings, const struct parameters *parameters,
                    uint32_t flags, struct acsmtp_context *context, struct deployment **deployment,
                    struct acsmtp_error *err)
{
    struct deployment *made = calloc(1, sizeof *made);
    int status;

    *deployment = made;
    if (!made)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    made->parameters = parameters;
    made->flags = flags;
    made->marker = parameters->communication_name;
    make_ids(made);
    make_logins(made);
    resource_list(made);
    status = client_new(settings, &made->client, err);
    if (status != ACSMTP_OK)
        return status;
    client_set_read_only(made->client, (flags & ACSMTP_PROVISION_READ_ONLY) != 0);
    status = client_caller(made->client, context, &made->caller, err);
    if (status == ACSMTP_OK)
        status = check_subscription(made, context, err);
    return status;
}

void deployment_free(struct deployment *deployment)
{
    size_t i;

    if (!deployment)
        return;
    for (i = 0; i < deployment->resource_count; i++)
        acsmtp_json_free(deployment->resources[i].differences);
    for (i = 0; i < LOGINS; i++)
        acsmtp_json_free(deployment->logins[i].credentials);
    acsmtp_json_free(deployment->domain);
    client_free(deployment->client);
    free(deployment);
}

struct resource *deployment_find(struct deployment *deployment, const char *id)
{
    size_t i;

    for (i = 0; i < deployment->resource_count; i++)
        if (strcmp(deployment->resources[i].id, id) == 0)
            return &deployment->resources[i];
    return NULL;
}

int deployment_has(const struct deployment *deployment, const char *id)
{
    const struct resource *found = deployment_find((struct deployment *)deployment, id);

    return found && found->exists;
}

int deployment_owns(const struct deployment *deployment, const char *id)
{
    const struct resource *found = deployment_find((struct deployment *)deployment, id);

    return found && found->exists && found->is_ours;
}

struct login *resource_login(const struct resource *resource)
{
    const enum login_role *role = resource->argument;

    return &resource->deployment->logins[*role];
}

static int add_difference(struct resource *resource, struct acsmtp_json *item,
                          struct acsmtp_error *err)
{
    if (!resource->differences)
        resource->differences = acsmtp_json_new_array(err);
    if (item && resource->differences)
        return acsmtp_json_append(resource->differences, item, err);
    acsmtp_json_free(item);
    return ACSMTP_SYSTEM;
}

int resource_differs(struct resource *resource, const char *path, const char *before,
                     const char *after, struct acsmtp_error *err)
{
    return add_difference(
        resource, ARM_TEXTS(err, {"path", path}, {"before", before}, {"after", after}), err);
}

int resource_is_off(struct resource *resource, const char *path, struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *item = ARM_TEXTS(err, {"path", path});
    int status = item ? ACSMTP_OK : ACSMTP_SYSTEM;

    if (status == ACSMTP_OK)
        status = acsmtp_json_set(item, "before", acsmtp_json_new_boolean(0, err), err);
    if (status == ACSMTP_OK)
        status = acsmtp_json_set(item, "after", acsmtp_json_new_boolean(1, err), err);
    if (status != ACSMTP_OK)
        return status;
    return add_difference(resource, ACSMTP_STEAL(struct acsmtp_json, item), err);
}

const char *change_name(enum change change)
{
    static const char *const names[] = {NULL, "keep", "create", "update", "delete", "absent"};

    return names[change];
}
