/* SPDX-License-Identifier: MIT */
/* Look-ups in the state; see directory.h. */
#include "directory.h"

#include "text.h"
#include "tree.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { GUID_LENGTH = 36 };

static struct json_object *find_by(struct json_object *map, const char *key, const char *value)
{
    for (struct lh_entry *each = tree_first(map); each != NULL; each = each->next) {
        struct json_object *entry = tree_value(each);
        const char *present = tree_string(entry, key, NULL);
        if (present != NULL && strcasecmp(present, value) == 0) {
            return entry;
        }
    }
    return NULL;
}

struct json_object *directory_application(struct json_object *tree, const char *client_id)
{
    return find_by(tree_get(tree, "applications", NULL), "client_id", client_id);
}

enum directory_secret directory_check_secret(struct json_object *application, const char *secret,
                                             time_t now)
{
    enum directory_secret result = SECRET_WRONG;
    struct json_object *secrets = tree_get(application, "secrets", NULL);
    for (struct lh_entry *each = tree_first(secrets); each != NULL; each = each->next) {
        struct json_object *entry = tree_value(each);
        if (!text_secret_equal(tree_string(entry, "value", ""), secret)) {
            continue;
        }
        if (now < tree_int(entry, "end", INT64_MAX) && now >= tree_int(entry, "start", 0)) {
            return SECRET_VALID;
        }
        result = SECRET_EXPIRED;
    }
    return result;
}

struct json_object *directory_identity(struct json_object *tree, enum directory_selector selector,
                                       const char *value)
{
    static const char *const keys[] = {
        [SELECT_CLIENT_ID] = "client_id",
        [SELECT_OBJECT_ID] = "object_id",
        [SELECT_RESOURCE_ID] = "resource_id",
    };
    struct json_object *identities = tree_get(tree, "identities", NULL);
    struct json_object *found = NULL;
    if (selector != SELECT_SYSTEM) {
        found = find_by(identities, keys[selector], value);
    } else {
        for (struct lh_entry *each = tree_first(identities); each != NULL; each = each->next) {
            struct json_object *entry = tree_value(each);
            if (tree_bool(entry, "system", false)) {
                found = entry;
            }
        }
    }
    return found != NULL && tree_bool(found, "assigned", false) ? found : NULL;
}

bool directory_same_resource(const char *a, const char *b)
{
    size_t a_length = strlen(a);
    size_t b_length = strlen(b);
    a_length -= a_length > 0 && a[a_length - 1] == '/';
    b_length -= b_length > 0 && b[b_length - 1] == '/';
    return a_length == b_length && strncasecmp(a, b, a_length) == 0;
}

const char *directory_resource(struct json_object *tree, const char *audience)
{
    struct json_object *resources = tree_get(tree, "resources", NULL);
    for (struct lh_entry *each = tree_first(resources); each != NULL; each = each->next) {
        const char *name = tree_key(each);
        struct json_object *enabled = tree_value(each);
        if (directory_same_resource(name, audience) && json_object_get_boolean(enabled)) {
            return name;
        }
    }
    return NULL;
}

static bool is_one_of(const char *role, const char *const *list)
{
    for (; role != NULL && *list != NULL; list++) {
        if (strcasecmp(role, *list) == 0) {
            return true;
        }
    }
    return false;
}

bool directory_may_send(struct json_object *tree, const char *object_id)
{
    static const char *const roles[] = {"Communication and Email Service Owner", "Contributor",
                                        "Owner", NULL};
    return is_one_of(tree_string(tree_get(tree, "communication_roles", NULL), object_id, NULL),
                     roles);
}

bool directory_role_reads(const char *role)
{
    static const char *const roles[] = {"Key Vault Secrets User", "Key Vault Secrets Officer",
                                        "Key Vault Administrator", NULL};
    return is_one_of(role, roles);
}

bool directory_role_lists(const char *role)
{
    return directory_role_reads(role) ||
           (role != NULL && strcasecmp(role, "Key Vault Reader") == 0);
}

bool directory_role_writes(const char *role)
{
    static const char *const roles[] = {"Key Vault Secrets Officer", "Key Vault Administrator",
                                        NULL};
    return is_one_of(role, roles);
}

/* <resource>.<application id>.<tenant id>, or the same with '|' */
static const char *old_form_client(struct json_object *tree, const char *username)
{
    const char *service = tree_string(tree, "communication_service", "");
    size_t prefix = strlen(service);
    if (strlen(username) != prefix + 2UL * (GUID_LENGTH + 1) ||
        strncasecmp(username, service, prefix) != 0) {
        return NULL;
    }
    char separator = username[prefix];
    const char *client = username + prefix + 1;
    if ((separator != '.' && separator != '|') || client[GUID_LENGTH] != separator ||
        strcasecmp(client + GUID_LENGTH + 1, tree_string(tree, "tenant_id", "")) != 0) {
        return NULL;
    }
    char id[GUID_LENGTH + 1];
    snprintf(id, sizeof(id), "%.*s", GUID_LENGTH, client);
    return tree_string(directory_application(tree, id), "client_id", NULL);
}

const char *directory_username_client(struct json_object *tree, const char *username)
{
    struct json_object *entry = tree_find_nocase(tree_get(tree, "smtp_usernames", NULL), username);
    if (entry != NULL) {
        return tree_bool(entry, "ready", false) ? tree_string(entry, "client_id", NULL) : NULL;
    }
    return old_form_client(tree, username);
}

bool directory_is_sender(struct json_object *tree, const char *address)
{
    struct json_object *entry = tree_find_nocase(tree_get(tree, "senders", NULL), address);
    return entry != NULL && json_object_get_boolean(entry);
}

bool directory_is_linked_domain(struct json_object *tree, const char *address)
{
    const char *at = strrchr(address, '@');
    return at != NULL && strcasecmp(at + 1, tree_string(tree, "email_domain", "")) == 0;
}
