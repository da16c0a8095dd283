/* SPDX-License-Identifier: MIT */
/* One resource group with all that sending mail needs; see seed_resources.h. */
#include "seed_resources.h"

#include "email_domain.h"
#include "resources.h"
#include "roles.h"
#include "text.h"
#include "tree.h"

#include <stdio.h>
#include <string.h>

#define DATA_LOCATION "United States"
#define IN_COMMUNICATION "/providers/Microsoft.Communication"
#define SERVICE IN_COMMUNICATION "/communicationServices/acs-smtp-poc"
#define EMAIL IN_COMMUNICATION "/emailServices/acs-smtp-poc-email"
#define DOMAIN EMAIL "/domains/AzureManagedDomain"
#define SMTP_ROLE "Communication and Email Service Owner"

static void id_of(struct json_object *tree, const char *below, char out[RESOURCE_ID_SIZE])
{
    snprintf(out, RESOURCE_ID_SIZE, "/subscriptions/%s%s%s",
             tree_string(tree, "subscription_id", ""),
             below[0] == '\0' ? "" : "/resourceGroups/" SEED_GROUP, below);
}

/* An entry whose resource has an id, a name and a type; below is relative to the group. */
static struct json_object *add(struct json_object *tree, const char *below, const char *type,
                               const char *location, struct json_object *properties)
{
    char id[RESOURCE_ID_SIZE];
    char key[RESOURCE_ID_SIZE];
    id_of(tree, below, id);
    resources_key(id, key);
    struct json_object *entry = tree_set_object(tree_get(tree, "arm", NULL), key);
    struct json_object *resource = tree_set_object(entry, "resource");
    tree_set_string(resource, "id", id);
    tree_set_string(resource, "name", resources_name(id));
    tree_set_string(resource, "type", type);
    if (location != NULL) {
        tree_set_string(resource, "location", location);
        tree_set_object(resource, "tags");
    }
    json_object_object_add(resource, "properties", properties);
    return resource;
}

static struct json_object *state_of(const char *state)
{
    struct json_object *properties = json_object_new_object();
    tree_set_string(properties, "provisioningState", state);
    return properties;
}

static void add_group(struct json_object *tree)
{
    char id[RESOURCE_ID_SIZE];
    char key[RESOURCE_ID_SIZE];
    id_of(tree, "", id);
    snprintf(id + strlen(id), sizeof(id) - strlen(id), "/resourceGroups/" SEED_GROUP);
    resources_key(id, key);
    struct json_object *resource =
        tree_set_object(tree_set_object(tree_get(tree, "arm", NULL), key), "resource");
    tree_set_string(resource, "id", id);
    tree_set_string(resource, "name", SEED_GROUP);
    tree_set_string(resource, "type", "Microsoft.Resources/resourceGroups");
    tree_set_string(resource, "location", "eastus");
    tree_set_object(resource, "tags");
    json_object_object_add(resource, "properties", state_of("Succeeded"));
}

static void add_sender(struct json_object *tree, const char *name, const char *username)
{
    char below[RESOURCE_ID_SIZE];
    snprintf(below, sizeof(below), DOMAIN "/senderUsernames/%s", name);
    struct json_object *properties = json_object_new_object();
    tree_set_string(properties, "username", username);
    add(tree, below, "microsoft.communication/emailservices/domains/senderusernames", NULL,
        properties);
}

static void add_smtp_username(struct json_object *tree, const char *name, const char *application)
{
    char below[RESOURCE_ID_SIZE];
    char username[256];
    snprintf(below, sizeof(below), SERVICE "/smtpUsernames/%s", name);
    snprintf(username, sizeof(username), "%s@%s", application,
             tree_string(tree, "email_domain", ""));
    struct json_object *bound = tree_get(tree, "applications", application, NULL);
    struct json_object *properties = json_object_new_object();
    tree_set_string(properties, "username", username);
    tree_set_string(properties, "entraApplicationId", tree_string(bound, "client_id", ""));
    tree_set_string(properties, "tenantId", tree_string(tree, "tenant_id", ""));
    add(tree, below, "microsoft.communication/communicationservices/smtpusernames", NULL,
        properties);
}

static void add_mail(struct json_object *tree)
{
    char domain[RESOURCE_ID_SIZE];
    struct json_object *properties = state_of("Succeeded");
    tree_set_string(properties, "dataLocation", DATA_LOCATION);
    add(tree, EMAIL, "microsoft.communication/emailservices", "global", properties);
    add(tree, DOMAIN, "microsoft.communication/emailservices/domains", "global",
        email_domain_properties(tree_string(tree, "email_domain", ""), DATA_LOCATION,
                                "AzureManaged", true));
    add_sender(tree, "donotreply", "DoNotReply");
    add_sender(tree, "legacy-client", "legacy-client");
    add_sender(tree, "modern-client", "modern-client");

    id_of(tree, DOMAIN, domain);
    properties = state_of("Succeeded");
    tree_set_string(properties, "dataLocation", DATA_LOCATION);
    tree_set_string(properties, "hostName", "acs-smtp-poc.unitedstates.communication.azure.com");
    tree_set_strings(properties, "linkedDomains", domain, NULL);
    add(tree, SERVICE, "microsoft.communication/communicationservices", "global", properties);
    add_smtp_username(tree, "legacy-smtp", "legacy-client");
    add_smtp_username(tree, "modern-smtp", "modern-client");
}

static void add_vault(struct json_object *tree)
{
    struct json_object *properties = state_of("Succeeded");
    tree_set_string(properties, "tenantId", tree_string(tree, "tenant_id", ""));
    struct json_object *sku = tree_set_object(properties, "sku");
    tree_set_string(sku, "family", "A");
    tree_set_string(sku, "name", "standard");
    tree_set_bool(properties, "enableRbacAuthorization", true);
    tree_set_bool(properties, "enableSoftDelete", true);
    tree_set_int(properties, "softDeleteRetentionInDays", 90);
    tree_set_string(properties, "publicNetworkAccess", "Enabled");
    tree_set_array(properties, "accessPolicies");
    tree_set_string(properties, "vaultUri", "https://" SEED_VAULT ".vault.azure.net/");
    add(tree, "/providers/Microsoft.KeyVault/vaults/" SEED_VAULT, "Microsoft.KeyVault/vaults",
        "eastus", properties);
}

static void add_identity(struct json_object *tree)
{
    struct json_object *identity = tree_get(tree, "identities", "uami-acs-smtp", NULL);
    struct json_object *properties = json_object_new_object();
    tree_set_string(properties, "clientId", tree_string(identity, "client_id", ""));
    tree_set_string(properties, "principalId", tree_string(identity, "object_id", ""));
    tree_set_string(properties, "tenantId", tree_string(tree, "tenant_id", ""));
    add(tree, "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/uami-acs-smtp",
        "Microsoft.ManagedIdentity/userAssignedIdentities", "eastus", properties);
}

static void add_providers(struct json_object *tree)
{
    static const char *const names[] = {"Microsoft.Communication", "Microsoft.KeyVault",
                                        "Microsoft.ManagedIdentity"};
    struct json_object *providers = tree_set_object(tree, "providers");
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        tree_set_string(tree_set_object(providers, names[i]), "state", "Registered");
    }
}

void seed_assign(struct json_object *tree, struct json_object *principal, const char *role,
                 const char *below)
{
    char name[TEXT_UUID_SIZE];
    char scope[RESOURCE_ID_SIZE];
    char key[RESOURCE_ID_SIZE];
    text_uuid(name);
    snprintf(scope, sizeof(scope), "/subscriptions/%s%s", tree_string(tree, "subscription_id", ""),
             below);
    resources_key(scope, key);
    struct json_object *assignment =
        tree_set_object(tree_get(tree, "role_assignments", NULL), name);
    tree_set_string(assignment, "scope", key);
    tree_set_string(assignment, "principal_id", tree_string(principal, "object_id", ""));
    tree_set_string(assignment, "principal_type", "ServicePrincipal");
    tree_set_string(assignment, "role", roles_by_name(role)->id);
    tree_set_int(assignment, "effective_ms", 0);
}

void seed_resources(struct json_object *tree)
{
    struct json_object *applications = tree_get(tree, "applications", NULL);
    struct json_object *owner = tree_get(applications, "operator", NULL);
    struct json_object *legacy = tree_get(applications, "legacy-client", NULL);
    struct json_object *modern = tree_get(applications, "modern-client", NULL);
    tree_set_object(tree, "arm");
    tree_set_object(tree, "arm_operations");
    tree_set_object(tree, "role_assignments");
    tree_set_object(tree, "taken_names");
    add_providers(tree);
    add_group(tree);
    add_mail(tree);
    add_vault(tree);
    add_identity(tree);
    seed_assign(tree, owner, "Owner", "");
    seed_assign(tree, owner, "Key Vault Secrets Officer", SEED_IN_VAULT);
    seed_assign(tree, modern, "Key Vault Secrets User", SEED_IN_VAULT);
    seed_assign(tree, legacy, SMTP_ROLE, SEED_IN_GROUP SERVICE);
    seed_assign(tree, modern, SMTP_ROLE, SEED_IN_GROUP SERVICE);
    seed_assign(tree, tree_get(tree, "identities", "uami-acs-smtp", NULL), SMTP_ROLE,
                SEED_IN_GROUP SERVICE);
}
