/* SPDX-License-Identifier: MIT */
/* Builds what the project's provisioning would have made in Azure: two applications with secrets,
 * two managed identities, a vault, SMTP user names, senders and roles. */
#include "seed.h"

#include "text.h"
#include "tree.h"

#include <stdio.h>
#include <time.h>

enum {
    SECRET_LENGTH = 40,
    YEAR = 365 * 24 * 3600,
};

#define EMAIL_DOMAIN "0c7d5f4e-emulator.azurecomm.localhost"
#define VAULT_NAME "kv-acs-smtp-poc"
#define SMTP_ROLE "Communication and Email Service Owner"

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
    set_uuid(application, "client_id");
    set_uuid(application, "object_id");
    tree_set_bool(application, "enabled", true);
    tree_set_object(application, "secrets");
    return application;
}

static struct json_object *add_identity(struct json_object *tree, const char *name, bool system,
                                        const char *resource)
{
    struct json_object *identity = tree_set_object(tree_get(tree, "identities", NULL), name);
    char id[256];
    snprintf(id, sizeof(id), "/subscriptions/%s/resourcegroups/rg-acs-smtp/providers/%s",
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

static void add_address(struct json_object *tree, const char *local, const char *client_id)
{
    char address[192];
    snprintf(address, sizeof(address), "%s@%s", local, EMAIL_DOMAIN);
    tree_set_bool(tree_get(tree, "senders", NULL), address, true);
    if (client_id != NULL) {
        struct json_object *username =
            tree_set_object(tree_get(tree, "smtp_usernames", NULL), address);
        tree_set_string(username, "client_id", client_id);
        tree_set_bool(username, "ready", true);
    }
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

static void add_services(struct json_object *tree)
{
    tree_set_int(tree_set_object(tree, "entra"), "expires_in", 3599);
    struct json_object *imds = tree_set_object(tree, "imds");
    tree_set_string(imds, "mode", "on");
    tree_set_int(imds, "delay_ms", 3000);
    struct json_object *smtp = tree_set_object(tree, "smtp");
    /* UNVERIFIED: no transcript of ACS's EHLO is known; this is Exchange Online's list. */
    tree_set_strings(smtp, "extensions", "SIZE", "PIPELINING", "DSN", "ENHANCEDSTATUSCODES",
                     "STARTTLS", "AUTH", "8BITMIME", "BINARYMIME", "CHUNKING", "SMTPUTF8", NULL);
    tree_set_strings(smtp, "mechanisms", "LOGIN", "XOAUTH2", NULL);
    tree_set_bool(smtp, "lower_case", false);
    tree_set_string(smtp, "certificate", "good");
    tree_set_string(smtp, "xoauth2_refusal", "direct");
    tree_set_string(smtp, "bare_newline", "refuse");
    tree_set_string(smtp, "sender_phase", "mail");
    /* UNVERIFIED: the text is ACS's, whether its digits are 550 or 554 is not known. */
    tree_set_string(smtp, "sender_reply", "550 5.3.5 Email sender's username is invalid");
    tree_set_string(smtp, "rate_phase", "data");
    tree_set_int(smtp, "per_minute", 0);
    tree_set_int(smtp, "per_hour", 0);
    tree_set_int(smtp, "max_recipients", 50);
    tree_set_int(smtp, "max_size", 10L * 1024 * 1024);
    tree_set_int(smtp, "max_connections", 250);
    tree_set_int(smtp, "max_failures", 3);
    tree_set_int(smtp, "idle_timeout_ms", 300000);
}

static void set_role(struct json_object *roles, struct json_object *principal, const char *role)
{
    tree_set_string(roles, tree_string(principal, "object_id", ""), role);
}

struct json_object *seed_new(const struct seed_addresses *addresses)
{
    time_t now = time(NULL);
    struct json_object *tree = json_object_new_object();
    set_uuid(tree, "tenant_id");
    set_uuid(tree, "subscription_id");
    tree_set_string(tree, "email_domain", EMAIL_DOMAIN);
    tree_set_string(tree, "communication_service", "acs-smtp-poc");

    struct json_object *applications = tree_set_object(tree, "applications");
    struct json_object *legacy = add_application(applications, "legacy-client");
    struct json_object *modern = add_application(applications, "modern-client");
    struct json_object *owner = add_application(applications, "operator");
    add_secret(legacy, now - 2L * YEAR, now - YEAR);
    const char *legacy_secret = add_secret(legacy, now - YEAR, now + YEAR);
    const char *modern_secret = add_secret(modern, now - YEAR, now + YEAR);
    add_secret(owner, now - YEAR, now + YEAR);

    tree_set_object(tree, "identities");
    struct json_object *system =
        add_identity(tree, "system", true, "Microsoft.Compute/virtualMachines/vm-acs-smtp");
    struct json_object *user =
        add_identity(tree, "uami-acs-smtp", false,
                     "Microsoft.ManagedIdentity/userAssignedIdentities/uami-acs-smtp");
    add_resources(tree, addresses);

    struct json_object *vault = tree_set_object(tree_set_object(tree, "vaults"), VAULT_NAME);
    struct json_object *readers = tree_set_object(vault, "readers");
    tree_set_object(vault, "secrets");
    set_role(readers, owner, "Key Vault Secrets Officer");
    set_role(readers, modern, "Key Vault Secrets User");
    set_role(readers, system, "Key Vault Secrets User");
    set_role(readers, user, "Key Vault Secrets User");
    fill_vault(vault, legacy_secret, modern_secret, now);

    struct json_object *roles = tree_set_object(tree, "communication_roles");
    set_role(roles, legacy, SMTP_ROLE);
    set_role(roles, modern, SMTP_ROLE);
    set_role(roles, user, SMTP_ROLE);
    set_role(roles, owner, "Owner");

    tree_set_object(tree, "senders");
    tree_set_object(tree, "smtp_usernames");
    add_address(tree, "DoNotReply", NULL);
    add_address(tree, "legacy-client", tree_string(legacy, "client_id", ""));
    add_address(tree, "modern-client", tree_string(modern, "client_id", ""));
    add_services(tree);
    return tree;
}
