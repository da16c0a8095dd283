/* SPDX-License-Identifier: MIT */
/* Look-ups among the resources; see resources.h. */
#include "resources.h"

#include "tree.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define PROVIDERS "/providers/"

void resources_key(const char *id, char out[RESOURCE_ID_SIZE])
{
    snprintf(out, RESOURCE_ID_SIZE, "%s", id);
    for (char *at = out; *at != '\0'; at++) {
        *at = (char)tolower((unsigned char)*at);
    }
}

bool resources_is_gone(struct json_object *entry, int64_t now)
{
    return tree_int(entry, "gone_ms", INT64_MAX) <= now;
}

struct json_object *resources_find(struct json_object *tree, const char *id, int64_t now)
{
    char key[RESOURCE_ID_SIZE];
    resources_key(id, key);
    struct json_object *entry = tree_get(tree, "arm", key, NULL);
    return entry == NULL || resources_is_gone(entry, now) ? NULL : entry;
}

/* Where the last "/providers/" begins; NULL when there is none. */
static const char *last_providers(const char *id)
{
    const char *last = NULL;
    for (const char *at = id; (at = strcasestr(at, PROVIDERS)) != NULL; at++) {
        last = at;
    }
    return last;
}

/* Walks namespace, then type, name, type, name…; the types must be those of `type`, in order. */
bool resources_is_type(const char *key, const char *type)
{
    const char *at = last_providers(key);
    if (at == NULL) {
        return false;
    }
    at += strlen(PROVIDERS);
    bool is_namespace = true;
    while (*type != '\0') {
        size_t length = strcspn(type, "/");
        size_t present = strcspn(at, "/");
        if (length != present || strncasecmp(at, type, length) != 0) {
            return false;
        }
        at += length + (at[length] == '/');
        type += length + (type[length] == '/');
        if (!is_namespace) { /* the name */
            present = strcspn(at, "/");
            if (present == 0) {
                return false;
            }
            at += present + (at[present] == '/');
        }
        is_namespace = false;
    }
    return *at == '\0';
}

const char *resources_name(const char *id)
{
    const char *slash = strrchr(id, '/');
    return slash == NULL ? id : slash + 1;
}

const char *resources_named(struct json_object *tree, const char *type, const char *name,
                            int64_t now)
{
    struct json_object *resources = tree_get(tree, "arm", NULL);
    for (struct lh_entry *each = tree_first(resources); each != NULL; each = each->next) {
        const char *key = tree_key(each);
        if (resources_is_type(key, type) && strcasecmp(resources_name(key), name) == 0 &&
            !resources_is_gone(tree_value(each), now)) {
            return key;
        }
    }
    return NULL;
}

static void cut(char *id)
{
    char *slash = strrchr(id, '/');
    if (slash != NULL) {
        *slash = '\0';
    }
}

void resources_parent(const char *id, char out[RESOURCE_ID_SIZE])
{
    snprintf(out, RESOURCE_ID_SIZE, "%s", id);
    cut(out);
    cut(out);
    char *slash = strrchr(out, '/'); /* of the namespace when nothing stands before it */
    if (slash != NULL && slash - out >= (ptrdiff_t)strlen("/providers") &&
        strncasecmp(slash - strlen("/providers"), "/providers", strlen("/providers")) == 0) {
        cut(out);
        cut(out);
    }
}

struct json_object *resources_properties(struct json_object *entry)
{
    return tree_get(entry, "resource", "properties", NULL);
}
