/* SPDX-License-Identifier: MIT */
/* Typed access to JSON; see tree.h. */
#include "tree.h"

#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { TREE_MAXIMUM_DEPTH = 24 };

static struct json_object *parse(const char *data, size_t length, int flags)
{
    struct json_tokener *tokener = json_tokener_new_ex(TREE_MAXIMUM_DEPTH);
    if (tokener == NULL) {
        return NULL;
    }
    json_tokener_set_flags(tokener, flags);
    struct json_object *value = json_tokener_parse_ex(tokener, data, (int)length);
    enum json_tokener_error state = json_tokener_get_error(tokener);
    if (state == json_tokener_continue) {
        value = json_tokener_parse_ex(tokener, "", 1); /* a bare number ends only at a NUL */
        state = json_tokener_get_error(tokener);
    }
    if (state != json_tokener_success) {
        json_object_put(value);
        value = NULL;
    }
    json_tokener_free(tokener);
    return value;
}

/* json-c 0.18 calls every character beyond ASCII an error in strict mode: letters stand in. */
static bool is_strict(const char *data, size_t length)
{
    char *letters = malloc(length);
    if (letters == NULL) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        letters[i] = 'x';
        if ((unsigned char)data[i] < 0x80) {
            letters[i] = data[i];
        }
    }
    struct json_object *value = parse(letters, length, JSON_TOKENER_STRICT);
    free(letters);
    bool strict = value != NULL;
    json_object_put(value);
    return strict;
}

struct json_object *tree_parse(const char *data, size_t length)
{
    if (length == 0 || length > INT_MAX || !is_strict(data, length)) {
        return NULL;
    }
    return parse(data, length, JSON_TOKENER_VALIDATE_UTF8);
}

struct lh_entry *tree_first(struct json_object *map)
{
    return json_object_is_type(map, json_type_object) ? lh_table_head(json_object_get_object(map))
                                                      : NULL;
}

const char *tree_key(const struct lh_entry *each)
{
    return lh_entry_k(each);
}

struct json_object *tree_value(const struct lh_entry *each)
{
    return (struct json_object *)lh_entry_v(each);
}

static struct json_object *member(struct json_object *node, const char *key)
{
    struct json_object *value = NULL;
    if (!json_object_is_type(node, json_type_object)) {
        return NULL;
    }
    return json_object_object_get_ex(node, key, &value) ? value : NULL;
}

struct json_object *tree_get(struct json_object *node, ...)
{
    va_list keys;
    va_start(keys, node);
    const char *key;
    while (node != NULL && (key = va_arg(keys, const char *)) != NULL) {
        node = member(node, key);
    }
    va_end(keys);
    return node;
}

const char *tree_string(struct json_object *node, const char *key, const char *otherwise)
{
    struct json_object *value = member(node, key);
    return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : otherwise;
}

int64_t tree_int(struct json_object *node, const char *key, int64_t otherwise)
{
    struct json_object *value = member(node, key);
    return json_object_is_type(value, json_type_int) ? json_object_get_int64(value) : otherwise;
}

bool tree_bool(struct json_object *node, const char *key, bool otherwise)
{
    struct json_object *value = member(node, key);
    return json_object_is_type(value, json_type_boolean) ? json_object_get_boolean(value)
                                                         : otherwise;
}

bool tree_has(struct json_object *node, const char *key, const char *string)
{
    struct json_object *array = member(node, key);
    if (!json_object_is_type(array, json_type_array)) {
        return false;
    }
    for (size_t i = 0; i < json_object_array_length(array); i++) {
        struct json_object *item = json_object_array_get_idx(array, i);
        if (json_object_is_type(item, json_type_string) &&
            strcasecmp(json_object_get_string(item), string) == 0) {
            return true;
        }
    }
    return false;
}

struct json_object *tree_find_nocase(struct json_object *node, const char *key)
{
    for (struct lh_entry *each = tree_first(node); each != NULL; each = each->next) {
        const char *name = tree_key(each);
        struct json_object *value = tree_value(each);
        if (strcasecmp(name, key) == 0) {
            return value;
        }
    }
    return NULL;
}

struct json_object *tree_dup(struct json_object *node)
{
    struct json_object *copy = NULL;
    return node == NULL || json_object_deep_copy(node, &copy, NULL) != 0 ? NULL : copy;
}

void tree_set_string(struct json_object *node, const char *key, const char *value)
{
    json_object_object_add(node, key, json_object_new_string(value));
}

void tree_set_int(struct json_object *node, const char *key, int64_t value)
{
    json_object_object_add(node, key, json_object_new_int64(value));
}

void tree_set_bool(struct json_object *node, const char *key, bool value)
{
    json_object_object_add(node, key, json_object_new_boolean(value));
}

struct json_object *tree_set_object(struct json_object *node, const char *key)
{
    struct json_object *value = json_object_new_object();
    json_object_object_add(node, key, value);
    return value;
}

struct json_object *tree_set_array(struct json_object *node, const char *key)
{
    struct json_object *value = json_object_new_array();
    json_object_object_add(node, key, value);
    return value;
}

void tree_set_strings(struct json_object *node, const char *key, ...)
{
    struct json_object *array = tree_set_array(node, key);
    va_list strings;
    va_start(strings, key);
    const char *string;
    while ((string = va_arg(strings, const char *)) != NULL) {
        json_object_array_add(array, json_object_new_string(string));
    }
    va_end(strings);
}
