/* SPDX-License-Identifier: MIT */
/* What Graph shows of applications and service principals. Secrets are shown by their first three
 * characters only. */
#include "graph.h"
#include "rfc3339.h"
#include "tree.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Graph shows what has no value as null. */
static void copy(struct json_object *target, const char *name, struct json_object *source,
                 const char *key)
{
    json_object_object_add(target, name, tree_dup(tree_get(source, key, NULL)));
}

static void copy_array(struct json_object *target, const char *name, struct json_object *source,
                       const char *key)
{
    struct json_object *array = tree_get(source, key, NULL);
    if (array == NULL) {
        tree_set_array(target, name);
    } else {
        json_object_object_add(target, name, tree_dup(array));
    }
}

static void copy_time(struct json_object *target, const char *name, struct json_object *source,
                      const char *key)
{
    char moment[TEXT_TIME_SIZE];
    int64_t seconds = tree_int(source, key, -1);
    if (seconds < 0) {
        json_object_object_add(target, name, NULL);
    } else {
        rfc3339_format(seconds, moment);
        tree_set_string(target, name, moment);
    }
}

static void add_password(struct json_object *array, const char *id, struct json_object *secret)
{
    char hint[4];
    struct json_object *json = json_object_new_object();
    json_object_object_add(json, "customKeyIdentifier", NULL);
    copy(json, "displayName", secret, "display_name");
    copy_time(json, "endDateTime", secret, "end");
    snprintf(hint, sizeof(hint), "%.3s", tree_string(secret, "value", ""));
    tree_set_string(json, "hint", hint);
    tree_set_string(json, "keyId", id);
    json_object_object_add(json, "secretText", NULL);
    copy_time(json, "startDateTime", secret, "start");
    json_object_array_add(array, json);
}

struct json_object *graph_application_entity(struct json_object *application)
{
    struct json_object *json = json_object_new_object();
    copy(json, "id", application, "application_id");
    copy_time(json, "deletedDateTime", application, "deleted");
    copy(json, "appId", application, "client_id");
    copy_time(json, "createdDateTime", application, "created");
    copy(json, "displayName", application, "display_name");
    copy(json, "description", application, "description");
    copy(json, "notes", application, "notes");
    copy(json, "uniqueName", application, "unique_name");
    tree_set_string(json, "signInAudience",
                    tree_string(application, "sign_in_audience", "AzureADMyOrg"));
    tree_set_array(json, "identifierUris");
    copy_array(json, "tags", application, "tags");
    tree_set_array(json, "keyCredentials");
    tree_set_array(json, "requiredResourceAccess");
    struct json_object *passwords = tree_set_array(json, "passwordCredentials");
    struct json_object *secrets = tree_get(application, "secrets", NULL);
    for (struct lh_entry *each = tree_first(secrets); each != NULL; each = each->next) {
        const char *id = tree_key(each);
        struct json_object *secret = tree_value(each);
        add_password(passwords, id, secret);
    }
    return json;
}

/* member is an application, a deleted service principal or a managed identity. */
struct json_object *graph_principal_entity(struct json_object *tree, struct json_object *member)
{
    struct json_object *json = json_object_new_object();
    struct json_object *principal = tree_get(member, "principal", NULL);
    const char *resource = tree_string(member, "resource_id", NULL);
    const char *client = tree_string(member, "client_id", "");
    copy(json, "id", member, "object_id");
    copy_time(json, "deletedDateTime", member, "deleted");
    tree_set_bool(json, "accountEnabled", tree_bool(member, "enabled", true));
    copy(json, "appId", member, "client_id");
    copy_time(json, "createdDateTime", principal, "created");
    tree_set_string(json, "appOwnerOrganizationId", tree_string(tree, "tenant_id", ""));
    const char *name = tree_string(member, "display_name", "");
    if (resource == NULL) {
        tree_set_string(json, "displayName", name);
        tree_set_string(json, "appDisplayName", name);
        tree_set_string(json, "servicePrincipalType", "Application");
        tree_set_array(json, "alternativeNames");
    } else {
        const char *slash = strrchr(resource, '/');
        tree_set_string(json, "displayName", slash == NULL ? resource : slash + 1);
        tree_set_string(json, "servicePrincipalType", "ManagedIdentity");
        tree_set_strings(json, "alternativeNames",
                         tree_bool(member, "system", false) ? "isExplicit=False"
                                                            : "isExplicit=True",
                         resource, NULL);
    }
    copy(json, "notes", principal, "notes");
    copy_array(json, "tags", principal, "tags");
    tree_set_strings(json, "servicePrincipalNames", client, NULL);
    tree_set_array(json, "keyCredentials");
    tree_set_array(json, "passwordCredentials");
    return json;
}

/* Whether the comma-separated list names it. */
static bool lists(const char *list, const char *name)
{
    size_t length = strlen(name);
    while (*list != '\0') {
        list += strspn(list, " ,");
        size_t word = strcspn(list, " ,");
        if (word == length && strncasecmp(list, name, word) == 0) {
            return true;
        }
        list += word;
    }
    return false;
}

void graph_select(struct graph_call *call, struct json_object *entity)
{
    const char *list = http_query(call->request, "$select");
    struct lh_entry *each = list == NULL ? NULL : tree_first(entity);
    while (each != NULL) {
        struct lh_entry *next = each->next;
        const char *key = tree_key(each);
        if (key[0] != '@' && !lists(list, key)) {
            json_object_object_del(entity, key);
        }
        each = next;
    }
}

void graph_reply_entity(struct graph_call *call, unsigned status, const char *set,
                        struct json_object *entity)
{
    char context[384];
    struct json_object *json = json_object_new_object();
    snprintf(context, sizeof(context), "%s/v1.0/$metadata#%s/$entity", call->request->base, set);
    tree_set_string(json, "@odata.context", context);
    if (status == 201) {
        http_reply_header(call->reply, "Location", "%s/v2/%s/directoryObjects/%s",
                          call->request->base, tree_string(call->tree, "tenant_id", ""),
                          tree_string(entity, "id", ""));
    }
    graph_select(call, entity);
    for (struct lh_entry *each = tree_first(entity); each != NULL; each = each->next) {
        const char *key = tree_key(each);
        struct json_object *value = tree_value(each);
        json_object_object_add(json, key, tree_dup(value));
    }
    json_object_put(entity);
    http_reply_json(call->reply, status, json);
}
