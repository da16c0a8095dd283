/* SPDX-License-Identifier: MIT */
/* The resources of the emulated subscription, member "arm" of the state: one entry for each, under
 * its resource id in lower case.
 *
 *   { "resource": body as GET answers it,
 *     "ready_ms": until then it is being made ("Accepted"),
 *     "gone_ms":  it is being deleted until then, and no longer there afterwards,
 *     "failure":  {"code", "message"} when making it failed,
 *     "private":  whatever its service needs to remember }
 *
 * An entry in deletion exists until its time is over, as in Azure. */
#ifndef EMULATOR_RESOURCES_H
#define EMULATOR_RESOURCES_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RESOURCE_ID_SIZE = 1024 };

/* id in lower case, which is its key. */
void resources_key(const char *id, char out[RESOURCE_ID_SIZE]);
/* The entry under a key or an id of any case; NULL when there is none, or no more. */
struct json_object *resources_find(struct json_object *tree, const char *id, int64_t now);
bool resources_is_gone(struct json_object *entry, int64_t now);
/* Whether the key is of the type, for example "Microsoft.KeyVault/vaults". */
bool resources_is_type(const char *key, const char *type);
/* The key of the resource of the type that has the name, whose letter case is ignored; NULL when
 * there is none. Borrowed from the tree. */
const char *resources_named(struct json_object *tree, const char *type, const char *name,
                            int64_t now);
/* The last segment of an id. */
const char *resources_name(const char *id);
/* The id without its last type and name (and without "/providers/NAMESPACE" before them): the
 * parent resource, or the scope of a top-level one. */
void resources_parent(const char *id, char out[RESOURCE_ID_SIZE]);
/* The "properties" of its resource. */
struct json_object *resources_properties(struct json_object *entry);
#endif
