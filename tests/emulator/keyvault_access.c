/* SPDX-License-Identifier: MIT */
/* Key Vault's door: the 401 challenge, token checks, role checks. */
#include "bearer.h"
#include "claims.h"
#include "directory.h"
#include "keyvault.h"
#include "tree.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define REAL_RESOURCE "https://vault.azure.net"

void keyvault_resource(const struct emulator *emulator, char *out, size_t size)
{
    snprintf(out, size, "https://vault.localhost:%u",
             (unsigned)emulator->services[SERVICE_KEYVAULT].port);
}

void keyvault_error(struct keyvault_call *call, unsigned status, const char *code,
                    const char *inner, const char *message)
{
    counters_refuse(&call->emulator->counters, "keyvault", message);
    http_reply_error(call->reply, status, code, inner, message);
}

/* A client that reached us under Azure's own name, through a proxy, gets Azure's own names. */
static bool is_real_name(const struct keyvault_call *call)
{
    return strstr(call->request->base, ".vault.azure.net") != NULL;
}

/* `more`: further parameters of the challenge, with the comma before them. */
static void challenge(struct keyvault_call *call, const char *more, const char *message)
{
    char resource[128];
    char authority[128];
    keyvault_resource(call->emulator, resource, sizeof(resource));
    snprintf(authority, sizeof(authority), "https://localhost:%u",
             (unsigned)call->emulator->services[SERVICE_ENTRA].port);
    bool real = is_real_name(call);
    http_reply_header(
        call->reply, "WWW-Authenticate", "Bearer authorization=\"%s/%s\", resource=\"%s\"%s",
        real ? "https://login.microsoftonline.com" : authority,
        tree_string(call->state, "tenant_id", ""), real ? REAL_RESOURCE : resource, more);
    keyvault_error(call, 401, "Unauthorized", NULL, message);
}

/* The token is good, but older than what happened to its owner since (continuous access
 * evaluation). UNVERIFIED number and words. */
static bool wants_claims(struct keyvault_call *call)
{
    int64_t not_before = tree_int(tree_get(call->state, "keyvault", NULL), "claims_not_before", 0);
    if (claims_satisfied(call->claims, not_before)) {
        return false;
    }
    struct text more;
    text_init(&more, 512);
    text_puts(&more, ", error=\"insufficient_claims\", claims=\"");
    claims_add_challenge(&more, not_before);
    text_puts(&more, "\"");
    challenge(call, text_string(&more),
              "AKV10095: The token does not satisfy the claims that are asked for.");
    text_release(&more);
    return true;
}

bool keyvault_authenticate(struct keyvault_call *call)
{
    char resource[128];
    char message[1024];
    keyvault_resource(call->emulator, resource, sizeof(resource));
    const char *audiences[] = {resource, REAL_RESOURCE, NULL};
    struct bearer bearer;
    enum bearer_result result =
        bearer_check(call->emulator, call->state, http_header(call->request, "Authorization"),
                     audiences, &bearer);
    call->claims = bearer.claims;
    switch (result) {
    case BEARER_GOOD:
        return !wants_claims(call);
    case BEARER_MISSING:
        challenge(call, "", "AKV10000: Request is missing a Bearer or PoP token.");
        break;
    case BEARER_WRONG_TENANT:
        snprintf(message, sizeof(message),
                 "AKV10032: Invalid issuer. Expected one of https://sts.windows.net/%s/, found "
                 "%.200s.",
                 tree_string(call->state, "tenant_id", ""), tree_string(call->claims, "iss", ""));
        challenge(call, "", message);
        break;
    case BEARER_WRONG_AUDIENCE:
        /* UNVERIFIED number and words */
        snprintf(message, sizeof(message),
                 "AKV10022: Invalid audience. Expected %s, found: %.200s.", REAL_RESOURCE,
                 tree_string(call->claims, "aud", ""));
        challenge(call, "", message);
        break;
    default:
        /* UNVERIFIED number and words */
        snprintf(message, sizeof(message), "AKV10046: Unable to validate the token: %s.",
                 bearer.why);
        challenge(call, "", message);
        break;
    }
    return false;
}

static void deny_by_role(struct keyvault_call *call, const char *operation)
{
    struct text message;
    text_init(&message, 8192);
    text_printf(&message,
                "Caller is not authorized to perform action on resource.\r\nIf role assignments, "
                "deny assignments or role definitions were changed recently, please observe "
                "propagation time.\r\nCaller: appid=%s;oid=%s;iss=%s\r\nAction: "
                "'%s'\r\nResource: '%s%s%.127s'\r\nAssignment: (not found)\r\nDenyAssignmentId: "
                "null\r\nDecisionReason: null\r\nVault: %s;location=%s\r\n",
                tree_string(call->claims, "appid", ""), tree_string(call->claims, "oid", ""),
                tree_string(call->claims, "iss", ""), operation, call->scope,
                call->name[0] == '\0' ? "" : "/secrets/", call->name, call->vault_name,
                call->location);
    keyvault_error(call, 403, "Forbidden", "ForbiddenByRbac", text_string(&message));
    text_release(&message);
}

static void deny_by_policy(struct keyvault_call *call, const char *permission)
{
    struct text message;
    text_init(&message, 4096);
    text_printf(&message,
                "The user, group or application 'appid=%s;oid=%s;iss=%s' does not have secrets %s "
                "permission on key vault '%s;location=%s'. For help resolving this issue, please "
                "see https://go.microsoft.com/fwlink/?linkid=2125287",
                tree_string(call->claims, "appid", ""), tree_string(call->claims, "oid", ""),
                tree_string(call->claims, "iss", ""), permission, call->vault_name, call->location);
    /* UNVERIFIED inner code */
    keyvault_error(call, 403, "Forbidden", "AccessDenied", text_string(&message));
    text_release(&message);
}

static bool policy_allows(const struct keyvault_call *call, const char *permission)
{
    struct json_object *policies = tree_get(call->properties, "accessPolicies", NULL);
    const char *caller = tree_string(call->claims, "oid", "");
    if (!json_object_is_type(policies, json_type_array)) {
        return false;
    }
    for (size_t i = 0; i < json_object_array_length(policies); i++) {
        struct json_object *policy = json_object_array_get_idx(policies, i);
        struct json_object *permissions = tree_get(policy, "permissions", NULL);
        if (strcasecmp(tree_string(policy, "objectId", ""), caller) == 0 &&
            (tree_has(permissions, "secrets", permission) ||
             tree_has(permissions, "secrets", "all"))) {
            return true;
        }
    }
    return false;
}

bool keyvault_authorize(struct keyvault_call *call, const struct keyvault_right *right)
{
    char operation[128];
    if (!tree_bool(call->properties, "enableRbacAuthorization", false)) {
        if (policy_allows(call, right->permission)) {
            return true;
        }
        deny_by_policy(call, right->permission);
        return false;
    }
    snprintf(operation, sizeof(operation), "Microsoft.KeyVault/vaults/secrets/%s",
             right->operation);
    if (directory_allows(call->state, tree_string(call->claims, "oid", ""), ROLE_DATA, operation,
                         call->scope, call->now)) {
        return true;
    }
    deny_by_role(call, operation);
    return false;
}
