/* SPDX-License-Identifier: MIT */
/*
 * How struct acsmtp_json stands for json-c's objects. json-c has no object for null: it is a NULL
 * pointer there, and one static value here, so that "null" can be parsed, copied and written.
 */
#ifndef JSON_PRIVATE_H
#define JSON_PRIVATE_H

#include <acsmtp/json.h>
#include <json-c/json.h>

struct acsmtp_json *json_wrap(struct json_object *object);
struct json_object *json_unwrap(const struct acsmtp_json *json);

/* The object if it has this type, else NULL. */
struct json_object *json_of_type(const struct acsmtp_json *json, enum json_type type);

/* Overwrite every string of a tree that is about to be freed. */
void json_wipe(struct json_object *object);

#endif
