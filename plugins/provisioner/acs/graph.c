/* SPDX-License-Identifier: MIT */
/* Microsoft Graph v1.0; see graph.h. */
#include "graph.h"

#include <stdio.h>
#include <string.h>

int graph_get(struct deployment *deployment, struct acsmtp_context *context, const char *target,
              struct acsmtp_json **json, struct acsmtp_error *err)
{
    return client_get(deployment->client, context, CLIENT_GRAPH, target, json, err);
}

/* Names here are made of letters, digits and '-' (parameters.h): nothing in them needs quoting. */
int graph_list_named(struct deployment *deployment, struct acsmtp_context *context,
                     const char *collection, const char *name, struct acsmtp_json **items,
                     struct acsmtp_error *err)
{
    char target[512];

    (void)snprintf(target, sizeof target, "%s?$filter=displayName%%20eq%%20'%s'", collection, name);
    return client_list(deployment->client, context, CLIENT_GRAPH, target, items, err);
}

int graph_change(struct resource *resource, struct acsmtp_context *context,
                 struct schedule_step *step, const struct graph_change *change,
                 struct acsmtp_json **json, struct acsmtp_error *err)
{
    const struct parameters *parameters = resource->deployment->parameters;
    ACSMTP_AUTO_JSON struct acsmtp_json *unwanted = NULL;
    const struct client_change call = {
        .request = {.service = CLIENT_GRAPH,
                    .method = change->method,
                    .target = change->target,
                    .body = change->body,
                    .header = change->header},
        .wait_ms = parameters->wait_ms,
        .poll_ms = parameters->poll_ms,
    };

    (void)step;
    return client_change(resource->deployment->client, context, &call, json ? json : &unwanted,
                         err);
}

int graph_delete(struct resource *resource, struct acsmtp_context *context,
                 struct schedule_step *step, const char *collection, const char *id, int purge,
                 struct acsmtp_error *err)
{
    char target[256];
    const struct graph_change removal = {"DELETE", target, NULL, NULL};
    int status = ACSMTP_OK;

    if (collection) {
        (void)snprintf(target, sizeof target, "%s/%s", collection, id);
        status = graph_change(resource, context, step, &removal, NULL, err);
    }
    if (status != ACSMTP_OK || !purge)
        return status;
    (void)snprintf(target, sizeof target, "/v1.0/directory/deletedItems/%s", id);
    return graph_change(resource, context, step, &removal, NULL, err);
}

/* 403: "must be in the local tenant", which has no code of its own. */
int graph_is_replicating(const struct acsmtp_error *err)
{
    return client_failed_with(err, "NoBackingApplicationObject") ||
           client_failed_with(err, "Request_ResourceNotFound") ||
           client_failed_with(err, "Directory_ObjectNotFound") ||
           (err->server_code == 403 && strstr(err->server_text, "local tenant"));
}
