/* SPDX-License-Identifier: MIT */
/* SMTP's questions to the resources; see mail_access.h. */
#include "mail_access.h"

#include "directory.h"
#include "resources.h"
#include "tree.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { GUID_LENGTH = 36 };

#define SERVICE "Microsoft.Communication/communicationServices"
#define USERNAME SERVICE "/smtpUsernames"
#define DOMAIN "Microsoft.Communication/emailServices/domains"
#define SENDER DOMAIN "/senderUsernames"

static struct json_object *resources_of(struct json_object *tree)
{
    return tree_get(tree, "arm", NULL);
}

/* The key of the entry's parent, borrowed from the tree. */
static const char *parent_key(struct json_object *tree, const char *key)
{
    char parent[RESOURCE_ID_SIZE];
    resources_parent(key, parent);
    for (struct lh_entry *each = tree_first(resources_of(tree)); each != NULL; each = each->next) {
        const char *present = tree_key(each);
        if (strcmp(present, parent) == 0) {
            return present;
        }
    }
    return NULL;
}

/* <resource>.<application id>.<tenant id>, or the same with '|'; key is the resource's. */
static const char *old_form_client(struct json_object *tree, const char *key, const char *username)
{
    const char *service = resources_name(key);
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

struct mail_binding mail_access_binding(struct json_object *tree, const char *username, int64_t now)
{
    struct mail_binding binding = {.client_id = NULL};
    for (struct lh_entry *each = tree_first(resources_of(tree)); each != NULL; each = each->next) {
        const char *key = tree_key(each);
        struct json_object *entry = tree_value(each);
        struct json_object *properties = resources_properties(entry);
        if (resources_is_gone(entry, now)) {
            continue;
        }
        if (resources_is_type(key, SERVICE)) {
            const char *client = old_form_client(tree, key, username);
            if (client != NULL) {
                return (struct mail_binding){.client_id = client, .service = key};
            }
        } else if (resources_is_type(key, USERNAME) &&
                   strcasecmp(tree_string(properties, "username", ""), username) == 0 &&
                   strcasecmp(tree_string(properties, "tenantId", ""),
                              tree_string(tree, "tenant_id", "?")) == 0 &&
                   tree_int(entry, "ready_ms", 0) <= now) {
            binding.client_id = tree_string(properties, "entraApplicationId", NULL);
            binding.service = parent_key(tree, key);
            return binding;
        }
    }
    return binding;
}

/* The permissions that Azure's documentation asks of the application. */
bool mail_access_may_send(struct json_object *tree, const char *object_id, const char *service,
                          int64_t now)
{
    static const char *const operations[] = {"Microsoft.Communication/CommunicationServices/Read",
                                             "Microsoft.Communication/CommunicationServices/Write",
                                             "Microsoft.Communication/EmailServices/Write"};
    for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
        if (service == NULL ||
            !directory_allows(tree, object_id, ROLE_CONTROL, operations[i], service, now)) {
            return false;
        }
    }
    return true;
}

/* The key of the linked domain that mail from the address would come from, else NULL. */
static const char *linked_domain(struct json_object *tree, const char *service, const char *address)
{
    const char *at = strrchr(address, '@');
    struct json_object *linked = tree_get(resources_of(tree), service == NULL ? "" : service,
                                          "resource", "properties", NULL);
    for (struct lh_entry *each = tree_first(resources_of(tree)); at != NULL && each != NULL;
         each = each->next) {
        const char *key = tree_key(each);
        struct json_object *entry = tree_value(each);
        if (resources_is_type(key, DOMAIN) && tree_has(linked, "linkedDomains", key) &&
            strcasecmp(tree_string(resources_properties(entry), "mailFromSenderDomain", ""),
                       at + 1) == 0) {
            return key;
        }
    }
    return NULL;
}

bool mail_access_is_linked_domain(struct json_object *tree, const char *service,
                                  const char *address)
{
    return linked_domain(tree, service, address) != NULL;
}

bool mail_access_is_sender(struct json_object *tree, const char *service, const char *address)
{
    const char *domain = linked_domain(tree, service, address);
    if (domain == NULL) {
        return false;
    }
    size_t local = (size_t)(strrchr(address, '@') - address);
    for (struct lh_entry *each = tree_first(resources_of(tree)); each != NULL; each = each->next) {
        const char *key = tree_key(each);
        struct json_object *entry = tree_value(each);
        const char *username = tree_string(resources_properties(entry), "username", "");
        if (resources_is_type(key, SENDER) && directory_is_within(key, domain) &&
            strlen(username) == local && strncasecmp(username, address, local) == 0) {
            return true;
        }
    }
    return false;
}
