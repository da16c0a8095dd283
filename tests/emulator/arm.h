/* SPDX-License-Identifier: MIT */
/* Azure Resource Manager: what the files of the control plane share.
 *
 * The router (arm.c, arm_check.c) authenticates, parses the path, checks api-version, subscription,
 * permission, provider registration, resource group and parent, in Azure's order, and only then
 * calls the handler that a type's row in arm_types.c names. A handler therefore looks at the body
 * and at the state, changes call->tree, sets call->changed, and fills call->reply. All of a call
 * runs on one private copy of the state, which nobody else changes meanwhile. */
#ifndef EMULATOR_ARM_H
#define EMULATOR_ARM_H

#include "arm_filter.h"
#include "arm_path.h"
#include "emulator.h"
#include "resources.h"
#include "roles.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arm_type;

struct arm_call {
    struct emulator *emulator;
    const struct http_request *request;
    struct http_reply *reply;
    struct json_object *tree; /* the state, ours to change */
    bool changed;             /* whether it shall be kept */
    int64_t now;              /* of the scaled clock */
    struct json_object *claims;
    const char *client_id; /* of the caller */
    const char *object_id;
    const char *api_version;
    struct json_object *body; /* an object, or NULL when there is no body */
    struct arm_path path;
    const struct arm_type *type;
    struct json_object *entry; /* in "arm", of the item that the path names; NULL when none */
};

typedef void arm_handler(struct arm_call *call);
/* The body that GET answers for an entry; the caller puts it. */
typedef struct json_object *arm_render(const struct arm_call *call, const char *key,
                                       struct json_object *entry);
/* Told when an entry's deletion is over, just before it is taken out. */
typedef void arm_removed(struct json_object *tree, const char *key, struct json_object *entry,
                         int64_t now);

struct arm_action {
    const char *name;
    arm_handler *run;
};

enum arm_flags {
    ARM_ANYBODY = 1,   /* the handler itself decides what the caller may see */
    ARM_EXTENSION = 2, /* the scope may be any resource */
};

/* One row for each type of resource; handlers that are NULL are refused with 405. */
struct arm_type {
    const char *name;            /* "Microsoft.Communication/communicationServices" */
    const char *const *versions; /* api-versions, up to NULL */
    unsigned flags;
    arm_handler *get; /* the item; arm_get and arm_list serve most types */
    arm_handler *put;
    arm_handler *patch;
    arm_handler *remove;
    arm_handler *list;                /* GET of the collection */
    arm_handler *post;                /* POST to the "collection": checkNameAvailability */
    const struct arm_action *actions; /* POST behind an item; the last has no name */
    arm_render *render;               /* NULL: arm_render_entry */
    arm_removed *removed;             /* may be NULL */
};

/* arm_types.c. Letter case is ignored; NULL when there is no such type. */
const struct arm_type *arm_type_find(const char *name);
/* Of a resource's key. */
const struct arm_type *arm_type_of(const char *key);
/* Of index 0, 1, …; NULL past the last. */
const struct arm_type *arm_type_at(size_t index);

/* arm_reply.c: replies. */
__attribute__((format(printf, 4, 5))) void arm_error(struct arm_call *call, unsigned status,
                                                     const char *code, const char *format, ...);
/* The same body as arm_error(), with one entry in "details". */
void arm_error_detail(struct arm_call *call, unsigned status, const char *code, const char *message,
                      const char *target);
void arm_not_found(struct arm_call *call);
/* A reply without body. */
void arm_empty(struct arm_call *call, unsigned status);
/* Answers an array as a page of {"value": […], "nextLink"}; takes the array. */
void arm_reply_list(struct arm_call *call, struct json_object *array);
/* The request's "$filter"; false, and a 400, when it is none or has conditions but those named. */
bool arm_read_filter(struct arm_call *call, const char *const *names, struct arm_filter *filter);
struct json_object *arm_render_entry(const struct arm_call *call, const char *key,
                                     struct json_object *entry);
/* By the render function of the key's type. */
struct json_object *arm_render_by_type(const struct arm_call *call, const char *key,
                                       struct json_object *entry);
/* Handlers for types that need no more: 200 with the entry, or 404; all of the type in the parent.
 */
void arm_get(struct arm_call *call);
void arm_list(struct arm_call *call);

/* arm_check.c */
bool arm_is_method(const struct arm_call *call, const char *method);
bool arm_is_read(const struct arm_call *call); /* GET or HEAD */
/* All that must hold before a handler is asked; false when the reply is an error already. */
bool arm_check(struct arm_call *call);

/* arm_access.c: false when the reply is a 401 already; sets claims, client_id and object_id. */
bool arm_authenticate(struct arm_call *call);
/* Whether the caller may do the operation at the scope; false when the reply is a 403 already. */
bool arm_authorize(struct arm_call *call, const char *operation, const char *scope);

/* arm_resource.c: making and changing entries. */
struct arm_new {
    const char *type;     /* what the body's "type" says */
    const char *location; /* NULL: the resource has none */
    bool tags;
};
/* Puts a new entry under the path's id: id and name as sent, tags of the body, "properties" empty.
 * What stood there before is replaced. */
struct json_object *arm_new_entry(struct arm_call *call, const struct arm_new *what);
/* The string member of the body's properties, or NULL; with a 400 when it must be there. */
const char *arm_property(struct arm_call *call, const char *key, bool required);
/* The body's location in Azure's spelling, of those that the type is offered in, or NULL and a 400.
 */
const char *arm_location(struct arm_call *call);
/* Whether the name is free in the whole cloud; false when the reply is an error already. */
bool arm_name_is_free(struct arm_call *call, const char *type, const char *name);
/* Replaces the tags of the entry with those of the body, when it has any. */
void arm_set_tags(struct arm_call *call, struct json_object *entry);
/* Takes out what is gone, at the beginning of each call. */
void arm_sweep(struct arm_call *call);
/* Marks the entry and all that is below it for removal at the moment. */
void arm_remove_at(struct arm_call *call, const char *key, int64_t moment);
bool arm_has_children(struct arm_call *call, const char *key);

/* arm_lro.c: long-running operations. Each sets the reply's headers; the caller sets status and
 * body. How long they take is arm_switches' lro_ms. */
enum arm_lro_headers {
    ARM_LRO_ASYNC = 1,    /* Azure-AsyncOperation */
    ARM_LRO_LOCATION = 2, /* Location */
    ARM_LRO_GROUP = 4,    /* Location with the form of resource groups, and Retry-After */
    ARM_LRO_STATUS = 8,   /* Location, but with the address of the status monitor */
};
/* The entry is being made or changed: sets its ready_ms, and its failure when one was ordered. */
void arm_lro_create(struct arm_call *call, struct json_object *entry, unsigned headers);
/* The entry of the path and all below it are being deleted. */
void arm_lro_remove(struct arm_call *call, unsigned headers);
/* Something else that the entry is subject of; the moment when it is over. */
int64_t arm_lro_act(struct arm_call *call, unsigned headers, int64_t documented_ms);
arm_handler arm_lro_status, arm_lro_result;
#endif
