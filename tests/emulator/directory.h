/* SPDX-License-Identifier: MIT */
/* Questions about who exists and who may do what, asked of a snapshot of the state. All pointers
 * that come back are borrowed from the snapshot. `now` is a moment of the scaled clock. */
#ifndef EMULATOR_DIRECTORY_H
#define EMULATOR_DIRECTORY_H

#include "roles.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

enum directory_secret { SECRET_VALID, SECRET_WRONG, SECRET_EXPIRED };

enum directory_selector { SELECT_SYSTEM, SELECT_CLIENT_ID, SELECT_OBJECT_ID, SELECT_RESOURCE_ID };

enum directory_principal {
    PRINCIPAL_KNOWN,
    PRINCIPAL_REPLICATING, /* made a moment ago: other services do not see it yet */
    PRINCIPAL_UNKNOWN,
};

/* NULL when no application has the client id. */
struct json_object *directory_application(struct json_object *tree, const char *client_id);
enum directory_secret directory_check_secret(struct json_object *application, const char *secret,
                                             time_t now);
/* An assigned managed identity, or NULL. value is not looked at for SELECT_SYSTEM. */
struct json_object *directory_identity(struct json_object *tree, enum directory_selector selector,
                                       const char *value);
/* Whether the tenant has a service principal of this object id. */
enum directory_principal directory_principal(struct json_object *tree, const char *object_id,
                                             int64_t now);
/* The spelling in `audience` may end in a slash or not; NULL when no such resource is known. */
const char *directory_resource(struct json_object *tree, const char *audience);
bool directory_same_resource(const char *a, const char *b);

/* Whether a role assignment in effect, at the scope or above it, allows the operation. */
bool directory_allows(struct json_object *tree, const char *object_id, enum role_plane plane,
                      const char *operation, const char *scope, int64_t now);
/* Whether the scope is `above` or below it; letter case is ignored. */
bool directory_is_within(const char *scope, const char *above);
#endif
