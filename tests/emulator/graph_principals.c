/* SPDX-License-Identifier: MIT */
/* Service principals: an application's presence in the tenant, the one thing that signs in and
 * that roles are assigned to. Those of managed identities are shown, but not made or changed. */
#include "graph.h"
#include "principals.h"
#include "scaled_clock.h"
#include "tree.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

struct json_object *graph_find_principal(struct graph_call *call)
{
    const struct graph_target *target = &call->target;
    const char *key = strcasecmp(target->key, "appId") == 0 ? "client_id"
                      : strcasecmp(target->key, "id") == 0  ? "object_id"
                                                            : NULL;
    if (key == NULL) {
        graph_error(call, 400, "BadRequest", "The key in the request URI is not valid.");
        return NULL;
    }
    struct json_object *found = principals_application(call->tree, key, target->value);
    if (found == NULL) {
        found = principals_identity(call->tree, key, target->value);
    }
    if (tree_string(found, "object_id", NULL) == NULL ||
        !principals_is_due(tree_get(found, "principal", NULL), "visible_ms")) {
        graph_error_missing(call, target->value);
        return NULL;
    }
    return found;
}

static void offer_all(struct graph_page *page, const char *map)
{
    struct json_object *tree = page->call->tree;
    for (struct lh_entry *each = tree_first(tree_get(tree, map, NULL)); each != NULL;
         each = each->next) {
        struct json_object *member = tree_value(each);
        if (tree_string(member, "object_id", NULL) != NULL &&
            principals_is_due(tree_get(member, "principal", NULL), "visible_ms")) {
            graph_page_offer(page, graph_principal_entity(tree, member));
        }
    }
}

void graph_list_principals(struct graph_call *call)
{
    struct graph_page page;
    if (graph_page_begin(&page, call,
                         "|id|appId|displayName|servicePrincipalType|servicePrincipalNames|"
                         "alternativeNames|tags|")) {
        offer_all(&page, "applications");
        offer_all(&page, "identities");
        graph_page_end(&page, "servicePrincipals");
    }
}

void graph_get_principal(struct graph_call *call)
{
    struct json_object *member = graph_find_principal(call);
    if (member != NULL) {
        graph_reply_entity(call, 200, "servicePrincipals",
                           graph_principal_entity(call->tree, member));
    }
}

/* The replica that makes service principals has not heard of the application. Which of the four
 * answers comes depends on where it looks first. */
static void refuse_unknown(struct graph_call *call, const char *app_id)
{
    char message[256];
    const char *kind = tree_string(tree_get(call->tree, "graph_switches", NULL),
                                   "replication_error", "no-backing-object");
    if (strcmp(kind, "not-local") == 0) {
        graph_error(call, 403, "Authorization_RequestDenied",
                    "When using this permission, the backing application of the service principal "
                    "being created must in the local tenant");
    } else if (strcmp(kind, "resource-not-found") == 0) {
        graph_error_missing(call, app_id);
    } else if (strcmp(kind, "directory-object-not-found") == 0) {
        graph_error(call, 404, "Directory_ObjectNotFound",
                    "Unable to read the company information from the directory.");
    } else {
        snprintf(message, sizeof(message),
                 "The appId '%.64s' of the service principal does not reference a valid "
                 "application object.",
                 app_id);
        graph_error_detail(call, 400, "Request_BadRequest", message, "NoBackingApplicationObject",
                           "appId");
    }
}

static void refuse_second(struct graph_call *call, const char *app_id)
{
    char message[256];
    snprintf(message, sizeof(message),
             "The service principal cannot be created, updated, or restored because the service "
             "principal name %.64s is already in use.",
             app_id);
    /* UNVERIFIED whether the status is always 409; the code is seen with it. */
    graph_error(call, 409, "Request_MultipleObjectsWithSameKeyValue", message);
}

static struct json_object *principal_of(struct json_object *application)
{
    struct json_object *principal = tree_get(application, "principal", NULL);
    return principal != NULL ? principal : tree_set_object(application, "principal");
}

/* accountEnabled is the application's `enabled`, which the token endpoint looks at. */
static bool store_body(struct graph_call *call, struct json_object *application)
{
    static const struct graph_member members[] = {
        {"appId", NULL, json_type_string, NULL},
        {"accountEnabled", NULL, json_type_boolean, NULL},
        {"displayName", NULL, json_type_string, NULL},
        {"notes", "notes", json_type_string, NULL},
        {"tags", "tags", json_type_array, NULL},
        {NULL, NULL, json_type_null, NULL},
    };
    if (!graph_store_body(call, members, principal_of(application))) {
        return false;
    }
    tree_set_bool(application, "enabled",
                  tree_bool(call->body, "accountEnabled", tree_bool(application, "enabled", true)));
    return true;
}

static void appear(struct graph_call *call, struct json_object *application)
{
    char uuid[TEXT_UUID_SIZE];
    struct json_object *principal = principal_of(application);
    int64_t known = graph_switch(call, "principal_replication_ms", 0);
    int64_t visible = graph_switch(call, "read_replication_ms", 0);
    text_uuid(uuid);
    tree_set_string(application, "object_id", uuid);
    tree_set_int(principal, "created", time(NULL));
    if (known > 0) {
        tree_set_int(application, "principal_ready_ms", scaled_clock_after(call->tree, known));
    }
    if (visible > 0) {
        tree_set_int(principal, "visible_ms", scaled_clock_after(call->tree, visible));
    }
}

void graph_create_principal(struct graph_call *call)
{
    const char *app_id = tree_string(call->body, "appId", NULL);
    if (app_id == NULL) {
        /* UNVERIFIED words */
        graph_error(call, 400, "Request_BadRequest",
                    "A value is required for property 'appId' of resource 'ServicePrincipal'.");
        return;
    }
    struct json_object *application = principals_application(call->tree, "client_id", app_id);
    if (application == NULL || !principals_is_due(application, "ready_ms")) {
        if (graph_may_write(call, NULL)) {
            refuse_unknown(call, app_id);
        }
    } else if (graph_may_write(call, application)) {
        if (tree_string(application, "object_id", NULL) != NULL) {
            refuse_second(call, app_id);
        } else if (store_body(call, application)) {
            appear(call, application);
            graph_reply_entity(call, 201, "servicePrincipals",
                               graph_principal_entity(call->tree, application));
            call->changed = true;
        }
    }
}

void graph_update_principal(struct graph_call *call)
{
    struct json_object *application = graph_find_principal(call);
    if (application != NULL && graph_may_write(call, application) &&
        store_body(call, application)) {
        call->reply->status = 204;
        call->changed = true;
    }
}

/* A managed identity has no owners: it goes with its resource only. */
void graph_delete_principal(struct graph_call *call)
{
    struct json_object *member = graph_find_principal(call);
    if (member != NULL && tree_string(member, "resource_id", NULL) != NULL) {
        graph_error(call, 403, "Authorization_RequestDenied",
                    "Insufficient privileges to complete the operation.");
    } else if (member != NULL && graph_may_write(call, member)) {
        graph_bury_principal(call, member);
        call->reply->status = 204;
        call->changed = true;
    }
}
