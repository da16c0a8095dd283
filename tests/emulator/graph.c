/* SPDX-License-Identifier: MIT */
/* Microsoft Graph v1.0, as far as it keeps applications and service principals: which request is
 * whose, and transactions for those that write. */
#include "graph.h"
#include "tree.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

struct graph_route {
    const char *method;
    const char *collection;
    bool entity; /* of one entity, not of the collection */
    const char *action;
    const char *operation; /* as counted */
    graph_handler *handle;
};

static const struct graph_route ROUTES[] = {
    {"GET", "applications", false, "", "list-applications", graph_list_applications},
    {"POST", "applications", false, "", "create-application", graph_create_application},
    {"GET", "applications", true, "", "get-application", graph_get_application},
    {"PATCH", "applications", true, "", "update-application", graph_update_application},
    {"DELETE", "applications", true, "", "delete-application", graph_delete_application},
    {"POST", "applications", true, "addPassword", "add-password", graph_add_password},
    {"POST", "applications", true, "removePassword", "remove-password", graph_remove_password},
    {"GET", "servicePrincipals", false, "", "list-principals", graph_list_principals},
    {"POST", "servicePrincipals", false, "", "create-principal", graph_create_principal},
    {"GET", "servicePrincipals", true, "", "get-principal", graph_get_principal},
    {"PATCH", "servicePrincipals", true, "", "update-principal", graph_update_principal},
    {"DELETE", "servicePrincipals", true, "", "delete-principal", graph_delete_principal},
    {"GET", "deletedItems", true, "", "get-deleted", graph_get_deleted},
    {"DELETE", "deletedItems", true, "", "purge-deleted", graph_purge_deleted},
    {"POST", "deletedItems", true, "restore", "restore-deleted", graph_restore_deleted},
};

int64_t graph_switch(struct graph_call *call, const char *name, int64_t otherwise)
{
    return tree_int(tree_get(call->tree, "graph_switches", NULL), name, otherwise);
}

static bool copy_name(char *out, size_t size, const char *text)
{
    return snprintf(out, size, "%s", text) < (int)size;
}

/* The path behind the version, from segment i on. */
static bool read_target(const struct http_path *path, size_t i, struct graph_target *target)
{
    struct odata_segment segment;
    *target = (struct graph_target){.key = ""};
    bool directory = http_path_is(path, i, "directory");
    i += directory;
    if (directory != http_path_is(path, i, "deletedItems") || i >= path->count ||
        odata_parse_segment(path->segments[i], &segment) != 0) {
        return false;
    }
    memcpy(target->collection, segment.name, sizeof(segment.name));
    memcpy(target->key, segment.key, sizeof(segment.key));
    memcpy(target->value, segment.value, sizeof(segment.value));
    i++;
    if (target->key[0] == '\0' && i < path->count) {
        memcpy(target->key, "id", sizeof("id"));
        if (!copy_name(target->value, sizeof(target->value), path->segments[i++])) {
            return false;
        }
    }
    if (i < path->count && !copy_name(target->action, sizeof(target->action), path->segments[i])) {
        return false;
    }
    return i + 1 >= path->count;
}

/* known: whether the path has any method at all */
static const struct graph_route *find_route(const struct graph_call *call, bool *known)
{
    const struct graph_target *target = &call->target;
    for (size_t i = 0; i < sizeof(ROUTES) / sizeof(ROUTES[0]); i++) {
        const struct graph_route *route = &ROUTES[i];
        if (strcasecmp(route->collection, target->collection) == 0 &&
            route->entity == (target->key[0] != '\0') &&
            strcasecmp(route->action, target->action) == 0) {
            *known = true;
            if (strcmp(route->method, call->request->method) == 0) {
                return route;
            }
        }
    }
    return NULL;
}

static bool has_body(const struct graph_call *call)
{
    return strcmp(call->request->method, "POST") == 0 ||
           strcmp(call->request->method, "PATCH") == 0;
}

/* A restore has nothing to say, every other POST and PATCH has. */
static bool read_body(struct graph_call *call)
{
    const struct text *body = &call->request->body;
    const char *type = http_header(call->request, "Content-Type");
    if (!has_body(call) || (strcasecmp(call->target.action, "restore") == 0 && body->length == 0)) {
        return true;
    }
    /* UNVERIFIED words of both */
    if (type == NULL) {
        graph_error(call, 400, "BadRequest",
                    "Write requests (excluding DELETE) must contain the Content-Type header "
                    "declaration.");
        return false;
    }
    call->body = strncasecmp(type, "application/json", strlen("application/json")) == 0
                     ? tree_parse(text_string(body), body->length)
                     : NULL;
    if (!json_object_is_type(call->body, json_type_object)) {
        graph_error(call, 400, "BadRequest",
                    "Unable to read JSON request payload. Please ensure Content-Type header is set "
                    "and payload is of valid JSON format.");
        return false;
    }
    return true;
}

/* What is wrong with the outcome of a write is the fault of the request: too long a text, say. */
static void write_state(struct graph_call *call, graph_handler *handle)
{
    char why[256] = "";
    struct state *state = &call->emulator->state;
    struct json_object *snapshot = call->tree;
    call->tree = state_begin(state);
    if (call->tree == NULL) {
        call->reply->body.failed = true;
    } else {
        handle(call);
        if (state_commit(state, call->tree, call->changed, why, sizeof(why)) != 0) {
            call->reply->header_count = 0;
            graph_headers(call);
            graph_error(call, 400, "Request_BadRequest", why);
        }
    }
    call->tree = snapshot;
}

static void run(struct graph_call *call, const struct graph_route *route)
{
    call->reply->operation = route->operation;
    if (strcmp(route->method, "GET") == 0) {
        if (graph_may_read(call)) {
            route->handle(call);
        }
    } else if (read_body(call)) {
        write_state(call, route->handle);
    }
}

static void route(struct graph_call *call, const struct http_path *path)
{
    bool known = false;
    char message[512];
    if (!http_path_is(path, 0, "v1.0")) {
        graph_error(call, 400, "BadRequest", "Invalid version: only v1.0 is emulated.");
        return;
    }
    if (!read_target(path, 1, &call->target)) {
        graph_error(call, 400, "BadRequest", "The request URI is not valid.");
        return;
    }
    const struct graph_route *found = find_route(call, &known);
    if (found != NULL) {
        run(call, found);
    } else if (known) {
        graph_error(call, 405, "Request_BadRequest",
                    "Specified HTTP method is not allowed for the request target.");
    } else {
        snprintf(message, sizeof(message), "Resource not found for the segment '%.100s'.",
                 call->target.action[0] != '\0' ? call->target.action : call->target.collection);
        graph_error(call, 400, "BadRequest", message);
    }
}

void graph_handle(struct emulator *emulator, const struct http_request *request,
                  struct http_reply *reply)
{
    struct graph_call call = {.emulator = emulator, .request = request, .reply = reply};
    struct http_path path = {.count = 0};
    struct json_object *snapshot = state_acquire(&emulator->state);
    call.tree = snapshot;
    graph_headers(&call);
    if (graph_authenticate(&call)) {
        if (http_path_split(request, &path) == 0) {
            route(&call, &path);
        } else {
            graph_error(&call, 400, "BadRequest", "The request URI is not valid.");
        }
    }
    http_path_release(&path);
    json_object_put(call.body);
    json_object_put(call.claims);
    state_give_back(&emulator->state, snapshot);
}
