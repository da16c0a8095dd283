/* SPDX-License-Identifier: MIT */
/* Questions about who may do what, asked of a snapshot of the state. All pointers that come back
 * are borrowed from the snapshot. */
#ifndef EMULATOR_DIRECTORY_H
#define EMULATOR_DIRECTORY_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

enum directory_secret { SECRET_VALID, SECRET_WRONG, SECRET_EXPIRED };

enum directory_selector { SELECT_SYSTEM, SELECT_CLIENT_ID, SELECT_OBJECT_ID, SELECT_RESOURCE_ID };

/* NULL when no application has the client id. */
struct json_object *directory_application(struct json_object *tree, const char *client_id);
enum directory_secret directory_check_secret(struct json_object *application, const char *secret,
                                             time_t now);
/* An assigned managed identity, or NULL. value is not looked at for SELECT_SYSTEM. */
struct json_object *directory_identity(struct json_object *tree, enum directory_selector selector,
                                       const char *value);
/* The spelling in `audience` may end in a slash or not; NULL when no such resource is known. */
const char *directory_resource(struct json_object *tree, const char *audience);
bool directory_same_resource(const char *a, const char *b);
/* Whether the principal may send through the communication service. */
bool directory_may_send(struct json_object *tree, const char *object_id);
/* The client id that an SMTP user name is bound to, in the resource's form or in one of the two
 * old ones; NULL when there is none. */
const char *directory_username_client(struct json_object *tree, const char *username);
bool directory_is_sender(struct json_object *tree, const char *address);
bool directory_is_linked_domain(struct json_object *tree, const char *address);
/* Whether role lets its holder read secrets, list them, write them. */
bool directory_role_reads(const char *role);
bool directory_role_lists(const char *role);
bool directory_role_writes(const char *role);
#endif
