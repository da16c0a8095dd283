/* SPDX-License-Identifier: MIT */
/* Entra's errors: one table from the AADSTS number to the OAuth error, one JSON shape. */
#include "emulator.h"
#include "entra.h"
#include "text.h"
#include "tree.h"

#include <stdio.h>
#include <string.h>

struct kind {
    int code;
    const char *error;
};

static const struct kind KINDS[] = {
    {7000215, "invalid_client"},        {7000222, "invalid_client"},
    {7000218, "invalid_client"},        {7000229, "invalid_client"},
    {700027, "invalid_client"},         {50013, "invalid_client"},
    {700024, "invalid_client"},         {7000112, "unauthorized_client"},
    {700016, "unauthorized_client"},    {70003, "unsupported_grant_type"},
    {500011, "invalid_resource"},       {70011, "invalid_scope"},
    {1002012, "invalid_scope"},         {50059, "invalid_request"},
    {90033, "temporarily_unavailable"}, {0, "invalid_request"},
};

static const char *error_of(int code)
{
    const struct kind *kind = KINDS;
    while (kind->code != 0 && kind->code != code) {
        kind++;
    }
    return kind->error;
}

/* Entra echoes the caller's id when it is a GUID. */
static void correlation_id(const struct http_request *request, char out[TEXT_UUID_SIZE])
{
    const char *sent = request == NULL ? NULL : http_header(request, "client-request-id");
    if (sent != NULL && strlen(sent) == TEXT_UUID_SIZE - 1 &&
        strspn(sent, "0123456789abcdefABCDEF-") == TEXT_UUID_SIZE - 1) {
        snprintf(out, TEXT_UUID_SIZE, "%s", sent);
    } else {
        text_uuid(out);
    }
}

void entra_error(const struct http_request *request, struct http_reply *reply, int code,
                 const char *text)
{
    entra_error_kind(request, reply, code, error_of(code), text, NULL);
}

void entra_error_kind(const struct http_request *request, struct http_reply *reply, int code,
                      const char *error, const char *text, const char *challenge)
{
    char trace[TEXT_UUID_SIZE];
    char correlation[TEXT_UUID_SIZE];
    char when[TEXT_TIME_SIZE];
    text_uuid(trace);
    correlation_id(request, correlation);
    text_utc(time(NULL), when);

    struct text description;
    text_init(&description, 8192);
    text_printf(&description, "AADSTS%d: %s\r\nTrace ID: %s\r\nCorrelation ID: %s\r\nTimestamp: %s",
                code, text, trace, correlation, when);
    struct json_object *json = json_object_new_object();
    tree_set_string(json, "error", error);
    tree_set_string(json, "error_description", text_string(&description));
    text_release(&description);
    json_object_array_add(tree_set_array(json, "error_codes"), json_object_new_int(code));
    tree_set_string(json, "timestamp", when);
    tree_set_string(json, "trace_id", trace);
    tree_set_string(json, "correlation_id", correlation);
    char uri[96];
    snprintf(uri, sizeof(uri), "https://login.microsoftonline.com/error?code=%d", code);
    tree_set_string(json, "error_uri", uri);
    if (challenge != NULL) {
        tree_set_string(json, "suberror", "basic_action");
        tree_set_string(json, "claims", challenge);
    }
    http_reply_header(reply, "x-ms-request-id", "%s", trace);
    http_reply_header(reply, "Cache-Control", "no-store, no-cache");
    if (request != NULL) {
        char reason[512];
        snprintf(reason, sizeof(reason), "AADSTS%d: %s", code, text);
        counters_refuse(&request->service->emulator->counters, "entra", reason);
    }
    http_reply_json(reply, strcmp(error, "invalid_client") == 0 ? 401 : 400, json);
}

void entra_fail(struct http_reply *reply, unsigned status)
{
    entra_error(NULL, reply, 90033, "A transient error has occurred. Please try again.");
    reply->status = status;
}
