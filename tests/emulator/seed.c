/* SPDX-License-Identifier: MIT */
/* Builds what the project's provisioning would have made in Azure: two applications with secrets,
 * two managed identities, the secrets of a vault; seed_resources.c adds what Resource Manager sees.
 */
#include "seed.h"

#include "seed_resources.h"
#include "seed_switches.h"
#include "text.h"
#include "tree.h"

#include <stdio.h>
#include <time.h>

enum {
    SECRET_LENGTH = 40,
    YEAR = 365 * 24 * 3600,
};

#define EMAIL_DOMAIN "0c7d5f4e-emulator.azurecomm.localhost"

static const char *set_uuid(struct json_object *node, const char *key)
{
    char uuid[TEXT_UUID_SIZE];
    text_uuid(uuid);
    tree_set_string(node, key, uuid);
    return tree_string(node, key, "");
}

static const char *add_secret(struct json_object *application, time_t start, time_t end)
{
    char id[TEXT_UUID_SIZE];
    char value[SECRET_LENGTH + 1];
    text_uuid(id);
    text_random_secret(value, SECRET_LENGTH);
    struct json_object *secret = tree_set_object(tree_get(application, "secrets", NULL), id);
    tree_set_string(secret, "value", value);
    tree_set_int(secret, "start", start);
    tree_set_int(secret, "end", end);
    return tree_string(secret, "value", "");
}

static struct json_object *add_application(struct json_object *applications, const char *name)
{
    struct json_object *application = tree_set_object(applications, name);
    set_uuid(application, "application_id");
    set_uuid(application, "client_id");
    set_uuid(application, "object_id");
    tree_set_string(application, "display_name", name);
    tree_set_bool(application, "enabled", true);
    tree_set_object(application, "secrets");
    return application;
}

static void add_federated(struct json_object *application, const char *name, const char *issuer,
                          const char *subject)
{
    struct json_object *credential =
        tree_set_object(tree_get(application, "federated", NULL), name);
    tree_set_string(credential, "issuer", issuer);
    tree_set_string(credential, "subject", subject);
    tree_set_string(credential, "audience", "api://AzureADTokenExchange");
}

static void federate(struct json_object *application)
{
    tree_set_object(application, "federated");
    add_federated(application, "aks", "https://oidc.emulator.localhost/aks",
                  "system:serviceaccount:mail:sender");
    add_federated(application, "github", "https://token.actions.githubusercontent.com",
                  "repo:contoso/mail:ref:refs/heads/main");
    add_federated(application, "pipelines", "https://vstoken.dev.azure.com/contoso",
                  "sc://contoso/mail/connection");
}

/* Who signs in at a browser, and the application that may ask them to. */
static void add_people(struct json_object *tree, struct json_object *applications)
{
    struct json_object *ann = tree_set_object(tree_set_object(tree, "people"), "ann");
    set_uuid(ann, "object_id");
    tree_set_string(ann, "user_name", "ann@contoso.example");
    tree_set_object(tree, "device_codes");
    tree_set_object(tree, "refresh_tokens");
    tree_set_bool(add_application(applications, "public-client"), "public", true);
}

static struct json_object *add_identity(struct json_object *tree, const char *name, bool system,
                                        const char *resource)
{
    struct json_object *identity = tree_set_object(tree_get(tree, "identities", NULL), name);
    char id[256];
    snprintf(id, sizeof(id), "/subscriptions/%s/resourcegroups/" SEED_GROUP "/providers/%s",
             tree_string(tree, "subscription_id", ""), resource);
    set_uuid(identity, "client_id");
    set_uuid(identity, "object_id");
    tree_set_string(identity, "resource_id", id);
    tree_set_bool(identity, "system", system);
    tree_set_bool(identity, "assigned", true);
    return identity;
}

static struct json_object *add_version(struct json_object *secret, const char *value,
                                       time_t created)
{
    char id[33];
    text_random_hex(id, 32);
    struct json_object *version = tree_set_object(tree_get(secret, "versions", NULL), id);
    tree_set_string(version, "value", value);
    tree_set_bool(version, "enabled", true);
    tree_set_int(version, "created", created);
    tree_set_string(secret, "current", id);
    return version;
}

static struct json_object *add_vault_secret(struct json_object *vault, const char *name)
{
    struct json_object *secret = tree_set_object(tree_get(vault, "secrets", NULL), name);
    tree_set_object(secret, "versions");
    return secret;
}

static void fill_vault(struct json_object *vault, const char *legacy_secret,
                       const char *modern_secret, time_t now)
{
    struct json_object *secret = add_vault_secret(vault, "smtp-legacy-client-secret");
    add_version(secret, "the-value-before-the-last-rotation", now - 30L * 24 * 3600);
    tree_set_string(add_version(secret, legacy_secret, now - 3600), "content_type", "text/plain");
    add_version(add_vault_secret(vault, "smtp-modern-client-secret"), modern_secret, now - 3600);

    struct json_object *disabled =
        add_version(add_vault_secret(vault, "disabled-secret"), "never-to-be-seen", now - 7200);
    tree_set_bool(disabled, "enabled", false);
    struct json_object *expired =
        add_version(add_vault_secret(vault, "expired-secret"), "past-its-time", now - 2L * YEAR);
    tree_set_int(expired, "exp", now - YEAR);
    struct json_object *early =
        add_version(add_vault_secret(vault, "future-secret"), "before-its-time", now - 3600);
    tree_set_int(early, "nbf", now + YEAR);
}

static void add_resources(struct json_object *tree, const struct seed_addresses *addresses)
{
    const char *known[] = {
        "https://communication.azure.com",
        "https://vault.azure.net",
        "https://management.azure.com",
        "https://management.core.windows.net",
        "https://graph.microsoft.com",
        "https://outlook.office365.com",
        addresses->resource_manager,
        addresses->graph,
        addresses->key_vault,
    };
    struct json_object *resources = tree_set_object(tree, "resources");
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        tree_set_bool(resources, known[i], true);
    }
}

struct json_object *seed_new(const struct seed_addresses *addresses)
{
    time_t now = time(NULL);
    struct json_object *tree = json_object_new_object();
    set_uuid(tree, "tenant_id");
    set_uuid(tree, "subscription_id");
    tree_set_string(tree, "email_domain", EMAIL_DOMAIN);

    struct json_object *applications = tree_set_object(tree, "applications");
    struct json_object *legacy = add_application(applications, "legacy-client");
    struct json_object *modern = add_application(applications, "modern-client");
    struct json_object *owner = add_application(applications, "operator");
    federate(modern);
    add_people(tree, applications);
    add_secret(legacy, now - 2L * YEAR, now - YEAR);
    const char *legacy_secret = add_secret(legacy, now - YEAR, now + YEAR);
    const char *modern_secret = add_secret(modern, now - YEAR, now + YEAR);
    add_secret(owner, now - YEAR, now + YEAR);
    tree_set_strings(owner, "graph_permissions", "Application.ReadWrite.OwnedBy", NULL);

    tree_set_object(tree, "identities");
    struct json_object *system =
        add_identity(tree, "system", true, "Microsoft.Compute/virtualMachines/vm-acs-smtp");
    struct json_object *user =
        add_identity(tree, "uami-acs-smtp", false,
                     "Microsoft.ManagedIdentity/userAssignedIdentities/uami-acs-smtp");
    add_resources(tree, addresses);

    struct json_object *vault = tree_set_object(tree_set_object(tree, "vaults"), SEED_VAULT);
    tree_set_object(vault, "secrets");
    fill_vault(vault, legacy_secret, modern_secret, now);
    seed_switches(tree);
    seed_resources(tree);
    seed_assign(tree, system, "Key Vault Secrets User", SEED_IN_VAULT);
    seed_assign(tree, user, "Key Vault Secrets User", SEED_IN_VAULT);
    return tree;
}

static void keep_only(struct json_object *tree, const char *map, const char *key)
{
    struct json_object *kept = tree_dup(tree_get(tree, map, key, NULL));
    json_object_object_add(tree_set_object(tree, map), key, kept);
}

struct json_object *seed_empty(struct json_object *full)
{
    static const char *const emptied[] = {"identities", "vaults", "arm", "providers", NULL};
    struct json_object *tree = tree_dup(full);
    if (tree == NULL) {
        return NULL;
    }
    keep_only(tree, "applications", "operator");
    for (size_t i = 0; emptied[i] != NULL; i++) {
        tree_set_object(tree, emptied[i]);
    }
    tree_set_object(tree, "role_assignments");
    seed_assign(tree, tree_get(tree, "applications", "operator", NULL), "Owner", "");
    return tree;
}
