/* SPDX-License-Identifier: MIT */
/* Secrets: get, set, change. Expired and not yet valid secrets are handed out, as Azure does;
 * disabled ones are not. Every PUT makes a new version. */
#include "keyvault.h"
#include "tree.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { VALUE_MAXIMUM = 25 * 1024, TAGS_MAXIMUM = 15, TAG_MAXIMUM = 256 };

/* The secret's own spelling of the name is kept, whatever the letter case of the request. */
static const char *spelling(struct json_object *map, struct json_object *wanted)
{
    for (struct lh_entry *each = tree_first(map); each != NULL; each = each->next) {
        struct json_object *value = tree_value(each);
        if (value == wanted) {
            return tree_key(each);
        }
    }
    return "";
}

static void reply_bundle(struct keyvault_call *call, const char *id, struct json_object *version,
                         bool value)
{
    struct json_object *json = keyvault_item(call, call->name, id, version);
    if (value) {
        tree_set_string(json, "value", tree_string(version, "value", ""));
    }
    http_reply_json(call->reply, 200, json);
}

/* The version that the call names, or the current one, and its id; NULL after a 404. */
static struct json_object *find_version(struct keyvault_call *call, const char **id)
{
    struct json_object *secret = keyvault_secret(call);
    struct json_object *versions = tree_get(secret, "versions", NULL);
    struct json_object *version = tree_find_nocase(
        versions, call->version != NULL ? call->version : tree_string(secret, "current", ""));
    if (version == NULL) {
        char both[300];
        snprintf(both, sizeof(both), "%.127s%s%.64s", call->name, call->version == NULL ? "" : "/",
                 call->version == NULL ? "" : call->version);
        keyvault_not_found(call, both);
        return NULL;
    }
    *id = spelling(versions, version);
    return version;
}

void keyvault_get(struct keyvault_call *call)
{
    const char *id = NULL;
    struct json_object *version = find_version(call, &id);
    if (version != NULL && !tree_bool(version, "enabled", true)) {
        keyvault_error(call, 403, "Forbidden", "SecretDisabled",
                       "Operation get is not allowed on a disabled secret.");
    } else if (version != NULL) {
        reply_bundle(call, id, version, true);
    }
}

static struct json_object *read_body(struct keyvault_call *call)
{
    const struct text *body = &call->request->body;
    const char *type = http_header(call->request, "Content-Type");
    struct json_object *json = type != NULL && text_has_prefix(type, "application/json")
                                   ? tree_parse(text_string(body), body->length)
                                   : NULL;
    if (!json_object_is_type(json, json_type_object)) {
        json_object_put(json);
        /* UNVERIFIED words */
        keyvault_error(call, 400, "BadParameter", NULL, "The request body is not a JSON object.");
        return NULL;
    }
    return json;
}

static bool tags_are_good(struct json_object *tags)
{
    if (!json_object_is_type(tags, json_type_object) ||
        json_object_object_length(tags) > TAGS_MAXIMUM) {
        return false;
    }
    for (struct lh_entry *each = tree_first(tags); each != NULL; each = each->next) {
        const char *key = tree_key(each);
        struct json_object *value = tree_value(each);
        if (strlen(key) > TAG_MAXIMUM || !json_object_is_type(value, json_type_string) ||
            json_object_get_string_len(value) > TAG_MAXIMUM) {
            return false;
        }
    }
    return true;
}

/* Attributes, content type and tags of the body; what is absent stays. False after a 400. */
static bool store_body(struct keyvault_call *call, struct json_object *body,
                       struct json_object *version)
{
    static const char *const times[] = {"nbf", "exp", NULL};
    struct json_object *attributes = tree_get(body, "attributes", NULL);
    struct json_object *tags = tree_get(body, "tags", NULL);
    const char *type = tree_string(body, "contentType", NULL);
    if ((tags != NULL && !tags_are_good(tags)) || (type != NULL && strlen(type) > 255)) {
        keyvault_error(call, 400, "BadParameter", NULL, "Property tags or contentType is invalid.");
        return false;
    }
    tree_set_bool(version, "enabled",
                  tree_bool(attributes, "enabled", tree_bool(version, "enabled", true)));
    for (size_t i = 0; times[i] != NULL; i++) {
        int64_t when = tree_int(attributes, times[i], -1);
        if (when >= 0) {
            tree_set_int(version, times[i], when);
        }
    }
    if (type != NULL) {
        tree_set_string(version, "content_type", type);
    }
    if (tags != NULL) {
        json_object_object_add(version, "tags", tree_dup(tags));
    }
    return true;
}

static struct json_object *secret_to_write(struct keyvault_call *call)
{
    struct json_object *secrets = tree_get(call->vault, "secrets", NULL);
    struct json_object *secret = tree_find_nocase(secrets, call->name);
    if (secret == NULL) {
        secret = tree_set_object(secrets, call->name);
        tree_set_object(secret, "versions");
    }
    return secret;
}

static void add_version(struct keyvault_call *call, struct json_object *version)
{
    char id[KEYVAULT_VERSION_LENGTH + 1];
    struct json_object *secret = secret_to_write(call);
    text_random_hex(id, KEYVAULT_VERSION_LENGTH);
    tree_set_string(secret, "current", id);
    reply_bundle(call, id, version, true);
    json_object_object_add(tree_get(secret, "versions", NULL), id, version);
    call->changed = true;
}

void keyvault_set(struct keyvault_call *call)
{
    struct json_object *body = read_body(call);
    const char *value = tree_string(body, "value", NULL);
    if (body == NULL) {
        return;
    }
    if (value == NULL || strlen(value) > VALUE_MAXIMUM) {
        /* UNVERIFIED words; the limit of 25 KB is documented. */
        keyvault_error(call, 400, "BadParameter", NULL, "Property value is invalid.");
    } else if (keyvault_name_is_free(call)) {
        struct json_object *version = json_object_new_object();
        tree_set_string(version, "value", value);
        tree_set_int(version, "created", time(NULL));
        if (store_body(call, body, version)) {
            add_version(call, version);
        } else {
            json_object_put(version);
        }
    }
    json_object_put(body);
}

void keyvault_update(struct keyvault_call *call)
{
    const char *id = NULL;
    struct json_object *version = find_version(call, &id);
    struct json_object *body = version == NULL ? NULL : read_body(call);
    if (body == NULL) {
        return;
    }
    if (tree_get(body, "value", NULL) != NULL) {
        /* UNVERIFIED words: a value is never changed, only followed by another version. */
        keyvault_error(call, 400, "BadParameter", NULL, "Property value cannot be updated.");
    } else if (store_body(call, body, version)) {
        tree_set_int(version, "updated", time(NULL));
        reply_bundle(call, id, version, false);
        call->changed = true;
    }
    json_object_put(body);
}
