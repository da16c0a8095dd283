/* SPDX-License-Identifier: MIT */
/* Applications: create, find, upsert by unique name, change, delete. A new one is known here at
 * once; the token endpoint and the creation of its service principal see it after a while. */
#include "graph.h"
#include "principals.h"
#include "scaled_clock.h"
#include "tree.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum { NAME_MAXIMUM = 256 };

#define AUDIENCES                                                                                  \
    "|AzureADMyOrg|AzureADMultipleOrgs|AzureADandPersonalMicrosoftAccount|"                        \
    "PersonalMicrosoftAccount|"

static const struct graph_member MEMBERS[] = {
    {"displayName", "display_name", json_type_string, NULL},
    {"signInAudience", "sign_in_audience", json_type_string, AUDIENCES},
    {"description", "description", json_type_string, NULL},
    {"notes", "notes", json_type_string, NULL},
    {"tags", "tags", json_type_array, NULL},
    {"keyCredentials", NULL, json_type_array, NULL},
    {"requiredResourceAccess", NULL, json_type_array, NULL},
    {"identifierUris", NULL, json_type_array, NULL},
    {NULL, NULL, json_type_null, NULL},
};

static bool is_guid(const char *text)
{
    return strlen(text) == TEXT_UUID_SIZE - 1 &&
           strspn(text, "0123456789abcdefABCDEF-") == TEXT_UUID_SIZE - 1;
}

/* The state's name for the key of the target; NULL when the reply is a 400 already. */
static const char *state_key(struct graph_call *call)
{
    char message[512];
    const struct graph_target *target = &call->target;
    if (strcasecmp(target->key, "appId") == 0) {
        return "client_id";
    }
    if (strcasecmp(target->key, "uniqueName") == 0) {
        return "unique_name";
    }
    if (strcasecmp(target->key, "id") == 0 && is_guid(target->value)) {
        return "application_id";
    }
    /* UNVERIFIED words */
    snprintf(message, sizeof(message), "Invalid object identifier '%.200s'.", target->value);
    graph_error(call, 400, "Request_BadRequest", message);
    return NULL;
}

struct json_object *graph_find_application(struct graph_call *call)
{
    const char *key = state_key(call);
    if (key == NULL) {
        return NULL;
    }
    struct json_object *found = principals_application(call->tree, key, call->target.value);
    if (tree_string(found, "application_id", NULL) == NULL ||
        !principals_is_due(found, "visible_ms")) {
        graph_error_missing(call, call->target.value);
        return NULL;
    }
    return found;
}

void graph_list_applications(struct graph_call *call)
{
    struct graph_page page;
    if (!graph_page_begin(&page, call, "|id|appId|displayName|uniqueName|signInAudience|tags|")) {
        return;
    }
    struct json_object *applications = tree_get(call->tree, "applications", NULL);
    for (struct lh_entry *each = tree_first(applications); each != NULL; each = each->next) {
        struct json_object *application = tree_value(each);
        if (tree_string(application, "application_id", NULL) != NULL &&
            principals_is_due(application, "visible_ms")) {
            graph_page_offer(&page, graph_application_entity(application));
        }
    }
    graph_page_end(&page, "applications");
}

void graph_get_application(struct graph_call *call)
{
    struct json_object *application = graph_find_application(call);
    if (application != NULL) {
        graph_reply_entity(call, 200, "applications", graph_application_entity(application));
    }
}

static void set_uuid(struct json_object *node, const char *key)
{
    char uuid[TEXT_UUID_SIZE];
    text_uuid(uuid);
    tree_set_string(node, key, uuid);
}

/* A delay that nobody asked for leaves no trace. */
static void set_delay(struct graph_call *call, struct json_object *node, const char *key,
                      const char *name)
{
    int64_t delay = graph_switch(call, name, 0);
    if (delay > 0) {
        tree_set_int(node, key, scaled_clock_after(call->tree, delay));
    }
}

static struct json_object *new_application(struct graph_call *call)
{
    struct json_object *application = json_object_new_object();
    set_uuid(application, "application_id");
    set_uuid(application, "client_id");
    tree_set_bool(application, "enabled", true);
    /* What the service takes when nothing is said, so that a client had better say it. */
    tree_set_string(application, "sign_in_audience", "AzureADandPersonalMicrosoftAccount");
    tree_set_object(application, "secrets");
    tree_set_strings(application, "owners", tree_string(call->claims, "oid", ""), NULL);
    tree_set_int(application, "created", time(NULL));
    set_delay(call, application, "ready_ms", "replication_ms");
    set_delay(call, application, "visible_ms", "read_replication_ms");
    return application;
}

/* UNVERIFIED words of both refusals */
static bool has_name(struct graph_call *call, struct json_object *application)
{
    size_t length = strlen(tree_string(application, "display_name", ""));
    if (length == 0) {
        graph_error(call, 400, "Request_BadRequest",
                    "A value is required for property 'displayName' of resource 'Application'.");
    } else if (length > NAME_MAXIMUM) {
        graph_error(call, 400, "Request_BadRequest",
                    "Invalid value specified for property 'displayName'.");
    }
    return length > 0 && length <= NAME_MAXIMUM;
}

static void create(struct graph_call *call, const char *unique_name)
{
    struct json_object *application = new_application(call);
    if (unique_name != NULL) {
        tree_set_string(application, "unique_name", unique_name);
    }
    if (!graph_may_write(call, NULL) || !graph_store_body(call, MEMBERS, application) ||
        !has_name(call, application)) {
        json_object_put(application);
        return;
    }
    graph_reply_entity(call, 201, "applications", graph_application_entity(application));
    json_object_object_add(tree_get(call->tree, "applications", NULL),
                           tree_string(application, "application_id", ""), application);
    call->changed = true;
}

void graph_create_application(struct graph_call *call)
{
    create(call, NULL);
}

/* Only the alternate key can make what is missing, and only when asked to. */
static bool is_upsert(struct graph_call *call)
{
    const char *prefer = http_header(call->request, "Prefer");
    return strcasecmp(call->target.key, "uniqueName") == 0 && prefer != NULL &&
           strcasestr(prefer, "create-if-missing") != NULL &&
           principals_application(call->tree, "unique_name", call->target.value) == NULL;
}

/* UNVERIFIED: whether a deleted application keeps its unique name, and how the clash is told. */
static bool name_is_free(struct graph_call *call)
{
    struct json_object *switches = tree_get(call->tree, "graph_switches", NULL);
    struct json_object *deleted = tree_get(call->tree, "deleted_applications", NULL);
    if (!tree_bool(switches, "deleted_keeps_unique_name", true) ||
        principals_find(deleted, "unique_name", call->target.value) == NULL) {
        return true;
    }
    graph_error_detail(call, 400, "Request_BadRequest",
                       "Another object with the same value for property uniqueName already exists.",
                       "ObjectConflict", "uniqueName");
    return false;
}

void graph_update_application(struct graph_call *call)
{
    if (is_upsert(call)) {
        if (name_is_free(call)) {
            create(call, call->target.value);
        }
        return;
    }
    struct json_object *application = graph_find_application(call);
    if (application != NULL && graph_may_write(call, application) &&
        graph_store_body(call, MEMBERS, application) && has_name(call, application)) {
        call->reply->status = 204;
        call->changed = true;
    }
}

void graph_delete_application(struct graph_call *call)
{
    struct json_object *application = graph_find_application(call);
    if (application != NULL && graph_may_write(call, application)) {
        graph_bury_application(call, application);
        call->reply->status = 204;
        call->changed = true;
    }
}
