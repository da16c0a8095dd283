/* SPDX-License-Identifier: MIT */
/* Calls to Microsoft Graph: applications, service principals, the directory's bin. */
#ifndef ACS_GRAPH_H
#define ACS_GRAPH_H

#include "deployment.h"

#include <acsmtp/json.h>

/* GET; *json NULL when there is none. */
int graph_get(struct deployment *deployment, struct acsmtp_context *context, const char *target,
              struct acsmtp_json **json, struct acsmtp_error *err) ACSMTP_CHECK;

/* All pages of `collection` ("/v1.0/applications") whose displayName is this one. */
int graph_list_named(struct deployment *deployment, struct acsmtp_context *context,
                     const char *collection, const char *name, struct acsmtp_json **items,
                     struct acsmtp_error *err) ACSMTP_CHECK;

/* POST, PATCH or DELETE. `json` may be NULL. */
struct graph_change {
    const char *method, *target;
    const struct acsmtp_json *body;
    const char *header;
};
int graph_change(struct resource *resource, struct acsmtp_context *context,
                 struct schedule_step *step, const struct graph_change *change,
                 struct acsmtp_json **json, struct acsmtp_error *err) ACSMTP_CHECK;

/* Delete an object and, with `purge`, take it out of the bin too. */
int graph_delete(struct resource *resource, struct acsmtp_context *context,
                 struct schedule_step *step, const char *collection, const char *id, int purge,
                 struct acsmtp_error *err) ACSMTP_CHECK;

/* Refusals of a directory that has not heard of a new object yet. */
int graph_is_replicating(const struct acsmtp_error *err);

#endif
