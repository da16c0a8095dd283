/* SPDX-License-Identifier: MIT */
/* What the files of the Microsoft Graph service share. A request that writes runs as a transaction
 * of the state: its handler changes `tree` in place and sets `changed`. */
#ifndef EMULATOR_GRAPH_H
#define EMULATOR_GRAPH_H

#include "emulator.h"
#include "odata.h"

#include <stdbool.h>

/* /v1.0/{collection}[({key}='{value}')|/{value}][/{action}] */
struct graph_target {
    char collection[ODATA_NAME_SIZE];
    char key[ODATA_NAME_SIZE]; /* "" for the collection itself */
    char value[ODATA_LITERAL_SIZE];
    char action[ODATA_NAME_SIZE]; /* "" for the entity itself */
};

struct graph_call {
    struct emulator *emulator;
    const struct http_request *request;
    struct http_reply *reply;
    struct json_object *tree; /* a snapshot, or the copy that a transaction changes */
    struct json_object *claims;
    struct json_object *body; /* of a POST or PATCH; an object */
    struct graph_target target;
    bool changed;
    char request_id[TEXT_UUID_SIZE];
    char client_request_id[TEXT_UUID_SIZE];
};

typedef void graph_handler(struct graph_call *call);

graph_handler graph_list_applications;
graph_handler graph_list_principals;
graph_handler graph_list_deleted;
graph_handler graph_get_application;
graph_handler graph_create_application;
graph_handler graph_update_application;
graph_handler graph_delete_application;
graph_handler graph_get_principal;
graph_handler graph_create_principal;
graph_handler graph_update_principal;
graph_handler graph_delete_principal;
graph_handler graph_add_password;
graph_handler graph_remove_password;
graph_handler graph_get_deleted;
graph_handler graph_purge_deleted;
graph_handler graph_restore_deleted;

/* graph_error.c: error bodies and headers of Graph */
void graph_error(struct graph_call *call, unsigned status, const char *code, const char *message);
/* The same with one entry of `details`, whose message is the same. */
void graph_error_detail(struct graph_call *call, unsigned status, const char *code,
                        const char *message, const char *detail, const char *target);
/* 404, as Graph words it for an entity that is not there */
void graph_error_missing(struct graph_call *call, const char *id);
/* request-id and its like, which every reply carries */
void graph_headers(struct graph_call *call);

/* graph_access.c: false when the reply is a refusal already */
bool graph_authenticate(struct graph_call *call);
bool graph_may_read(struct graph_call *call);
/* Creating wants any permission to write; application is NULL then. Else the caller must own the
 * application or hold Application.ReadWrite.All. */
bool graph_may_write(struct graph_call *call, struct json_object *application);

/* graph_entity.c: what Graph shows of a member of the state; the caller puts it. */
struct json_object *graph_application_entity(struct json_object *application);
struct json_object *graph_principal_entity(struct json_object *tree, struct json_object *member);
/* As the whole answer: with @odata.context, and only what $select names. */
void graph_reply_entity(struct graph_call *call, unsigned status, const char *set,
                        struct json_object *entity);
void graph_select(struct graph_call *call, struct json_object *entity);

/* graph_body.c: the members of the body that `allowed`, a list up to a NULL name, knows go into
 * `member` of the state. False when the reply is a 400 already. */
struct graph_member {
    const char *name; /* in Graph */
    const char *key;  /* in the state; NULL for what the caller looks at itself, and for arrays that
                       * must be empty */
    enum json_type type;
    const char *values; /* "|a|b|" when only these strings will do */
};
bool graph_store_body(struct graph_call *call, const struct graph_member *allowed,
                      struct json_object *member);

/* The member that the target names, borrowed; NULL when the reply is a refusal already. */
struct json_object *graph_find_application(struct graph_call *call);
struct json_object *graph_find_principal(struct graph_call *call);

/* graph_page.c: one page of a list. Entities are offered in order, whatever $filter says. */
struct graph_page {
    struct graph_call *call;
    struct odata_filter filter;
    const char *properties; /* "|a|b|": those that $filter may name */
    struct json_object *items;
    char after[TEXT_UUID_SIZE]; /* id of the last entity of the page before, "" for the first */
    char last[TEXT_UUID_SIZE];
    size_t size;
    bool more;
};
/* False when the reply is a refusal of the query already. */
bool graph_page_begin(struct graph_page *page, struct graph_call *call, const char *properties);
/* Takes the entity over. */
void graph_page_offer(struct graph_page *page, struct json_object *entity);
void graph_page_end(struct graph_page *page, const char *set);

/* graph_deleted.c: the application with all its secrets, or its service principal alone, becomes a
 * deleted item. */
void graph_bury_application(struct graph_call *call, struct json_object *application);
void graph_bury_principal(struct graph_call *call, struct json_object *application);

int64_t graph_switch(struct graph_call *call, const char *name, int64_t otherwise);
#endif
