/* SPDX-License-Identifier: MIT */
/* The instance metadata service's token endpoint, as strict as a virtual machine's: exact header,
 * api-version and resource required, numbers as strings. */
#include "directory.h"
#include "emulator.h"
#include "identity_token.h"
#include "scaled_clock.h"
#include "tree.h"

#include <string.h>
#include <strings.h>

enum { UPDATE_MS = 70000 }; /* how long a 410 lasts at most, as documented */

static void error(const struct http_request *request, struct http_reply *reply, unsigned status,
                  const char *code, const char *description)
{
    struct json_object *json = json_object_new_object();
    tree_set_string(json, "error", code);
    tree_set_string(json, "error_description", description);
    if (request != NULL) {
        counters_refuse(&request->service->emulator->counters, "imds", description);
    }
    http_reply_json(reply, status, json);
}

void imds_fail(struct http_reply *reply, unsigned status)
{
    error(NULL, reply, status, status == 429 ? "too_many_requests" : "unknown",
          status == 410 ? "IMDS is being updated."
                        : "Failed to retrieve token from the Active "
                          "directory.");
}

static bool check_call(const struct http_request *request, struct http_reply *reply)
{
    const char *metadata = http_header(request, "Metadata");
    if (metadata == NULL || strcmp(metadata, "true") != 0) {
        error(request, reply, 400, "bad_request_102", "Required metadata header not specified");
        return false;
    }
    if (http_header(request, "X-Forwarded-For") != NULL) {
        /* Documented as refused; UNVERIFIED with which body. */
        error(request, reply, 400, "invalid_request", "The X-Forwarded-For header is not allowed");
        return false;
    }
    return true;
}

static bool check_version(const struct http_request *request, struct http_reply *reply)
{
    static const char *const versions[] = {"2018-02-01", "2019-03-11", "2019-08-15", "2020-06-01",
                                           "2021-02-01", "2023-11-15", "2025-04-07", NULL};
    const char *version = http_query(request, "api-version");
    for (size_t i = 0; version != NULL && versions[i] != NULL; i++) {
        if (strcmp(versions[i], version) == 0) {
            return true;
        }
    }
    struct json_object *json = json_object_new_object();
    tree_set_string(json, "error",
                    "Bad request. api-version is invalid or was not specified in the request.");
    tree_set_strings(json, "newest-versions", "2025-04-07", "2023-11-15", "2021-02-01", NULL);
    counters_refuse(&request->service->emulator->counters, "imds", "api-version");
    http_reply_json(reply, 400, json);
    return false;
}

static bool select_identity(const struct http_request *request, struct json_object *state,
                            struct json_object **identity, struct http_reply *reply)
{
    static const struct identity_selector selectors[] = {
        {"client_id", SELECT_CLIENT_ID},
        {"object_id", SELECT_OBJECT_ID},
        {"msi_res_id", SELECT_RESOURCE_ID},
        {"mi_res_id", SELECT_RESOURCE_ID}, /* newer spelling, taken as an alias */
        {NULL, SELECT_SYSTEM},
    };
    *identity = identity_choose(&request->query, selectors, state);
    if (*identity == NULL) {
        /* UNVERIFIED whether several selectors at once are refused with these words too. */
        error(request, reply, 400, "invalid_request", "Identity not found");
    }
    return *identity != NULL;
}

static void answer(struct emulator *emulator, struct json_object *state,
                   struct json_object *identity, const char *resource, struct http_reply *reply)
{
    struct json_object *json = identity_reply(emulator, state, identity, resource, "imds");
    if (json == NULL) {
        reply->body.failed = true;
        return;
    }
    http_reply_json(reply, 200, json);
}

static void token(struct emulator *emulator, const struct http_request *request,
                  struct json_object *state, struct http_reply *reply)
{
    struct json_object *identity = NULL;
    if (!check_call(request, reply) || !check_version(request, reply)) {
        return;
    }
    const char *resource = http_query(request, "resource");
    if (resource == NULL || resource[0] == '\0') {
        error(request, reply, 400, "invalid_request", "Required audience parameter not specified");
    } else if (select_identity(request, state, &identity, reply)) {
        if (directory_resource(state, resource) == NULL) {
            error(request, reply, 400, "invalid_resource",
                  "AADSTS500011: The resource principal named in the request was not found in the "
                  "tenant.");
        } else {
            answer(emulator, state, identity, resource, reply);
        }
    }
}

/* An update begins with the first request that meets it. */
static bool is_updating(struct json_object *state, struct json_object *imds)
{
    if (strcmp(tree_string(imds, "mode", "on"), "updating") != 0) {
        return false;
    }
    if (tree_int(imds, "updated_ms", 0) == 0) {
        tree_set_int(imds, "updated_ms", scaled_clock_after(state, UPDATE_MS));
    }
    return scaled_clock_now() < tree_int(imds, "updated_ms", 0);
}

void imds_handle(struct emulator *emulator, const struct http_request *request,
                 struct http_reply *reply)
{
    struct json_object *state = state_acquire(&emulator->state);
    struct json_object *imds = tree_get(state, "imds", NULL);
    const char *mode = tree_string(imds, "mode", "on");
    const char *metadata = http_header(request, "Metadata");
    reply->operation = metadata == NULL ? "probe" : "token";
    if (strcmp(mode, "slow") == 0) {
        pause_wait(&emulator->pause, tree_int(imds, "delay_ms", 0));
    }
    if (strcmp(mode, "unreachable") == 0) {
        /* What Docker Desktop's proxy says in the place of a metadata service. */
        reply->status = 403;
        text_puts(&reply->body, "connecting to 169.254.169.254:80: connecting to "
                                "169.254.169.254:80: dial tcp 169.254.169.254:80: connectex: A "
                                "socket operation was attempted to an unreachable network.");
        http_reply_header(reply, "Content-Type", "text/plain");
    } else if (is_updating(state, imds)) {
        imds_fail(reply, 410);
    } else if (strcasecmp(request->path, "/metadata/identity/oauth2/token") != 0) {
        error(request, reply, 404, "not_found", "The requested path does not exist");
    } else if (strcmp(request->method, "GET") != 0) {
        error(request, reply, 405, "invalid_request", "The method is not allowed");
    } else {
        token(emulator, request, state, reply);
    }
    state_give_back(&emulator->state, state);
}

int imds_apply_mode(struct emulator *emulator)
{
    struct json_object *state = state_acquire(&emulator->state);
    struct json_object *imds = tree_get(state, "imds", NULL);
    bool absent = strcmp(tree_string(imds, "mode", "on"), "absent") == 0;
    if (strcmp(tree_string(imds, "mode", "on"), "updating") != 0) {
        json_object_object_del(imds, "updated_ms");
    }
    state_give_back(&emulator->state, state);
    struct http_service *service = &emulator->services[SERVICE_IMDS];
    int result = 0;
    pthread_mutex_lock(&emulator->imds_lock);
    if (absent) {
        http_service_stop(service);
    } else if (service->daemon == NULL) {
        result = http_service_start(service);
    }
    pthread_mutex_unlock(&emulator->imds_lock);
    return result;
}
