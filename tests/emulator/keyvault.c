/* SPDX-License-Identifier: MIT */
/* Key Vault secrets: get, set, list and list of versions. Expired and not yet valid secrets are
 * handed out, as Azure does; disabled ones are not. */
#include "keyvault.h"
#include "scaled_clock.h"
#include "tree.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PAGE_MAXIMUM = 25, VALUE_MAXIMUM = 25 * 1024, NAME_MAXIMUM = 127, VERSION_LENGTH = 32 };

static struct json_object *attributes_of(struct json_object *version)
{
    static const char *const times[] = {"nbf", "exp", NULL};
    struct json_object *json = json_object_new_object();
    tree_set_bool(json, "enabled", tree_bool(version, "enabled", true));
    for (size_t i = 0; times[i] != NULL; i++) {
        int64_t when = tree_int(version, times[i], -1);
        if (when >= 0) {
            tree_set_int(json, times[i], when);
        }
    }
    int64_t created = tree_int(version, "created", 0);
    tree_set_int(json, "created", created);
    tree_set_int(json, "updated", created);
    tree_set_string(json, "recoveryLevel", "Recoverable+Purgeable");
    tree_set_int(json, "recoverableDays", 90);
    return json;
}

static struct json_object *item_of(const struct keyvault_call *call, const char *name,
                                   const char *id, struct json_object *version)
{
    char url[640];
    struct json_object *json = json_object_new_object();
    snprintf(url, sizeof(url), "%s/secrets/%.127s%s%.64s", call->request->base, name,
             id == NULL ? "" : "/", id == NULL ? "" : id);
    const char *type = tree_string(version, "content_type", NULL);
    if (type != NULL) {
        tree_set_string(json, "contentType", type);
    }
    tree_set_string(json, "id", url);
    json_object_object_add(json, "attributes", attributes_of(version));
    tree_set_object(json, "tags");
    return json;
}

static void bundle(struct keyvault_call *call, const char *name, const char *id,
                   struct json_object *version)
{
    struct json_object *json = item_of(call, name, id, version);
    tree_set_string(json, "value", tree_string(version, "value", ""));
    http_reply_json(call->reply, 200, json);
}

static void not_found(struct keyvault_call *call, const char *name)
{
    char message[512];
    snprintf(message, sizeof(message),
             "A secret with (name/id) %.200s was not found in this key vault. If you recently "
             "deleted this secret you may be able to recover it using the correct recovery "
             "command. For help resolving this issue, please see "
             "https://go.microsoft.com/fwlink/?linkid=2125182",
             name);
    keyvault_error(call, 404, "SecretNotFound", NULL, message);
}

static bool name_is_good(struct keyvault_call *call, const char *name)
{
    size_t length = strlen(name);
    bool good = length > 0 && length <= NAME_MAXIMUM;
    for (size_t i = 0; i < length; i++) {
        good = good && (isalnum((unsigned char)name[i]) || name[i] == '-');
    }
    if (!good) {
        keyvault_error(call, 400, "BadParameter", NULL,
                       "The request URI contains an invalid name.");
    }
    return good;
}

static void get_secret(struct keyvault_call *call, const char *name, const char *wanted)
{
    if (!name_is_good(call, name) || !keyvault_authorize(call, KEYVAULT_GET, name)) {
        return;
    }
    struct json_object *secret = tree_find_nocase(tree_get(call->vault, "secrets", NULL), name);
    const char *id = wanted != NULL ? wanted : tree_string(secret, "current", "");
    struct json_object *version = tree_find_nocase(tree_get(secret, "versions", NULL), id);
    if (version == NULL) {
        char both[300];
        snprintf(both, sizeof(both), "%.127s%s%.64s", name, wanted == NULL ? "" : "/",
                 wanted == NULL ? "" : wanted);
        not_found(call, both);
    } else if (!tree_bool(version, "enabled", true)) {
        keyvault_error(call, 403, "Forbidden", "SecretDisabled",
                       "Operation get is not allowed on a disabled secret.");
    } else {
        bundle(call, name, id, version);
    }
}

static struct json_object *new_version(struct json_object *body)
{
    static const char *const times[] = {"nbf", "exp", NULL};
    struct json_object *attributes = tree_get(body, "attributes", NULL);
    struct json_object *version = json_object_new_object();
    tree_set_string(version, "value", tree_string(body, "value", ""));
    tree_set_bool(version, "enabled", tree_bool(attributes, "enabled", true));
    tree_set_int(version, "created", time(NULL));
    for (size_t i = 0; times[i] != NULL; i++) {
        int64_t when = tree_int(attributes, times[i], -1);
        if (when >= 0) {
            tree_set_int(version, times[i], when);
        }
    }
    const char *type = tree_string(body, "contentType", NULL);
    if (type != NULL) {
        tree_set_string(version, "content_type", type);
    }
    return version;
}

static void store(struct keyvault_call *call, const char *name, struct json_object *version)
{
    char id[VERSION_LENGTH + 1];
    char why[256];
    text_random_hex(id, VERSION_LENGTH);
    struct json_object *patch = json_object_new_object();
    struct json_object *secret = tree_set_object(patch, name);
    tree_set_string(secret, "current", id);
    json_object_object_add(tree_set_object(secret, "versions"), id, tree_dup(version));
    char *path[] = {(char *)(uintptr_t) "vaults", call->vault_name, (char *)(uintptr_t) "secrets"};
    if (state_change(&call->emulator->state, STATE_PATCH, path, 3, patch, why, sizeof(why)) ==
        STATE_CHANGED) {
        bundle(call, name, id, version);
    } else {
        keyvault_error(call, 400, "BadParameter", NULL, why);
    }
    json_object_put(patch);
}

static void set_secret(struct keyvault_call *call, const char *name)
{
    if (!name_is_good(call, name) || !keyvault_authorize(call, KEYVAULT_SET, name)) {
        return;
    }
    const struct text *body = &call->request->body;
    struct json_object *json = tree_parse(text_string(body), body->length);
    const char *value = tree_string(json, "value", NULL);
    const char *type = http_header(call->request, "Content-Type");
    if (type == NULL || !text_has_prefix(type, "application/json") || value == NULL ||
        strlen(value) > VALUE_MAXIMUM) {
        /* UNVERIFIED words; the limit of 25 KB is documented. */
        keyvault_error(call, 400, "BadParameter", NULL, "Property value is invalid.");
    } else {
        struct json_object *version = new_version(json);
        store(call, name, version);
        json_object_put(version);
    }
    json_object_put(json);
}

static bool read_number(const struct http_request *request, const char *name, long maximum,
                        long *number)
{
    const char *text = http_query(request, name);
    if (text == NULL) {
        return true;
    }
    char *end = NULL;
    *number = strtol(text, &end, 10);
    return isdigit((unsigned char)text[0]) && *end == '\0' && *number <= maximum;
}

/* The items are all secrets of the vault, or all versions of the secret `name`. */
static void list(struct keyvault_call *call, const char *name, struct json_object *items)
{
    long size = PAGE_MAXIMUM;
    long skip = 0;
    if (!read_number(call->request, "maxresults", PAGE_MAXIMUM, &size) || size < 1 ||
        !read_number(call->request, "$skiptoken", 1000000, &skip)) {
        keyvault_error(call, 400, "BadParameter", NULL, "maxresults must be from 1 to 25.");
        return;
    }
    struct json_object *json = json_object_new_object();
    struct json_object *array = tree_set_array(json, "value");
    long index = 0;
    for (struct lh_entry *each = tree_first(items); each != NULL; each = each->next) {
        const char *key = tree_key(each);
        struct json_object *item = tree_value(each);
        if (index >= skip && index < skip + size) {
            struct json_object *version =
                name != NULL ? item
                             : tree_get(item, "versions", tree_string(item, "current", ""), NULL);
            json_object_array_add(array, item_of(call, name != NULL ? name : key,
                                                 name != NULL ? key : NULL, version));
        }
        index++;
    }
    json_object_object_add(json, "nextLink", NULL);
    if (index > skip + size) {
        char link[1024];
        snprintf(link, sizeof(link), "%s%s?api-version=%s&$skiptoken=%ld&maxresults=%ld",
                 call->request->base, call->request->path, http_query(call->request, "api-version"),
                 skip + size, size);
        tree_set_string(json, "nextLink", link);
    }
    http_reply_json(call->reply, 200, json);
}

static void list_versions(struct keyvault_call *call, const char *name)
{
    if (!name_is_good(call, name) || !keyvault_authorize(call, KEYVAULT_LIST, name)) {
        return;
    }
    struct json_object *secret = tree_find_nocase(tree_get(call->vault, "secrets", NULL), name);
    if (secret == NULL) {
        not_found(call, name);
    } else {
        list(call, name, tree_get(secret, "versions", NULL));
    }
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

static void read_path(struct keyvault_call *call, const struct http_path *path)
{
    if (path->count == 1) {
        call->reply->operation = "list";
        if (keyvault_authorize(call, KEYVAULT_LIST, "")) {
            list(call, NULL, tree_get(call->vault, "secrets", NULL));
        }
    } else if (http_path_is(path, 2, "versions")) {
        call->reply->operation = "versions";
        list_versions(call, path->segments[1]);
    } else {
        call->reply->operation = "get";
        get_secret(call, path->segments[1], path->count == 3 ? path->segments[2] : NULL);
    }
}

static void route(struct keyvault_call *call, const struct http_path *path)
{
    const char *method = call->request->method;
    if (!http_path_is(path, 0, "secrets") || path->count > 3) {
        keyvault_error(call, 404, "NotFound", NULL, "The requested path does not exist.");
    } else if (strcmp(method, "GET") == 0) {
        read_path(call, path);
    } else if (strcmp(method, "PUT") == 0 && path->count == 2) {
        call->reply->operation = "set";
        set_secret(call, path->segments[1]);
    } else {
        keyvault_error(call, 405, "MethodNotAllowed", NULL, "The method is not allowed.");
    }
}

static bool find_vault(struct keyvault_call *call)
{
    const char *host = call->request->base + strlen("https://");
    size_t length = strcspn(host, ".:");
    snprintf(call->vault_name, sizeof(call->vault_name), "%.*s", length < 60 ? (int)length : 60,
             host);
    struct json_object *vaults = tree_get(call->state, "vaults", NULL);
    for (struct lh_entry *each = tree_first(vaults); each != NULL; each = each->next) {
        const char *name = tree_key(each);
        struct json_object *vault = tree_value(each);
        if (strcasecmp(name, call->vault_name) == 0) {
            snprintf(call->vault_name, sizeof(call->vault_name), "%s", name);
            call->vault = vault;
        }
    }
    const char *key = resources_named(call->state, "Microsoft.KeyVault/vaults", call->vault_name,
                                      scaled_clock_now());
    snprintf(call->scope, sizeof(call->scope), "%s", key == NULL ? "" : key);
    return call->vault != NULL;
}

void keyvault_handle(struct emulator *emulator, const struct http_request *request,
                     struct http_reply *reply)
{
    struct keyvault_call call = {.emulator = emulator, .request = request, .reply = reply};
    struct http_path path = {.count = 0};
    call.state = state_acquire(&emulator->state);
    http_reply_header(reply, "x-ms-keyvault-region", "eastus");
    http_reply_header(reply, "x-ms-keyvault-service-version", "1.9.12.0");
    if (!find_vault(&call)) {
        /* Invented: a vault that does not exist has no name in Azure's DNS either. */
        keyvault_error(&call, 404, "VaultNotFound", NULL, "There is no such vault here.");
    } else if (keyvault_authenticate(&call) && check_version(&call)) {
        if (http_path_split(request, &path) == 0) {
            route(&call, &path);
        } else {
            keyvault_error(&call, 400, "BadParameter", NULL, "The request URI is invalid.");
        }
    }
    http_path_release(&path);
    json_object_put(call.claims);
    state_give_back(&emulator->state, call.state);
}
