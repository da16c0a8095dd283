/* SPDX-License-Identifier: MIT */
/* Entra applications and service principals in the state: look-ups, and whether an object that was
 * just made has reached the replica that is asked. Pointers that come back are borrowed.
 *
 * An application is one member of `applications`: `application_id` is the object id of the
 * application, `client_id` its appId, `object_id` that of its service principal, absent while the
 * tenant has none. */
#ifndef EMULATOR_PRINCIPALS_H
#define EMULATOR_PRINCIPALS_H

#include <json-c/json.h>
#include <stdbool.h>

/* The first member of map whose string `key` is value, letter case ignored; NULL for none. */
struct json_object *principals_find(struct json_object *map, const char *key, const char *value);
/* Of `applications`; key as above, or "unique_name". */
struct json_object *principals_application(struct json_object *tree, const char *key,
                                           const char *value);
/* The managed identity whose `key` is value: it has a service principal, but no application. */
struct json_object *principals_identity(struct json_object *tree, const char *key,
                                        const char *value);
/* Whether the moment that node[key] holds has come; true when there is no such member. */
bool principals_is_due(struct json_object *node, const char *key);
#endif
