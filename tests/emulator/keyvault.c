/* SPDX-License-Identifier: MIT */
/* Key Vault's data plane: which vault, which request, and transactions for those that write. */
#include "keyvault.h"
#include "scaled_clock.h"
#include "tree.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct keyvault_route {
    const char *method;
    const char *collection;
    size_t segments;
    const char *last;      /* what the last segment must be, NULL for a name or version */
    const char *operation; /* as counted */
    struct keyvault_right right;
    keyvault_handler *handle;
};

static const struct keyvault_route ROUTES[] = {
    {"GET", "secrets", 1, NULL, "list", {"readMetadata/action", "list"}, keyvault_list},
    {"GET", "secrets", 2, NULL, "get", {"getSecret/action", "get"}, keyvault_get},
    {"GET",
     "secrets",
     3,
     "versions",
     "versions",
     {"readMetadata/action", "list"},
     keyvault_list_versions},
    {"GET", "secrets", 3, NULL, "get", {"getSecret/action", "get"}, keyvault_get},
    {"PUT", "secrets", 2, NULL, "set", {"setSecret/action", "set"}, keyvault_set},
    {"PATCH", "secrets", 3, NULL, "update", {"update/action", "set"}, keyvault_update},
    {"DELETE", "secrets", 2, NULL, "delete", {"delete", "delete"}, keyvault_delete},
    {"GET",
     "deletedsecrets",
     1,
     NULL,
     "list-deleted",
     {"readMetadata/action", "list"},
     keyvault_list_deleted},
    {"GET",
     "deletedsecrets",
     2,
     NULL,
     "get-deleted",
     {"readMetadata/action", "get"},
     keyvault_get_deleted},
    {"DELETE", "deletedsecrets", 2, NULL, "purge", {"purge/action", "purge"}, keyvault_purge},
    {"POST",
     "deletedsecrets",
     3,
     "recover",
     "recover",
     {"recover/action", "recover"},
     keyvault_recover},
};

int64_t keyvault_switch(const struct keyvault_call *call, const char *name)
{
    return tree_int(tree_get(call->state, "keyvault_switches", NULL), name, 0);
}

static bool fits(const struct keyvault_route *route, const struct http_path *path)
{
    return http_path_is(path, 0, route->collection) && path->count == route->segments &&
           (route->last == NULL || http_path_is(path, path->count - 1, route->last));
}

/* known: whether the path has any method at all */
static const struct keyvault_route *find_route(const struct keyvault_call *call,
                                               const struct http_path *path, bool *known)
{
    for (size_t i = 0; i < sizeof(ROUTES) / sizeof(ROUTES[0]); i++) {
        if (fits(&ROUTES[i], path)) {
            *known = true;
            if (strcmp(call->request->method, ROUTES[i].method) == 0) {
                return &ROUTES[i];
            }
        }
    }
    return NULL;
}

static bool name_is_good(struct keyvault_call *call)
{
    size_t length = strlen(call->name);
    bool good = length > 0 && length <= KEYVAULT_NAME_MAXIMUM;
    for (size_t i = 0; i < length; i++) {
        good = good && (isalnum((unsigned char)call->name[i]) || call->name[i] == '-');
    }
    if (!good) {
        keyvault_error(call, 400, "BadParameter", NULL,
                       "The request URI contains an invalid name.");
    }
    return good;
}

static bool check_version(struct keyvault_call *call)
{
    static const char *const versions[] = {"7.0", "7.1", "7.2",        "7.3",        "7.4",
                                           "7.5", "7.6", "2016-10-01", "2025-07-01", NULL};
    const char *version = http_query(call->request, "api-version");
    for (size_t i = 0; version != NULL && versions[i] != NULL; i++) {
        if (strcmp(version, versions[i]) == 0) {
            return true;
        }
    }
    /* UNVERIFIED words */
    keyvault_error(call, 400, "BadParameter", NULL,
                   version == NULL ? "api-version must be specified"
                                   : "The specified version is not recognized.");
    return false;
}

static void route(struct keyvault_call *call, const struct http_path *path)
{
    bool known = false;
    const struct keyvault_route *found = find_route(call, path, &known);
    call->name = path->count > 1 ? path->segments[1] : "";
    call->version = path->count > 2 ? path->segments[2] : NULL;
    if (found != NULL) {
        call->reply->operation = found->operation;
        if ((path->count == 1 || name_is_good(call)) && keyvault_authorize(call, &found->right)) {
            found->handle(call);
        }
    } else if (known) {
        keyvault_error(call, 405, "MethodNotAllowed", NULL, "The method is not allowed.");
    } else {
        keyvault_error(call, 404, "NotFound", NULL, "The requested path does not exist.");
    }
}

/* A vault's name is in the DNS from the end of "RegisteringDns" until it is deleted. */
static bool find_vault(struct keyvault_call *call)
{
    const char *host = call->request->base + strlen("https://");
    size_t length = strcspn(host, ".:");
    snprintf(call->vault_name, sizeof(call->vault_name), "%.*s", length < 60 ? (int)length : 60,
             host);
    const char *key =
        resources_named(call->state, "Microsoft.KeyVault/vaults", call->vault_name, call->now);
    struct json_object *entry = key == NULL ? NULL : resources_find(call->state, key, call->now);
    if (entry == NULL || tree_int(entry, "ready_ms", 0) > call->now) {
        return false;
    }
    snprintf(call->scope, sizeof(call->scope), "%s", key);
    snprintf(call->vault_name, sizeof(call->vault_name), "%.60s",
             tree_string(tree_get(entry, "resource", NULL), "name", ""));
    call->properties = resources_properties(entry);
    call->location = tree_string(tree_get(entry, "resource", NULL), "location", "");
    call->vault = tree_find_nocase(tree_get(call->state, "vaults", NULL), call->vault_name);
    return call->vault != NULL;
}

static void answer(struct keyvault_call *call)
{
    struct http_path path = {.count = 0};
    bool found = find_vault(call);
    http_reply_header(call->reply, "x-ms-keyvault-region", "%s", found ? call->location : "eastus");
    http_reply_header(call->reply, "x-ms-keyvault-service-version", "1.9.12.0");
    if (!found) {
        /* Invented: a vault that does not exist has no name in Azure's DNS either. */
        keyvault_error(call, 404, "VaultNotFound", NULL, "There is no such vault here.");
    } else if (keyvault_authenticate(call) && check_version(call)) {
        if (http_path_split(call->request, &path) == 0) {
            route(call, &path);
        } else {
            keyvault_error(call, 400, "BadParameter", NULL, "The request URI is invalid.");
        }
    }
    http_path_release(&path);
}

void keyvault_handle(struct emulator *emulator, const struct http_request *request,
                     struct http_reply *reply)
{
    char why[256] = "";
    bool writes = strcmp(request->method, "GET") != 0;
    struct keyvault_call call = {
        .emulator = emulator, .request = request, .reply = reply, .now = scaled_clock_now()};
    call.state = writes ? state_begin(&emulator->state) : state_acquire(&emulator->state);
    if (call.state == NULL) {
        reply->body.failed = true;
        return;
    }
    answer(&call);
    if (!writes) {
        state_give_back(&emulator->state, call.state);
    } else if (state_commit(&emulator->state, call.state, call.changed, why, sizeof(why)) != 0) {
        reply->header_count = 0;
        keyvault_error(&call, 400, "BadParameter", NULL, why);
    }
    json_object_put(call.claims);
}
