/* SPDX-License-Identifier: MIT */
/* Who is calling Resource Manager, and may they; see arm.h. */
#include "arm.h"
#include "bearer.h"
#include "directory.h"
#include "tree.h"

#include <stdio.h>

/* UNVERIFIED codes, words and header, customary for Resource Manager. */
static void refuse(struct arm_call *call, enum bearer_result result)
{
    const char *tenant = tree_string(call->tree, "tenant_id", "");
    http_reply_header(call->reply, "WWW-Authenticate",
                      "Bearer authorization_uri=\"https://localhost:%u/%s\", "
                      "error=\"invalid_token\"",
                      (unsigned)call->emulator->services[SERVICE_ENTRA].port, tenant);
    switch (result) {
    case BEARER_MISSING:
        arm_error(call, 401, "AuthenticationFailed",
                  "Authentication failed. The 'Authorization' header is missing.");
        break;
    case BEARER_EXPIRED:
        arm_error(call, 401, "ExpiredAuthenticationToken",
                  "The access token expiry UTC time is earlier than current UTC time.");
        break;
    case BEARER_WRONG_AUDIENCE:
        arm_error(call, 401, "InvalidAuthenticationTokenAudience",
                  "The access token has been obtained for wrong audience or resource '%.200s'. It "
                  "should exactly match with one of the allowed audiences "
                  "'https://management.core.windows.net/','https://management.azure.com/'.",
                  tree_string(call->claims, "aud", ""));
        break;
    case BEARER_WRONG_TENANT:
        arm_error(call, 401, "InvalidAuthenticationTokenTenant",
                  "The access token is from the wrong issuer '%.200s'. It must match the tenant "
                  "'https://sts.windows.net/%s/' associated with this subscription.",
                  tree_string(call->claims, "iss", ""), tenant);
        break;
    default:
        arm_error(call, 401, "InvalidAuthenticationToken", "The access token is invalid.");
        break;
    }
}

bool arm_authenticate(struct arm_call *call)
{
    char own[64];
    snprintf(own, sizeof(own), "https://localhost:%u",
             (unsigned)call->emulator->services[SERVICE_ARM].port);
    const char *audiences[] = {own, "https://management.azure.com",
                               "https://management.core.windows.net", NULL};
    struct bearer bearer;
    enum bearer_result result =
        bearer_check(call->emulator, call->tree, http_header(call->request, "Authorization"),
                     audiences, &bearer);
    call->claims = bearer.claims;
    call->client_id = tree_string(bearer.claims, "appid", "");
    call->object_id = tree_string(bearer.claims, "oid", "");
    if (result != BEARER_GOOD) {
        refuse(call, result);
    }
    return result == BEARER_GOOD;
}

bool arm_authorize(struct arm_call *call, const char *operation, const char *scope)
{
    if (directory_allows(call->tree, call->object_id, ROLE_CONTROL, operation, scope, call->now)) {
        return true;
    }
    arm_error(
        call, 403, "AuthorizationFailed",
        "The client '%s' with object id '%s' does not have authorization to perform action "
        "'%s' over scope '%s' or the scope is invalid. If access was recently granted, please "
        "refresh your credentials.",
        call->client_id, call->object_id, operation, scope);
    return false;
}
