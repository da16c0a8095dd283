/* SPDX-License-Identifier: MIT */
/* Resource Manager's router: from a request to the handler of its type; see arm.h. */
#include "arm.h"

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

static bool parse_path(struct arm_call *call)
{
    struct http_path segments;
    if (http_path_split(call->request, &segments) != 0) {
        arm_error(call, 400, "InvalidRequestUri", "The request URI is invalid.");
        return false;
    }
    /* Azure overlooks empty segments, of which az sends some. */
    char *parts[HTTP_MAXIMUM_SEGMENTS];
    size_t count = 0;
    for (size_t i = 0; i < segments.count; i++) {
        if (segments.segments[i][0] != '\0') {
            parts[count++] = segments.segments[i];
        }
    }
    bool good = arm_path_parse(parts, count, arm_is_method(call, "POST"), &call->path);
    http_path_release(&segments);
    if (!good) {
        arm_error(call, 404, "ResourceNotFound", "The requested resource was not found");
    }
    return good;
}

static bool read_body(struct arm_call *call)
{
    const struct text *body = &call->request->body;
    bool wanted = arm_is_method(call, "PUT") || arm_is_method(call, "PATCH");
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
        return arm_is_read(call) ? type->list : arm_is_method(call, "POST") ? type->post : NULL;
    }
    return arm_is_read(call)               ? type->get
           : arm_is_method(call, "PUT")    ? type->put
           : arm_is_method(call, "PATCH")  ? type->patch
           : arm_is_method(call, "DELETE") ? type->remove
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
               (arm_is_method(call, "PUT") || arm_is_method(call, "PATCH"))) {
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
    if (arm_check(call)) {
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
    const char *kind = arm_is_read(call)               ? "reads"
                       : arm_is_method(call, "DELETE") ? "deletes"
                                                       : "writes";
    char name[64];
    snprintf(name, sizeof(name), "x-ms-ratelimit-remaining-subscription-global-%s", kind);
    http_reply_header(call->reply, name, "%d", arm_is_read(call) ? 16499 : 11999);
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
