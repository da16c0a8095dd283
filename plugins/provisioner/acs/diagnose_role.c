/* SPDX-License-Identifier: MIT */
/*
 * Whether the application may send through the service: a role that is known to do, on the service
 * or further up. What a custom role allows is not looked into.
 */
#include "diagnose.h"

#include "arm.h"

#include <stdio.h>
#include <string.h>

#define NO_ROLE_HINT                                                                               \
    "Give the application the role \"Communication and Email Service Owner\" on the "              \
    "Communication "                                                                               \
    "Services resource (az role assignment create); it takes minutes to work."

/* Roles of Azure that allow what ACS SMTP asks for. */
static const struct {
    const char *definition, *name;
} sending_roles[] = {
    {"09976791-48a7-449e-bb21-39d1a415f350", "Communication and Email Service Owner"},
    {"b24988ac-6180-42a0-ab88-20f7382dd24c", "Contributor"},
    {"8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "Owner"},
};

/* The object id of the application's service principal: the token's, or what Graph knows. */
static int find_principal(const struct diagnose *diagnose, char principal[GUID_MAX],
                          struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *json = NULL;
    char target[160];
    int status;

    if (diagnose->request->object_id &&
        arm_same(diagnose->request->client_id, diagnose->application)) {
        (void)snprintf(principal, GUID_MAX, "%s", diagnose->request->object_id);
        return ACSMTP_OK;
    }
    (void)snprintf(target, sizeof target, "/v1.0/servicePrincipals(appId='%s')",
                   diagnose->application);
    status = client_get(diagnose->client, diagnose->context, CLIENT_GRAPH, target, &json, err);
    if (status == ACSMTP_OK && !json)
        return acsmtp_fail(err, ACSMTP_UNAVAILABLE, "the tenant has no such application");
    return status == ACSMTP_OK ? arm_copy_guid(principal, json, "id", "service principal", err)
                               : status;
}

static const char *role_name(const struct acsmtp_json *properties)
{
    const char *id = acsmtp_json_string(properties, "roleDefinitionId");
    const char *last = id ? strrchr(id, '/') : NULL;

    for (size_t i = 0; last && i < sizeof sending_roles / sizeof sending_roles[0]; i++)
        if (arm_same(last + 1, sending_roles[i].definition))
            return sending_roles[i].name;
    return NULL;
}

/* Assigned on the service or further up; the list also tells what is assigned below it. */
static int covers(const struct acsmtp_json *properties, const char *service)
{
    const char *scope = acsmtp_json_string(properties, "scope");
    size_t size = scope ? strlen(scope) : 0;

    return size > 0 && strncasecmp(service, scope, size) == 0 &&
           (scope[size - 1] == '/' || service[size] == '\0' || service[size] == '/');
}

static void judge(const struct diagnose *diagnose, const struct acsmtp_json *assignments,
                  const char *service)
{
    const char *name = diagnose_name(diagnose->service);
    size_t others = 0;

    for (size_t i = 0; i < acsmtp_json_length(assignments); i++) {
        const struct acsmtp_json *properties =
            acsmtp_json_get(acsmtp_json_item(assignments, i), "properties");
        const char *role = role_name(properties);

        if (!covers(properties, service))
            continue;
        if (role) {
            diagnose_good(diagnose, "role", name, "the application has the role \"%s\"", role);
            return;
        }
        others++;
    }
    if (others)
        diagnose_warning(diagnose, "role", name, NO_ROLE_HINT,
                         "none of the roles that are known to do; %zu other%s might", others,
                         others == 1 ? "" : "s");
    else
        diagnose_bad(diagnose, "role", name, NO_ROLE_HINT,
                     "the application %s has no role on the communication service",
                     diagnose->application);
}

void diagnose_role(const struct diagnose *diagnose)
{
    const char *service = acsmtp_json_string(diagnose->service, "id");
    ACSMTP_AUTO_JSON struct acsmtp_json *assignments = NULL;
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    char principal[GUID_MAX];
    char below[256];

    if (find_principal(diagnose, principal, &err) == ACSMTP_OK) {
        (void)snprintf(below, sizeof below,
                       "providers/Microsoft.Authorization/roleAssignments"
                       "?$filter=principalId%%20eq%%20%%27%s%%27",
                       principal);
        if (diagnose_list(diagnose, service, below, VERSION_AUTHORIZATION, &assignments, &err) ==
            ACSMTP_OK) {
            judge(diagnose, assignments, service);
            return;
        }
    }
    diagnose_unknown(diagnose, "role", diagnose_name(diagnose->service), "%s", err.message);
}
