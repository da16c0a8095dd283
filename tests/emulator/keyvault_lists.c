/* SPDX-License-Identifier: MIT */
/* Lists of secrets, of versions and of deleted secrets, in pages of at most 25. No value is ever in
 * a list. */
#include "keyvault.h"
#include "tree.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_MAXIMUM = 25 };

/* One entry of a list; NULL for what is not to be seen. */
typedef struct json_object *show_function(const struct keyvault_call *call, const char *key,
                                          struct json_object *value);

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

static void add_link(struct keyvault_call *call, struct json_object *json, long skip, long size)
{
    char link[1024];
    snprintf(link, sizeof(link), "%s%s?api-version=%s&$skiptoken=%ld&maxresults=%ld",
             call->request->base, call->request->path, http_query(call->request, "api-version"),
             skip, size);
    tree_set_string(json, "nextLink", link);
}

static void list(struct keyvault_call *call, struct json_object *map, show_function *show)
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
    for (struct lh_entry *each = tree_first(map); each != NULL; each = each->next) {
        const char *key = tree_key(each);
        struct json_object *value = tree_value(each);
        struct json_object *item = show(call, key, value);
        if (item != NULL && index >= skip && index < skip + size) {
            json_object_array_add(array, item);
        } else {
            json_object_put(item);
        }
        index += item != NULL;
    }
    json_object_object_add(json, "nextLink", NULL);
    if (index > skip + size) {
        add_link(call, json, skip + size, size);
    }
    http_reply_json(call->reply, 200, json);
}

static struct json_object *show_secret(const struct keyvault_call *call, const char *key,
                                       struct json_object *secret)
{
    if (tree_int(secret, "ready_ms", 0) > call->now) {
        return NULL;
    }
    return keyvault_item(call, key, NULL,
                         tree_get(secret, "versions", tree_string(secret, "current", ""), NULL));
}

static struct json_object *show_version(const struct keyvault_call *call, const char *key,
                                        struct json_object *version)
{
    return keyvault_item(call, call->name, key, version);
}

static struct json_object *show_deleted(const struct keyvault_call *call, const char *key,
                                        struct json_object *secret)
{
    bool there = tree_int(secret, "settled_ms", 0) <= call->now &&
                 tree_int(secret, "purge_ms", INT64_MAX) > call->now;
    return there ? keyvault_deleted_item(call, key, NULL, secret) : NULL;
}

void keyvault_list(struct keyvault_call *call)
{
    list(call, tree_get(call->vault, "secrets", NULL), show_secret);
}

void keyvault_list_versions(struct keyvault_call *call)
{
    struct json_object *secret = keyvault_secret(call);
    if (secret == NULL) {
        keyvault_not_found(call, call->name);
    } else {
        list(call, tree_get(secret, "versions", NULL), show_version);
    }
}

void keyvault_list_deleted(struct keyvault_call *call)
{
    list(call, tree_get(call->vault, "deleted_secrets", NULL), show_deleted);
}
