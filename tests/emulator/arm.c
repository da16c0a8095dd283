/* SPDX-License-Identifier: MIT */
/* Azure Resource Manager, as far as signing in needs it: the subscription and the tenant. Graph
 * listens beside it and knows nothing yet but its error shape. */
#include "bearer.h"
#include "emulator.h"
#include "tree.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

void arm_fail(struct http_reply *reply, unsigned status)
{
    http_reply_error(reply, status, status == 429 ? "TooManyRequests" : "InternalServerError", NULL,
                     "The service is temporarily unable to answer.");
}

/* The claims of a caller whose token is for this service, else NULL and a 401. */
static struct json_object *authenticate(struct emulator *emulator,
                                        const struct http_request *request,
                                        struct json_object *state, const char *const *audiences,
                                        struct http_reply *reply)
{
    struct bearer bearer;
    enum bearer_result result =
        bearer_check(emulator, state, http_header(request, "Authorization"), audiences, &bearer);
    if (result == BEARER_GOOD) {
        return bearer.claims;
    }
    json_object_put(bearer.claims);
    /* UNVERIFIED codes and header, customary for Resource Manager. */
    http_reply_header(reply, "WWW-Authenticate",
                      "Bearer authorization_uri=\"https://localhost:%u/%s\", "
                      "error=\"invalid_token\"",
                      (unsigned)emulator->services[SERVICE_ENTRA].port,
                      tree_string(state, "tenant_id", ""));
    if (result == BEARER_MISSING) {
        http_reply_error(reply, 401, "AuthenticationFailed", NULL,
                         "Authentication failed. The 'Authorization' header is missing.");
    } else {
        http_reply_error(reply, 401,
                         result == BEARER_WRONG_TENANT ? "InvalidAuthenticationTokenTenant"
                                                       : "InvalidAuthenticationToken",
                         NULL, "The access token is invalid.");
    }
    return NULL;
}

/* A principal sees the subscription when it has a role on something in it. */
static bool sees_subscription(struct json_object *state, const char *object_id)
{
    if (tree_string(tree_get(state, "communication_roles", NULL), object_id, NULL) != NULL) {
        return true;
    }
    struct json_object *vaults = tree_get(state, "vaults", NULL);
    for (struct lh_entry *each = tree_first(vaults); each != NULL; each = each->next) {
        struct json_object *vault = tree_value(each);
        if (tree_string(tree_get(vault, "readers", NULL), object_id, NULL) != NULL) {
            return true;
        }
    }
    return false;
}

static struct json_object *subscription(struct json_object *state)
{
    const char *id = tree_string(state, "subscription_id", "");
    char path[128];
    snprintf(path, sizeof(path), "/subscriptions/%s", id);
    struct json_object *json = json_object_new_object();
    tree_set_string(json, "id", path);
    tree_set_string(json, "authorizationSource", "RoleBased");
    tree_set_array(json, "managedByTenants");
    tree_set_string(json, "subscriptionId", id);
    tree_set_string(json, "tenantId", tree_string(state, "tenant_id", ""));
    tree_set_string(json, "displayName", "Emulated subscription");
    tree_set_string(json, "state", "Enabled");
    struct json_object *policies = tree_set_object(json, "subscriptionPolicies");
    tree_set_string(policies, "locationPlacementId", "Public_2014-09-01");
    tree_set_string(policies, "quotaId", "PayAsYouGo_2014-09-01");
    tree_set_string(policies, "spendingLimit", "Off");
    return json;
}

static struct json_object *tenant(struct json_object *state)
{
    const char *id = tree_string(state, "tenant_id", "");
    char path[128];
    snprintf(path, sizeof(path), "/tenants/%s", id);
    struct json_object *json = json_object_new_object();
    tree_set_string(json, "id", path);
    tree_set_string(json, "tenantId", id);
    tree_set_string(json, "tenantCategory", "Home");
    tree_set_string(json, "displayName", "Emulator");
    return json;
}

static void reply_list(struct http_reply *reply, struct json_object *item)
{
    struct json_object *json = json_object_new_object();
    struct json_object *array = tree_set_array(json, "value");
    if (item != NULL) {
        json_object_array_add(array, item);
    }
    http_reply_json(reply, 200, json);
}

static void read_path(const struct http_path *path, struct json_object *state,
                      const char *object_id, struct http_reply *reply)
{
    bool visible = sees_subscription(state, object_id);
    bool subscriptions = http_path_is(path, 0, "subscriptions");
    if (http_path_is(path, 0, "tenants") && path->count == 1) {
        reply->operation = "tenants";
        reply_list(reply, tenant(state));
    } else if (subscriptions && path->count == 1) {
        reply->operation = "subscriptions";
        reply_list(reply, visible ? subscription(state) : NULL);
    } else if (subscriptions && path->count == 2 && visible &&
               http_path_is(path, 1, tree_string(state, "subscription_id", ""))) {
        reply->operation = "subscription";
        http_reply_json(reply, 200, subscription(state));
    } else if (subscriptions && path->count == 2) {
        http_reply_error(reply, 404, "SubscriptionNotFound", NULL,
                         "The subscription could not be found.");
    } else {
        http_reply_error(reply, 404, "ResourceNotFound", NULL,
                         "The requested resource was not found");
    }
}

void arm_handle(struct emulator *emulator, const struct http_request *request,
                struct http_reply *reply)
{
    char own[64];
    snprintf(own, sizeof(own), "https://localhost:%u",
             (unsigned)emulator->services[SERVICE_ARM].port);
    const char *audiences[] = {own, "https://management.azure.com",
                               "https://management.core.windows.net", NULL};
    struct json_object *state = state_acquire(&emulator->state);
    struct json_object *claims = authenticate(emulator, request, state, audiences, reply);
    struct http_path path = {.count = 0};
    if (claims == NULL) {
        reply->operation = "unauthorized";
    } else if (http_query(request, "api-version") == NULL) {
        http_reply_error(reply, 400, "MissingApiVersionParameter", NULL,
                         "The api-version query parameter (?api-version=) is required for all "
                         "requests.");
    } else if (strcmp(request->method, "GET") != 0) {
        http_reply_error(reply, 501, "NotImplemented", NULL, "This emulator manages no resources.");
    } else if (http_path_split(request, &path) != 0) {
        http_reply_error(reply, 400, "InvalidRequestUri", NULL, "The request URI is invalid.");
    } else {
        read_path(&path, state, tree_string(claims, "oid", ""), reply);
    }
    http_path_release(&path);
    json_object_put(claims);
    state_give_back(&emulator->state, state);
}

void graph_handle(struct emulator *emulator, const struct http_request *request,
                  struct http_reply *reply)
{
    char own[64];
    snprintf(own, sizeof(own), "https://localhost:%u",
             (unsigned)emulator->services[SERVICE_GRAPH].port);
    const char *audiences[] = {own, "https://graph.microsoft.com", NULL};
    struct json_object *state = state_acquire(&emulator->state);
    struct json_object *claims = authenticate(emulator, request, state, audiences, reply);
    if (claims != NULL) {
        http_reply_error(reply, 404, "Request_ResourceNotFound", NULL,
                         "The requested resource does not exist in this emulator.");
    }
    json_object_put(claims);
    state_give_back(&emulator->state, state);
}
