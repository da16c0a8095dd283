/* SPDX-License-Identifier: MIT */
/* The inbox and control API on plain loopback HTTP: received mail, the changeable state, ordered
 * failures, counts. README.md documents it. */
#include "emulator.h"
#include "federation.h"
#include "tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_method(const struct http_request *request, const char *method)
{
    return strcmp(request->method, method) == 0;
}

static void refuse_method(struct http_reply *reply)
{
    http_reply_error(reply, 405, "MethodNotAllowed", NULL, "the method is not allowed here");
}

static void not_found(struct http_reply *reply)
{
    http_reply_error(reply, 404, "NotFound", NULL, "there is nothing of this name");
}

static void get_message(struct emulator *emulator, const struct http_path *path,
                        struct http_reply *reply)
{
    char *end = NULL;
    int64_t id = strtoll(path->segments[1], &end, 10);
    if (*end != '\0' || path->count > 3 || (path->count == 3 && !http_path_is(path, 2, "raw"))) {
        not_found(reply);
        return;
    }
    if (path->count == 3) {
        if (inbox_raw(&emulator->inbox, id, &reply->body)) {
            reply->status = 200;
            http_reply_header(reply, "Content-Type", "message/rfc822");
        } else {
            not_found(reply);
        }
        return;
    }
    struct json_object *about = inbox_about(&emulator->inbox, id);
    if (about == NULL) {
        not_found(reply);
    } else {
        http_reply_json(reply, 200, about);
    }
}

static void messages(struct emulator *emulator, const struct http_request *request,
                     const struct http_path *path, struct http_reply *reply)
{
    if (is_method(request, "DELETE") && path->count == 1) {
        inbox_clear(&emulator->inbox);
        reply->status = 204;
    } else if (!is_method(request, "GET")) {
        refuse_method(reply);
    } else if (path->count == 1) {
        http_reply_json(reply, 200, inbox_list(&emulator->inbox));
    } else {
        get_message(emulator, path, reply);
    }
}

static void faults(struct emulator *emulator, const struct http_request *request,
                   struct http_reply *reply)
{
    if (is_method(request, "DELETE")) {
        faults_clear(&emulator->faults);
        reply->status = 204;
        return;
    }
    if (is_method(request, "GET")) {
        http_reply_json(reply, 200, faults_list(&emulator->faults));
        return;
    }
    if (!is_method(request, "POST")) {
        refuse_method(reply);
        return;
    }
    char why[256] = "the body is not JSON";
    struct json_object *json = tree_parse(text_string(&request->body), request->body.length);
    int64_t id = json == NULL ? -1 : faults_add(&emulator->faults, json, why, sizeof(why));
    json_object_put(json);
    if (id < 0) {
        http_reply_error(reply, 400, "BadRequest", NULL, why);
    } else {
        struct json_object *answer = json_object_new_object();
        tree_set_int(answer, "id", id);
        http_reply_json(reply, 201, answer);
    }
}

static void read_state(struct emulator *emulator, const struct http_path *path,
                       struct http_reply *reply)
{
    struct json_object *state = state_acquire(&emulator->state);
    struct json_object *node = state;
    for (size_t i = 1; i < path->count && node != NULL; i++) {
        node = tree_get(node, path->segments[i], NULL);
    }
    struct json_object *copy = tree_dup(node);
    state_give_back(&emulator->state, state);
    if (copy == NULL) {
        not_found(reply);
    } else {
        http_reply_json(reply, 200, copy);
    }
}

static void change_state(struct emulator *emulator, const struct http_path *path,
                         enum state_change change, struct json_object *value,
                         struct http_reply *reply)
{
    char why[256];
    enum state_result result =
        state_change(&emulator->state, change, (char *const *)path->segments + 1, path->count - 1,
                     value, why, sizeof(why));
    if (result == STATE_NO_SUCH_MEMBER) {
        not_found(reply);
    } else if (result == STATE_REFUSED) {
        http_reply_error(reply, 400, "BadRequest", NULL, why);
    } else if (imds_apply_mode(emulator) != 0) {
        http_reply_error(reply, 500, "Failed", NULL, "the metadata port cannot be opened");
    } else {
        reply->status = 204;
    }
}

static void state(struct emulator *emulator, const struct http_request *request,
                  const struct http_path *path, struct http_reply *reply)
{
    if (is_method(request, "GET")) {
        read_state(emulator, path, reply);
        return;
    }
    if (is_method(request, "DELETE")) {
        change_state(emulator, path, STATE_REMOVE, NULL, reply);
        return;
    }
    if (!is_method(request, "PUT") && !is_method(request, "PATCH")) {
        refuse_method(reply);
        return;
    }
    struct json_object *value = tree_parse(text_string(&request->body), request->body.length);
    if (value == NULL) {
        http_reply_error(reply, 400, "BadRequest", NULL, "the body is not JSON");
        return;
    }
    change_state(emulator, path, is_method(request, "PUT") ? STATE_PUT : STATE_PATCH, value, reply);
    json_object_put(value);
}

/* Any token one may wish for: of another audience, tenant or lifetime, but well signed. */
static void issue_token(struct emulator *emulator, const struct http_request *request,
                        struct http_reply *reply)
{
    struct json_object *wish = tree_parse(text_string(&request->body), request->body.length);
    struct json_object *state = state_acquire(&emulator->state);
    struct token_claims claims = {
        .tenant = tree_string(wish, "tenant_id", tree_string(state, "tenant_id", "")),
        .audience = tree_string(wish, "audience", "https://communication.azure.com"),
        .client_id = tree_string(wish, "client_id", ""),
        .object_id = tree_string(wish, "object_id", ""),
        .identity_resource = tree_string(wish, "identity_resource", NULL),
        .expires_in = tree_int(wish, "expires_in", 3599),
    };
    char *token = json_object_is_type(wish, json_type_object)
                      ? tokens_issue(&emulator->tokens, &claims)
                      : NULL;
    state_give_back(&emulator->state, state);
    json_object_put(wish);
    if (token == NULL) {
        http_reply_error(reply, 400, "BadRequest", NULL, "the body is not a JSON object");
        return;
    }
    struct json_object *json = json_object_new_object();
    tree_set_string(json, "access_token", token);
    free(token);
    http_reply_json(reply, 200, json);
}

/* A token of a federated credential of an application, as its issuer would give it. */
static void issue_federated(struct emulator *emulator, const struct http_request *request,
                            struct http_reply *reply)
{
    struct json_object *wish = tree_parse(text_string(&request->body), request->body.length);
    struct json_object *state = state_acquire(&emulator->state);
    struct json_object *application =
        tree_get(state, "applications", tree_string(wish, "application", "modern-client"), NULL);
    char *token =
        federation_issue(&emulator->tokens, application, tree_string(wish, "credential", ""),
                         tree_int(wish, "expires_in", 3600));
    state_give_back(&emulator->state, state);
    json_object_put(wish);
    if (token == NULL) {
        not_found(reply);
        return;
    }
    struct json_object *json = json_object_new_object();
    tree_set_string(json, "token", token);
    free(token);
    http_reply_json(reply, 200, json);
}

/* The body may name the world to start over with; without, it is that of the start. */
static void reset(struct emulator *emulator, const struct http_request *request,
                  struct http_reply *reply)
{
    const struct text *body = &request->body;
    enum state_world world = emulator->state.initial;
    if (body->length > 0) {
        struct json_object *json = tree_parse(text_string(body), body->length);
        const char *name = tree_string(json, "world", "");
        bool known = strcmp(name, "empty") == 0 || strcmp(name, "full") == 0;
        world = strcmp(name, "empty") == 0 ? WORLD_EMPTY : WORLD_FULL;
        json_object_put(json);
        if (!known) {
            http_reply_error(reply, 400, "BadRequest", NULL, "world must be empty or full");
            return;
        }
    }
    state_reset(&emulator->state, world);
    faults_clear(&emulator->faults);
    counters_clear(&emulator->counters);
    inbox_clear(&emulator->inbox);
    inbox_rate_clear(&emulator->inbox);
    reply->status = imds_apply_mode(emulator) == 0 ? 204 : 500;
}

static void read_counts(struct emulator *emulator, const struct http_request *request,
                        struct http_reply *reply)
{
    (void)request;
    http_reply_json(reply, 200, counters_counts(&emulator->counters));
}

static void clear_counts(struct emulator *emulator, const struct http_request *request,
                         struct http_reply *reply)
{
    (void)request;
    counters_clear(&emulator->counters);
    reply->status = 204;
}

static void read_connections(struct emulator *emulator, const struct http_request *request,
                             struct http_reply *reply)
{
    (void)request;
    struct json_object *open = json_object_new_object();
    for (int i = 0; i < SERVICE_COUNT; i++) {
        if (i != SERVICE_INBOX) {
            tree_set_int(open, emulator->services[i].name,
                         atomic_load(&emulator->services[i].connections));
        }
    }
    http_reply_json(reply, 200, open);
}

static void read_refusals(struct emulator *emulator, const struct http_request *request,
                          struct http_reply *reply)
{
    (void)request;
    http_reply_json(reply, 200, counters_refusals(&emulator->counters));
}

static void clear_rate(struct emulator *emulator, const struct http_request *request,
                       struct http_reply *reply)
{
    (void)request;
    inbox_rate_clear(&emulator->inbox);
    reply->status = 204;
}

static const struct call {
    const char *method;
    const char *name;
    http_handler *run;
} CALLS[] = {
    {"GET", "requests", read_counts},         {"DELETE", "requests", clear_counts},
    {"GET", "connections", read_connections}, {"GET", "refusals", read_refusals},
    {"DELETE", "rate", clear_rate},           {"POST", "federated-tokens", issue_federated},
    {"POST", "tokens", issue_token},          {"POST", "reset", reset},
};

static void route_rest(struct emulator *emulator, const struct http_request *request,
                       const struct http_path *path, struct http_reply *reply)
{
    for (size_t i = 0; path->count == 1 && i < sizeof(CALLS) / sizeof(CALLS[0]); i++) {
        if (http_path_is(path, 0, CALLS[i].name) && is_method(request, CALLS[i].method)) {
            CALLS[i].run(emulator, request, reply);
            return;
        }
    }
    not_found(reply);
}

/* A web page must not reach this API by a name that it made resolve to the loopback. */
static bool is_local_name(const struct http_request *request)
{
    return text_has_prefix(request->base, "http://127.0.0.1:") ||
           text_has_prefix(request->base, "http://localhost:");
}

void control_handle(struct emulator *emulator, const struct http_request *request,
                    struct http_reply *reply)
{
    struct http_path path;
    if (!is_local_name(request) || http_path_split(request, &path) != 0) {
        http_reply_error(reply, 400, "BadRequest", NULL, "the Host header or the path is wrong");
        return;
    }
    if (http_path_is(&path, 0, "messages")) {
        messages(emulator, request, &path, reply);
    } else if (http_path_is(&path, 0, "faults") && path.count == 1) {
        faults(emulator, request, reply);
    } else if (http_path_is(&path, 0, "state")) {
        state(emulator, request, &path, reply);
    } else {
        route_rest(emulator, request, &path, reply);
    }
    http_path_release(&path);
}
