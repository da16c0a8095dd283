/* SPDX-License-Identifier: MIT */
/* Reading and writing JSON without surprises: bounded parsing, typed getters with a default that
 * never abort on a missing or differently typed member, and building. */
#ifndef EMULATOR_TREE_H
#define EMULATOR_TREE_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The members of an object, one after the other through ->next: json-c's own macro for that needs
 * an extension of the language. NULL for an empty object and for what is none. */
struct lh_entry *tree_first(struct json_object *map);
const char *tree_key(const struct lh_entry *each);
struct json_object *tree_value(const struct lh_entry *each);

/* The whole of data must be one strict JSON value; NULL otherwise. The caller puts it. */
struct json_object *tree_parse(const char *data, size_t length);
/* Walks the members named up to a NULL; borrowed, NULL when one is absent. */
struct json_object *tree_get(struct json_object *node, ...) __attribute__((sentinel));
const char *tree_string(struct json_object *node, const char *key, const char *otherwise);
int64_t tree_int(struct json_object *node, const char *key, int64_t otherwise);
bool tree_bool(struct json_object *node, const char *key, bool otherwise);
/* Whether the array node[key] holds the string, letter case ignored. */
bool tree_has(struct json_object *node, const char *key, const char *string);
/* Like a member look-up, letter case of the key ignored. Borrowed. */
struct json_object *tree_find_nocase(struct json_object *node, const char *key);
/* A copy that shares nothing with the original. */
struct json_object *tree_dup(struct json_object *node);

void tree_set_string(struct json_object *node, const char *key, const char *value);
void tree_set_int(struct json_object *node, const char *key, int64_t value);
void tree_set_bool(struct json_object *node, const char *key, bool value);
/* Adds a new empty object as member and returns it, borrowed. */
struct json_object *tree_set_object(struct json_object *node, const char *key);
struct json_object *tree_set_array(struct json_object *node, const char *key);
/* Adds strings, up to a NULL, to a new array member. */
void tree_set_strings(struct json_object *node, const char *key, ...) __attribute__((sentinel));
#endif
