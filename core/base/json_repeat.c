/* SPDX-License-Identifier: MIT */
/* Looking for repeated keys, see json_repeat.h: one pass, with a set of keys an open object. */
#include "json_repeat.h"
#include "json_private.h"
#include "json_scan.h"
#include <string.h>

struct walk {
    const char *text;
    size_t size, at, depth;
    struct json_object *keys[JSON_DEPTH_MAX + 1]; /* of the open objects; NULL: of an array */
};

/* Behind the string that begins here. */
static size_t string_end(const struct walk *walk)
{
    size_t at = walk->at + 1;

    while (at < walk->size && walk->text[at] != '"')
        at += walk->text[at] == '\\' ? 2 : 1;
    return at + 1;
}

/* What stands before a colon. */
static int is_key(const struct walk *walk, size_t end)
{
    while (end < walk->size && strchr(" \t\r\n", walk->text[end]))
        end++;
    return end < walk->size && walk->text[end] == ':';
}

/* Whether the innermost object has the key already; from now on it has. */
static int is_known(struct walk *walk, size_t end)
{
    struct json_object *keys = walk->depth ? walk->keys[walk->depth - 1] : NULL;
    struct json_tokener *tokener = keys ? json_tokener_new() : NULL;
    struct json_object *key;
    int known = 0;

    if (!tokener)
        return 0;
    key = json_tokener_parse_ex(tokener, walk->text + walk->at, (int)(end - walk->at));
    if (json_object_is_type(key, json_type_string)) {
        known = json_object_object_get_ex(keys, json_object_get_string(key), NULL);
        (void)json_object_object_add(keys, json_object_get_string(key), NULL);
    }
    (void)json_object_put(key);
    json_tokener_free(tokener);
    return known;
}

static void open_or_close(struct walk *walk, char c)
{
    if ((c == '{' || c == '[') && walk->depth < JSON_DEPTH_MAX)
        walk->keys[walk->depth++] = c == '{' ? json_object_new_object() : NULL;
    else if ((c == '}' || c == ']') && walk->depth > 0)
        (void)json_object_put(walk->keys[--walk->depth]);
}

size_t json_repeated_key(const char *text, size_t size)
{
    struct walk walk = {.text = text, .size = size};
    size_t found = size;

    while (walk.at < size && found == size) {
        size_t end = walk.at + 1;

        if (text[walk.at] == '"') {
            end = string_end(&walk);
            if (is_key(&walk, end) && is_known(&walk, end))
                found = walk.at;
        }
        open_or_close(&walk, text[walk.at]);
        walk.at = end;
    }
    while (walk.depth > 0)
        (void)json_object_put(walk.keys[--walk.depth]);
    return found;
}
