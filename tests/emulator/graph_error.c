/* SPDX-License-Identifier: MIT */
/* Graph's errors: one shape, and the ids that tell one request from another. */
#include "graph.h"
#include "rfc3339.h"
#include "tree.h"

#include <stdio.h>
#include <string.h>

/* Graph echoes the caller's id when it is a GUID. */
static void choose_ids(struct graph_call *call)
{
    const char *sent = http_header(call->request, "client-request-id");
    text_uuid(call->request_id);
    bool usable = sent != NULL && strlen(sent) == TEXT_UUID_SIZE - 1 &&
                  strspn(sent, "0123456789abcdefABCDEF-") == TEXT_UUID_SIZE - 1;
    snprintf(call->client_request_id, sizeof(call->client_request_id), "%s",
             usable ? sent : call->request_id);
}

void graph_headers(struct graph_call *call)
{
    choose_ids(call);
    http_reply_header(call->reply, "request-id", "%s", call->request_id);
    http_reply_header(call->reply, "client-request-id", "%s", call->client_request_id);
    http_reply_header(call->reply, "OData-Version", "4.0");
}

static struct json_object *new_error(const char *code, const char *message)
{
    struct json_object *json = json_object_new_object();
    struct json_object *error = tree_set_object(json, "error");
    tree_set_string(error, "code", code);
    tree_set_string(error, "message", message);
    return json;
}

static void reply(struct graph_call *call, unsigned status, struct json_object *json)
{
    char now[TEXT_TIME_SIZE];
    rfc3339_format(time(NULL), now);
    now[strcspn(now, "Z")] = '\0'; /* Graph writes this one without a zone */
    struct json_object *error = tree_get(json, "error", NULL);
    struct json_object *inner = tree_set_object(error, "innerError");
    tree_set_string(inner, "date", now);
    tree_set_string(inner, "request-id", call->request_id);
    tree_set_string(inner, "client-request-id", call->client_request_id);
    counters_refuse(&call->emulator->counters, "graph", tree_string(error, "message", ""));
    http_reply_json(call->reply, status, json);
}

void graph_error(struct graph_call *call, unsigned status, const char *code, const char *message)
{
    reply(call, status, new_error(code, message));
}

void graph_error_detail(struct graph_call *call, unsigned status, const char *code,
                        const char *message, const char *detail, const char *target)
{
    struct json_object *json = new_error(code, message);
    struct json_object *entry = json_object_new_object();
    tree_set_string(entry, "code", detail);
    tree_set_string(entry, "message", message);
    tree_set_string(entry, "target", target);
    json_object_array_add(tree_set_array(tree_get(json, "error", NULL), "details"), entry);
    reply(call, status, json);
}

void graph_error_missing(struct graph_call *call, const char *id)
{
    char message[512];
    snprintf(message, sizeof(message),
             "Resource '%.255s' does not exist or one of its queried reference-property objects "
             "are not present.",
             id);
    graph_error(call, 404, "Request_ResourceNotFound", message);
}

/* UNVERIFIED codes but for 429's. */
void graph_fail(struct http_reply *reply, unsigned status)
{
    const char *code = status == 429   ? "TooManyRequests"
                       : status == 503 ? "serviceNotAvailable"
                       : status == 504 ? "GatewayTimeout"
                                       : "InternalServerError";
    struct json_object *json = new_error(code, "The service is temporarily unable to answer.");
    tree_set_object(tree_get(json, "error", NULL), "innerError");
    http_reply_json(reply, status, json);
}
