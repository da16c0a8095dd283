/* SPDX-License-Identifier: MIT */
/* Deleted items: applications and service principals lie here for thirty days, to be restored or
 * purged. */
#include "graph.h"
#include "principals.h"
#include "scaled_clock.h"
#include "tree.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define THIRTY_DAYS_MS (30LL * 24 * 3600 * 1000)
#define TYPE_PREFIX "microsoft.graph."

struct kind {
    const char *map;  /* in the state */
    const char *id;   /* member of the state that is its id */
    const char *type; /* in Graph, without the prefix */
    const char *set;
};

static const struct kind APPLICATIONS = {"deleted_applications", "application_id", "application",
                                         "applications"};
static const struct kind PRINCIPALS = {"deleted_principals", "object_id", "servicePrincipal",
                                       "servicePrincipals"};

static void bury(struct graph_call *call, const struct kind *kind, struct json_object *item)
{
    tree_set_int(item, "deleted", time(NULL));
    tree_set_int(item, "purge_ms", scaled_clock_after(call->tree, THIRTY_DAYS_MS));
    json_object_object_add(tree_get(call->tree, kind->map, NULL), tree_string(item, kind->id, ""),
                           item);
}

static void forget_principal(struct json_object *application)
{
    json_object_object_del(application, "object_id");
    json_object_object_del(application, "principal");
    json_object_object_del(application, "principal_ready_ms");
}

void graph_bury_principal(struct graph_call *call, struct json_object *application)
{
    static const char *const kept[] = {"client_id", "object_id", "enabled", "display_name",
                                       "owners",    "principal", NULL};
    struct json_object *item = json_object_new_object();
    for (size_t i = 0; kept[i] != NULL; i++) {
        struct json_object *value = tree_get(application, kept[i], NULL);
        if (value != NULL) {
            json_object_object_add(item, kept[i], tree_dup(value));
        }
    }
    forget_principal(application);
    bury(call, &PRINCIPALS, item);
}

/* The name under which the state knows the application; borrowed. */
static const char *name_of(struct graph_call *call, struct json_object *application)
{
    struct json_object *applications = tree_get(call->tree, "applications", NULL);
    for (struct lh_entry *each = tree_first(applications); each != NULL; each = each->next) {
        struct json_object *member = tree_value(each);
        if (member == application) {
            return tree_key(each);
        }
    }
    return "";
}

/* UNVERIFIED whether the service principal goes with its application at once. Where it does not, a
 * member without application_id stays behind, as for an application of another tenant. */
void graph_bury_application(struct graph_call *call, struct json_object *application)
{
    struct json_object *switches = tree_get(call->tree, "graph_switches", NULL);
    bool both = tree_bool(switches, "principal_goes_too", true);
    bool present = tree_string(application, "object_id", NULL) != NULL;
    if (present && both) {
        graph_bury_principal(call, application);
    }
    struct json_object *item = tree_dup(application);
    const char *name = name_of(call, application);
    tree_set_string(item, "name", name);
    forget_principal(item);
    if (present && !both) {
        json_object_object_del(application, "application_id");
        json_object_object_del(application, "unique_name");
        tree_set_object(application, "secrets");
    } else {
        json_object_object_del(tree_get(call->tree, "applications", NULL), name);
    }
    bury(call, &APPLICATIONS, item);
}

static struct json_object *show(struct graph_call *call, const struct kind *kind,
                                struct json_object *item)
{
    char type[ODATA_NAME_SIZE];
    struct json_object *entity = kind == &APPLICATIONS ? graph_application_entity(item)
                                                       : graph_principal_entity(call->tree, item);
    snprintf(type, sizeof(type), "#" TYPE_PREFIX "%s", kind->type);
    tree_set_string(entity, "@odata.type", type);
    return entity;
}

/* The item that the target names; NULL when the reply is a 404 already. */
static struct json_object *find(struct graph_call *call, const struct kind **kind)
{
    const struct kind *const kinds[] = {&APPLICATIONS, &PRINCIPALS};
    for (size_t i = 0; i < 2; i++) {
        struct json_object *map = tree_get(call->tree, kinds[i]->map, NULL);
        struct json_object *item = tree_find_nocase(map, call->target.value);
        if (item != NULL && !(tree_int(item, "purge_ms", INT64_MAX) <= scaled_clock_now())) {
            *kind = kinds[i];
            return item;
        }
    }
    graph_error_missing(call, call->target.value);
    return NULL;
}

static void list(struct graph_call *call, const struct kind *kind)
{
    struct graph_page page;
    if (!graph_page_begin(&page, call, "|id|appId|displayName|uniqueName|tags|")) {
        return;
    }
    for (struct lh_entry *each = tree_first(tree_get(call->tree, kind->map, NULL)); each != NULL;
         each = each->next) {
        struct json_object *item = tree_value(each);
        if (tree_int(item, "purge_ms", INT64_MAX) > scaled_clock_now()) {
            graph_page_offer(&page, show(call, kind, item));
        }
    }
    graph_page_end(&page, kind->set);
}

void graph_get_deleted(struct graph_call *call)
{
    const struct kind *kind = NULL;
    const char *value = call->target.value;
    size_t prefix = strlen(TYPE_PREFIX);
    if (strncasecmp(value, TYPE_PREFIX, prefix) != 0) {
        struct json_object *item = find(call, &kind);
        if (item != NULL) {
            graph_reply_entity(call, 200, "directoryObjects", show(call, kind, item));
        }
    } else if (strcasecmp(value + prefix, APPLICATIONS.type) == 0) {
        list(call, &APPLICATIONS);
    } else if (strcasecmp(value + prefix, PRINCIPALS.type) == 0) {
        list(call, &PRINCIPALS);
    } else {
        graph_error(call, 400, "BadRequest", "The type is not one of those emulated.");
    }
}

/* Frees the item. */
static void forget(struct graph_call *call, const struct kind *kind, struct json_object *item)
{
    char key[ODATA_LITERAL_SIZE];
    snprintf(key, sizeof(key), "%s", tree_string(item, kind->id, ""));
    json_object_object_del(tree_get(call->tree, kind->map, NULL), key);
    call->changed = true;
}

void graph_purge_deleted(struct graph_call *call)
{
    const struct kind *kind = NULL;
    struct json_object *item = find(call, &kind);
    if (item != NULL && graph_may_write(call, item)) {
        forget(call, kind, item);
        call->reply->status = 204;
    }
}

static bool restore_application(struct graph_call *call, struct json_object *item)
{
    struct json_object *applications = tree_get(call->tree, "applications", NULL);
    struct json_object *copy = tree_dup(item);
    const char *name = tree_string(item, "name", "");
    if (json_object_object_get_ex(applications, name, NULL)) {
        name = tree_string(item, "application_id", "");
    }
    json_object_object_del(copy, "name");
    json_object_object_del(copy, "deleted");
    json_object_object_del(copy, "purge_ms");
    json_object_object_add(applications, name, copy);
    return true;
}

/* It comes back only by a request of its own, and only when its application is there. */
static bool restore_principal(struct graph_call *call, struct json_object *item)
{
    struct json_object *application =
        principals_application(call->tree, "client_id", tree_string(item, "client_id", ""));
    if (application == NULL || tree_string(application, "object_id", NULL) != NULL) {
        /* UNVERIFIED code and words */
        graph_error(call, 400, "Request_BadRequest",
                    "The service principal cannot be restored: its application is deleted, or has "
                    "another service principal.");
        return false;
    }
    tree_set_string(application, "object_id", tree_string(item, "object_id", ""));
    struct json_object *principal = tree_get(item, "principal", NULL);
    if (principal != NULL) {
        json_object_object_add(application, "principal", tree_dup(principal));
    }
    return true;
}

void graph_restore_deleted(struct graph_call *call)
{
    const struct kind *kind = NULL;
    struct json_object *item = find(call, &kind);
    if (item == NULL || !graph_may_write(call, item)) {
        return;
    }
    bool good =
        kind == &APPLICATIONS ? restore_application(call, item) : restore_principal(call, item);
    if (good) {
        struct json_object *entity = show(call, kind, item);
        json_object_object_add(entity, "deletedDateTime", NULL);
        graph_reply_entity(call, 200, "directoryObjects", entity);
        forget(call, kind, item);
    }
}
