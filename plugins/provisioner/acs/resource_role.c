/* SPDX-License-Identifier: MIT */
/*
 * A role assignment. Its name is a GUID made of scope, principal and role: the same each time, so
 * that making it twice is one assignment, and one under another name is somebody else's.
 * A principal that was made a moment ago is not known everywhere (PrincipalNotFound), and a role
 * takes minutes to reach the vault.
 */
#include "resource_role.h"

#include "arm.h"
#include "guid.h"
#include "resource.h"
#include "vault.h"

#include <stdio.h>
#include <string.h>

#define EMAIL_SERVICE_OWNER "09976791-48a7-449e-bb21-39d1a415f350"
#define KEY_VAULT_SECRETS_OFFICER "b86a8fe4-44ce-4948-aee5-eccb2c155cd7"

const struct role role_of_caller = {LOGINS, "Key Vault Secrets Officer", KEY_VAULT_SECRETS_OFFICER};
const struct role role_of_legacy = {LOGIN_LEGACY, "Communication and Email Service Owner",
                                    EMAIL_SERVICE_OWNER};
const struct role role_of_modern = {LOGIN_MODERN, "Communication and Email Service Owner",
                                    EMAIL_SERVICE_OWNER};
const struct role role_of_identity = {LOGIN_IDENTITY, "Communication and Email Service Owner",
                                      EMAIL_SERVICE_OWNER};

static const struct role *role_of(const struct resource *resource)
{
    return resource->argument;
}

static int is_callers(const struct resource *resource)
{
    return role_of(resource)->login == LOGINS;
}

static const char *role_scope(const struct resource *resource)
{
    return is_callers(resource) ? resource->deployment->vault_id
                                : resource->deployment->communication_id;
}

/* "" while it does not exist. */
static const char *role_principal(const struct resource *resource)
{
    const struct deployment *deployment = resource->deployment;

    return is_callers(resource) ? deployment->caller.object_id
                                : deployment->logins[role_of(resource)->login].principal_id;
}

/* Where the id of the assignment is kept among the facts. */
static char *role_fact(const struct resource *resource)
{
    struct deployment *deployment = resource->deployment;

    return is_callers(resource) ? deployment->vault_role_assignment
                                : deployment->logins[role_of(resource)->login].role_assignment;
}

static void role_name(const struct resource *resource, char guid[37])
{
    char text[ARM_ID_MAX + 128];

    (void)snprintf(text, sizeof text, "%s|%s|%s", role_scope(resource), role_principal(resource),
                   role_of(resource)->definition);
    guid_of(text, guid);
}

static void role_id(const struct resource *resource, char id[ARM_ID_MAX])
{
    char guid[37];

    role_name(resource, guid);
    (void)snprintf(id, ARM_ID_MAX, "%.600s/providers/Microsoft.Authorization/roleAssignments/%s",
                   role_scope(resource), guid);
}

/* ---- looking ---- */

/* roleDefinitionId comes with and without its subscription: the last part counts. */
static int is_definition(const struct acsmtp_json *properties, const char *guid)
{
    const char *id = acsmtp_json_string(properties, "roleDefinitionId");
    const char *last = id ? strrchr(id, '/') : NULL;

    return last && arm_same(last + 1, guid);
}

/* Assigned here, or further up: on the group or the subscription. */
static int covers(const struct acsmtp_json *properties, const char *scope)
{
    const char *at = acsmtp_json_string(properties, "scope");
    size_t size = at ? strlen(at) : 0;

    return size > 0 && strlen(scope) >= size && strncasecmp(at, scope, size) == 0 &&
           (scope[size] == '\0' || scope[size] == '/' || at[size - 1] == '/');
}

static int find_assignment(struct resource *resource, const struct acsmtp_json *items)
{
    char name[37];
    size_t i;

    role_name(resource, name);
    for (i = 0; i < acsmtp_json_length(items); i++) {
        const struct acsmtp_json *item = acsmtp_json_item(items, i);
        const struct acsmtp_json *properties = acsmtp_json_get(item, "properties");
        const char *id = acsmtp_json_string(item, "id");

        if (!is_definition(properties, role_of(resource)->definition) ||
            !arm_same(acsmtp_json_string(properties, "principalId"), role_principal(resource)) ||
            !covers(properties, role_scope(resource)))
            continue;
        (void)snprintf(role_fact(resource), ARM_ID_MAX, "%s", id ? id : "");
        resource->exists = 1;
        resource->is_ours = arm_same(acsmtp_json_string(item, "name"), name);
        if (resource->is_ours)
            break;
    }
    return resource->exists;
}

/* Assigned is not effective yet: only the vault's own answer tells. */
static int look_into_vault(struct resource *resource, struct acsmtp_context *context,
                           struct acsmtp_error *err)
{
    struct acsmtp_error failure = ACSMTP_ERROR_INIT;
    int status = vault_opens(resource->deployment, context, &failure);

    resource->deployment->vault_opens = status == ACSMTP_OK;
    if (status == ACSMTP_OK)
        return ACSMTP_OK;
    if (vault_is_transient(&failure)) {
        resource->change = CHANGE_UPDATE;
        resource->reason = "assigned, but the key vault does not answer to it yet";
        return ACSMTP_OK;
    }
    if (err)
        *err = failure;
    return status;
}

static int role_look(struct resource *resource, struct acsmtp_context *context,
                     struct schedule_step *step, struct acsmtp_error *err)
{
    const char *parent = is_callers(resource) ? "key-vault" : "communication-service";
    ACSMTP_AUTO_JSON struct acsmtp_json *items = NULL;
    char id[ARM_ID_MAX], filter[96];
    int status;

    (void)step;
    resource->change = CHANGE_CREATE;
    if (!deployment_has(resource->deployment, parent) || !role_principal(resource)[0])
        return ACSMTP_OK;
    (void)snprintf(id, sizeof id, "%.600s/providers/Microsoft.Authorization/roleAssignments",
                   role_scope(resource));
    (void)snprintf(filter, sizeof filter, "principalId eq '%s'", role_principal(resource));
    status =
        arm_list(resource->deployment, context, id, VERSION_AUTHORIZATION, filter, &items, err);
    if (status != ACSMTP_OK || !find_assignment(resource, items))
        return status;
    resource->change = CHANGE_KEEP;
    return is_callers(resource) ? look_into_vault(resource, context, err) : ACSMTP_OK;
}

/* ---- assigning ---- */

struct assignment {
    struct resource *resource;
    struct schedule_step *step;
};

static int assign(void *data, struct acsmtp_context *context, struct acsmtp_error *err)
{
    const struct assignment *assignment = data;
    struct resource *resource = assignment->resource;
    const struct deployment *deployment = resource->deployment;
    ACSMTP_AUTO_JSON struct acsmtp_json *body = acsmtp_json_new_object(err);
    char id[ARM_ID_MAX], definition[256];
    struct arm_change put = {"PUT", id, VERSION_AUTHORIZATION, body};
    struct acsmtp_json *properties;
    int status;

    role_id(resource, id);
    (void)snprintf(definition, sizeof definition,
                   "/subscriptions/%s/providers/Microsoft.Authorization/roleDefinitions/%s",
                   deployment->parameters->subscription, role_of(resource)->definition);
    /* Without principalType Azure looks a new principal up, and may not find it. */
    properties = ARM_TEXTS(
        err, {"roleDefinitionId", definition}, {"principalId", role_principal(resource)},
        {"principalType", is_callers(resource) ? deployment->caller.type : "ServicePrincipal"});
    if (!body || acsmtp_json_set(body, "properties", properties, err) != ACSMTP_OK)
        return ACSMTP_SYSTEM;
    status = arm_change(resource, context, assignment->step, &put, NULL, err);
    if (status != ACSMTP_OK && client_failed_with(err, "RoleAssignmentExists")) {
        acsmtp_error_clear(err);
        return ACSMTP_OK;
    }
    (void)snprintf(role_fact(resource), ARM_ID_MAX, "%s", id);
    return status;
}

static int is_unknown_principal(const struct acsmtp_error *err)
{
    return client_failed_with(err, "PrincipalNotFound");
}

static int open_vault(void *data, struct acsmtp_context *context, struct acsmtp_error *err)
{
    struct deployment *deployment = data;
    int status = vault_opens(deployment, context, err);

    deployment->vault_opens = status == ACSMTP_OK;
    return status;
}

static int wait_for_vault(struct resource *resource, struct acsmtp_context *context,
                          struct schedule_step *step, struct acsmtp_error *err)
{
    const struct schedule_retry retry = {
        .what = "waiting until the role reaches the key vault",
        .attempt = open_vault,
        .is_transient = vault_is_transient,
        .data = resource->deployment,
        .wait_ms = resource->deployment->parameters->wait_ms,
        .poll_ms = resource->deployment->parameters->poll_ms,
    };

    struct acsmtp_error failure = ACSMTP_ERROR_INIT;
    int status = schedule_retry(step, context, &retry, &failure);

    if (status == ACSMTP_OK)
        return ACSMTP_OK;
    *err = failure;
    /* The role is assigned: a refusal now is no verdict about it. */
    if (!client_failed_with(&failure, "ForbiddenByRbac"))
        return status;
    acsmtp_error_clear(err);
    acsmtp_error_server(err, failure.server_code, failure.code, failure.server_text);
    return acsmtp_fail(err, ACSMTP_TEMPORARY,
                       "the role is assigned, but after %lld s the key vault does not answer to it "
                       "(ForbiddenByRbac): it can take 10 minutes; apply again then",
                       (long long)(retry.wait_ms / 1000));
}

static int role_ensure(struct resource *resource, struct acsmtp_context *context,
                       struct schedule_step *step, struct acsmtp_error *err)
{
    struct assignment assignment = {resource, step};
    const struct schedule_retry retry = {
        .what = "waiting until the new principal is known",
        .attempt = assign,
        .is_transient = is_unknown_principal,
        .data = &assignment,
        .wait_ms = resource->deployment->parameters->wait_ms,
        .poll_ms = resource->deployment->parameters->poll_ms,
    };
    int status = ACSMTP_OK;

    if (!resource->exists)
        status = schedule_retry(step, context, &retry, err);
    if (status == ACSMTP_OK && is_callers(resource))
        status = wait_for_vault(resource, context, step, err);
    if (status == ACSMTP_OK)
        resource->exists = 1;
    return status;
}

static int role_remove(struct resource *resource, struct acsmtp_context *context,
                       struct schedule_step *step, struct acsmtp_error *err)
{
    char id[ARM_ID_MAX];

    role_id(resource, id);
    return arm_unmake(resource, context, step, id, VERSION_AUTHORIZATION, err);
}

const struct resource_kind resource_role = {role_look, role_ensure, role_remove};
