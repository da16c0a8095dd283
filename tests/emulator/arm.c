/* SPDX-License-Identifier: MIT */
/* Resource Manager's front door: the checks that come before any resource's own, in Azure's order;
 * see arm.h. */
#include "arm.h"

#include "directory.h"
#include "scaled_clock.h"
#include "tree.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

void arm_fail(struct http_reply *reply, unsigned status)
{
    http_reply_error(reply, status, status == 429 ? "TooManyRequests" : "InternalServerError", NULL,
                     "The service is temporarily unable to answer.");
}

static bool is_method(const struct arm_call *call, const char *method)
{
    return strcmp(call->request->method, method) == 0;
}

static bool is_read(const struct arm_call *call)
{
    return is_method(call, "GET") || is_method(call, "HEAD");
}

static bool parse_path(struct arm_call *call)
{
    struct http_path segments;
    if (http_path_split(call->request, &segments) != 0) {
        arm_error(call, 400, "InvalidRequestUri", "The request URI is invalid.");
        return false;
    }
    bool good =
        arm_path_parse(segments.segments, segments.count, is_method(call, "POST"), &call->path);
    http_path_release(&segments);
    if (!good) {
        arm_error(call, 404, "ResourceNotFound", "The requested resource was not found");
    }
    return good;
}

/* An api-version is a date, perhaps with a word behind it. */
static bool is_version(const char *version)
{
    return strspn(version, "0123456789") == 4 && version[4] == '-' &&
           strspn(version, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(version) &&
           strlen(version) >= 10;
}

static bool knows_version(const struct arm_type *type, const char *version)
{
    for (size_t i = 0; type->versions[i] != NULL; i++) {
        if (strcasecmp(type->versions[i], version) == 0) {
            return true;
        }
    }
    return false;
}

/* UNVERIFIED codes but NoRegisteredProviderFound, and UNVERIFIED words throughout. */
static bool check_version(struct arm_call *call)
{
    call->api_version = http_query(call->request, "api-version");
    if (call->api_version == NULL || call->api_version[0] == '\0') {
        arm_error(call, 400, "MissingApiVersionParameter",
                  "The api-version query parameter (?api-version=) is required for all requests.");
        return false;
    }
    if (call->type == NULL) {
        arm_error(call, 404, "InvalidResourceType",
                  "The resource type '%s' could not be found for api version '%.40s'.",
                  call->path.type, call->api_version);
        return false;
    }
    if (knows_version(call->type, call->api_version)) {
        return true;
    }
    struct text known;
    text_init(&known, 4096);
    for (size_t i = 0; call->type->versions[i] != NULL; i++) {
        text_printf(&known, "%s%s", i == 0 ? "" : ", ", call->type->versions[i]);
    }
    if (!is_version(call->api_version) ||
        text_has_prefix(call->type->name, "Microsoft.Resources/")) {
        arm_error(call, 400, "InvalidApiVersionParameter",
                  "The api-version '%.40s' is invalid. The supported versions are '%s'.",
                  call->api_version, text_string(&known));
    } else {
        arm_error(call, 400, "NoRegisteredProviderFound",
                  "No registered resource provider found for location 'global' and API version "
                  "'%s' for type '%s'. The supported api-versions are '%s'.",
                  call->api_version, strchr(call->type->name, '/') + 1, text_string(&known));
    }
    text_release(&known);
    return false;
}

static bool check_subscription(struct arm_call *call)
{
    const char *asked = call->path.subscription;
    if (asked[0] == '\0' ||
        strcasecmp(asked, tree_string(call->tree, "subscription_id", "")) == 0) {
        return true;
    }
    arm_error(call, 404, "SubscriptionNotFound", "The subscription '%s' could not be found.",
              asked);
    return false;
}

/* What the caller must be allowed, for example "Microsoft.KeyVault/vaults/write". */
static bool check_permission(struct arm_call *call)
{
    char operation[ARM_TYPE_SIZE + 80];
    const struct arm_path *path = &call->path;
    if (call->type->flags & ARM_ANYBODY) {
        return true;
    }
    if (path->action[0] != '\0') {
        snprintf(operation, sizeof(operation), "%s/%s/action", call->type->name, path->action);
    } else {
        const char *verb = is_read(call)               ? "read"
                           : is_method(call, "DELETE") ? "delete"
                           : is_method(call, "POST")   ? "action"
                                                       : "write";
        snprintf(operation, sizeof(operation), "%s/%s", call->type->name, verb);
    }
    const char *scope = path->collection ? path->parent : path->id;
    return arm_authorize(call, operation, scope[0] == '\0' ? "/" : scope);
}

static bool check_provider(struct arm_call *call)
{
    if (call->type->flags & ARM_EXTENSION || text_has_prefix(call->type->name, "Microsoft.Res")) {
        return true;
    }
    char name[ARM_TYPE_SIZE];
    snprintf(name, sizeof(name), "%.*s", (int)strcspn(call->type->name, "/"), call->type->name);
    struct json_object *provider = tree_find_nocase(tree_get(call->tree, "providers", NULL), name);
    if (strcmp(tree_string(provider, "state", "NotRegistered"), "Registered") == 0 ||
        is_read(call)) {
        return true;
    }
    /* UNVERIFIED that the status is 409 */
    arm_error(call, 409, "MissingSubscriptionRegistration",
              "The subscription is not registered to use namespace '%s'. See "
              "https://aka.ms/rps-not-found for how to register subscriptions.",
              name);
    return false;
}

static bool check_group(struct arm_call *call)
{
    char id[RESOURCE_ID_SIZE];
    const struct arm_path *path = &call->path;
    if (path->group[0] == '\0') {
        return true;
    }
    snprintf(id, sizeof(id), "/subscriptions/%s/resourceGroups/%s", path->subscription,
             path->group);
    struct json_object *group = resources_find(call->tree, id, call->now);
    bool itself = strcasecmp(id, path->id) == 0;
    if (group == NULL && !itself) {
        arm_error(call, 404, "ResourceGroupNotFound", "Resource group '%s' could not be found.",
                  path->group);
        return false;
    }
    if (tree_get(group, "gone_ms", NULL) != NULL &&
        (is_method(call, "PUT") || is_method(call, "PATCH"))) {
        arm_error(call, 409, "ResourceGroupBeingDeleted",
                  "The resource group '%s' is in deprovisioning state and cannot perform this "
                  "operation.",
                  path->group);
        return false;
    }
    return true;
}

/* UNVERIFIED that Azure refuses to change what is being made or deleted, and with which code. */
static bool is_unsettled(struct json_object *entry, int64_t now)
{
    bool provisioned = tree_get(resources_properties(entry), "provisioningState", NULL) != NULL;
    return tree_get(entry, "gone_ms", NULL) != NULL ||
           (provisioned && tree_int(entry, "ready_ms", 0) > now);
}

static bool check_parent(struct arm_call *call)
{
    const struct arm_path *path = &call->path;
    if (!path->nested || call->type->flags & ARM_ANYBODY) {
        return true;
    }
    struct json_object *parent = resources_find(call->tree, path->parent, call->now);
    if (parent != NULL && is_method(call, "PUT") && is_unsettled(parent, call->now)) {
        arm_error(call, 409, "ParentResourceNotReady",
                  "The parent resource '%s' is being provisioned or deleted.", path->parent);
        return false;
    }
    if (parent == NULL) {
        if (is_method(call, "PUT")) {
            arm_error(call, 404, "ParentResourceNotFound",
                      "Failed to perform 'write' on resource(s) of type '%s', because the parent "
                      "resource '%s' could not be found.",
                      strchr(call->type->name, '/') + 1, path->parent);
        } else {
            arm_not_found(call);
        }
        return false;
    }
    return true;
}

static bool read_body(struct arm_call *call)
{
    const struct text *body = &call->request->body;
    bool wanted = is_method(call, "PUT") || is_method(call, "PATCH");
    if (body->length == 0 && !wanted) {
        return true;
    }
    const char *type = http_header(call->request, "Content-Type");
    if (type == NULL || strncasecmp(type, "application/json", strlen("application/json")) != 0) {
        arm_error(call, 415, "UnsupportedMediaType",
                  "The content media type '%.80s' is not supported. Only 'application/json' is "
                  "supported.",
                  type == NULL ? "<null>" : type);
        return false;
    }
    call->body = tree_parse(text_string(body), body->length);
    if (json_object_is_type(call->body, json_type_object)) {
        return true;
    }
    arm_error(call, 400, "InvalidRequestContent",
              "The request content was invalid and could not be deserialized.");
    return false;
}

static arm_handler *choose_action(const struct arm_call *call)
{
    const struct arm_action *action = call->type->actions;
    for (; action != NULL && action->name != NULL; action++) {
        if (strcasecmp(action->name, call->path.action) == 0) {
            return action->run;
        }
    }
    return NULL;
}

static arm_handler *choose(const struct arm_call *call)
{
    const struct arm_type *type = call->type;
    if (call->path.action[0] != '\0') {
        return choose_action(call);
    }
    if (call->path.collection) {
        return is_read(call) ? type->list : is_method(call, "POST") ? type->post : NULL;
    }
    return is_read(call)               ? type->get
           : is_method(call, "PUT")    ? type->put
           : is_method(call, "PATCH")  ? type->patch
           : is_method(call, "DELETE") ? type->remove
                                       : NULL;
}

static void dispatch(struct arm_call *call)
{
    arm_handler *handler = choose(call);
    const char *name = strrchr(call->type->name, '/') + 1;
    call->reply->operation = name;
    call->entry =
        call->path.collection ? NULL : resources_find(call->tree, call->path.id, call->now);
    if (handler == NULL) {
        arm_error(call, 405, "MethodNotAllowed", "The HTTP method '%s' is not supported here.",
                  call->request->method);
    } else if (tree_get(call->entry, "gone_ms", NULL) != NULL &&
               (is_method(call, "PUT") || is_method(call, "PATCH"))) {
        /* UNVERIFIED code and words */
        arm_error(call, 409, "ResourceBeingDeleted", "The resource '%s' is being deleted.",
                  call->path.name);
    } else if (read_body(call)) {
        handler(call);
    }
}

static void run(struct arm_call *call)
{
    if (!arm_authenticate(call)) {
        call->reply->operation = "unauthorized";
        return;
    }
    arm_sweep(call);
    if (!parse_path(call)) {
        return;
    }
    call->type = arm_type_find(call->path.type);
    if (check_version(call) && check_subscription(call) && check_permission(call) &&
        check_provider(call) && check_group(call) && check_parent(call)) {
        dispatch(call);
    }
}

static void add_headers(struct arm_call *call)
{
    char id[TEXT_UUID_SIZE];
    text_uuid(id);
    http_reply_header(call->reply, "x-ms-request-id", "%s", id);
    http_reply_header(call->reply, "x-ms-correlation-request-id", "%s", id);
    http_reply_header(call->reply, "Cache-Control", "no-cache");
    const char *sent = http_header(call->request, "x-ms-client-request-id");
    const char *wanted = http_header(call->request, "x-ms-return-client-request-id");
    /* UNVERIFIED that Azure echoes it only when asked to */
    if (sent != NULL && strlen(sent) < 64 && wanted != NULL && strcasecmp(wanted, "true") == 0) {
        http_reply_header(call->reply, "x-ms-client-request-id", "%s", sent);
    }
    const char *kind = is_read(call) ? "reads" : is_method(call, "DELETE") ? "deletes" : "writes";
    char name[64];
    snprintf(name, sizeof(name), "x-ms-ratelimit-remaining-subscription-global-%s", kind);
    http_reply_header(call->reply, name, "%d", is_read(call) ? 16499 : 11999);
}

void arm_handle(struct emulator *emulator, const struct http_request *request,
                struct http_reply *reply)
{
    char why[256];
    struct arm_call call = {.emulator = emulator, .request = request, .reply = reply};
    call.tree = state_begin(&emulator->state);
    if (call.tree == NULL) {
        arm_fail(reply, 503);
        return;
    }
    call.now = scaled_clock_now();
    run(&call);
    add_headers(&call);
    if (state_commit(&emulator->state, call.tree, call.changed, why, sizeof(why)) != 0) {
        http_reply_clear_headers(reply);
        http_reply_error(reply, 500, "InternalServerError", NULL, why);
    }
    json_object_put(call.body);
    json_object_put(call.claims);
}
