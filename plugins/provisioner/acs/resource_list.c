/* SPDX-License-Identifier: MIT */
/*
 * What a deployment is made of, and in which order. A row may begin when those that it needs are
 * done; destroy goes the other way. The order is that of the services: a role before the SMTP user
 * name that it allows, a domain before it is linked, a vault that answers before its secrets.
 */
#include "resource.h"
#include "resource_role.h"

#include <stdio.h>
#include <string.h>

static const enum login_role legacy = LOGIN_LEGACY;
static const enum login_role modern = LOGIN_MODERN;
static const enum login_role identity = LOGIN_IDENTITY;

/* Title: the format gets the text of the name that is told by title_name(). */
struct row {
    const char *id;
    const struct resource_kind *kind;
    const void *argument;
    const char *needs[5]; /* ended by NULL */
    const char *title;
};

static const struct row rows[] = {
    {"provider-communication",
     &resource_provider,
     "Microsoft.Communication",
     {NULL},
     "resource provider Microsoft.Communication"},
    {"provider-key-vault",
     &resource_provider,
     "Microsoft.KeyVault",
     {NULL},
     "resource provider Microsoft.KeyVault"},
    {"provider-identity",
     &resource_provider,
     "Microsoft.ManagedIdentity",
     {NULL},
     "resource provider Microsoft.ManagedIdentity"},
    {"resource-group", &resource_group, NULL, {NULL}, "resource group"},
    {"communication-service",
     &resource_communication,
     NULL,
     {"provider-communication", "resource-group"},
     "communication service"},
    {"email-service",
     &resource_email,
     NULL,
     {"provider-communication", "resource-group"},
     "email service"},
    {"domain", &resource_domain, NULL, {"email-service"}, "domain"},
    {"domain-verified", &resource_verification, NULL, {"domain"}, "verification of domain"},
    {"linked-domain",
     &resource_link,
     NULL,
     {"domain-verified", "communication-service"},
     "link to domain"},
    {"sender-legacy", &resource_sender, &legacy, {"domain-verified"}, "sender"},
    {"sender-modern", &resource_sender, &modern, {"domain-verified"}, "sender"},
    {"sender-identity", &resource_sender, &identity, {"domain-verified"}, "sender"},
    {"key-vault", &resource_vault, NULL, {"provider-key-vault", "resource-group"}, "key vault"},
    {"role-key-vault",
     &resource_role,
     &role_of_caller,
     {"key-vault"},
     "role Key Vault Secrets Officer of the caller"},
    {"application-legacy", &resource_application, &legacy, {NULL}, "Entra application"},
    {"application-modern", &resource_application, &modern, {NULL}, "Entra application"},
    {"principal-legacy", &resource_principal, &legacy, {"application-legacy"}, "service principal"},
    {"principal-modern", &resource_principal, &modern, {"application-modern"}, "service principal"},
    {"secret-legacy",
     &resource_secret,
     &legacy,
     {"application-legacy", "role-key-vault"},
     "client secret"},
    {"secret-modern",
     &resource_secret,
     &modern,
     {"application-modern", "role-key-vault"},
     "client secret"},
    {"identity",
     &resource_identity,
     NULL,
     {"provider-identity", "resource-group"},
     "managed identity"},
    {"role-legacy",
     &resource_role,
     &role_of_legacy,
     {"principal-legacy", "communication-service"},
     "role Communication and Email Service Owner of"},
    {"role-modern",
     &resource_role,
     &role_of_modern,
     {"principal-modern", "communication-service"},
     "role Communication and Email Service Owner of"},
    {"role-identity",
     &resource_role,
     &role_of_identity,
     {"identity", "communication-service"},
     "role Communication and Email Service Owner of"},
    {"smtp-username-legacy",
     &resource_smtp_username,
     &legacy,
     {"role-legacy", "linked-domain"},
     "SMTP user name"},
    {"smtp-username-modern",
     &resource_smtp_username,
     &modern,
     {"role-modern", "linked-domain"},
     "SMTP user name"},
    {"smtp-username-identity",
     &resource_smtp_username,
     &identity,
     {"role-identity", "linked-domain"},
     "SMTP user name"},
};

_Static_assert(sizeof rows / sizeof rows[0] <= RESOURCES_MAX, "more rows than places");

/* The name that makes a title complete: "sender" + "legacy-client"; "" when it is so already. */
static const char *title_name(const struct deployment *deployment, const struct row *row)
{
    const struct parameters *p = deployment->parameters;
    const struct {
        const char *id, *name;
    } names[] = {
        {"resource-group", p->resource_group},
        {"communication-service", p->communication_name},
        {"email-service", p->email_name},
        {"domain", p->domain_name},
        {"domain-verified", p->domain_name},
        {"linked-domain", p->domain_name},
        {"key-vault", p->key_vault_name},
        {"identity", p->identity_name},
        {"role-identity", p->identity_name},
        {"role-legacy", deployment->logins[LOGIN_LEGACY].username},
        {"role-modern", deployment->logins[LOGIN_MODERN].username},
        {"secret-legacy", deployment->logins[LOGIN_LEGACY].secret_name},
        {"secret-modern", deployment->logins[LOGIN_MODERN].secret_name},
    };
    size_t i;

    for (i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i].id, row->id) == 0)
            return names[i].name;
    if (row->kind == &resource_provider || !row->argument || row->argument == &role_of_caller)
        return "";
    return deployment->logins[*(const enum login_role *)row->argument].username;
}

/* The identity has a sender and a user name only when one is wanted. */
static int is_wanted(const struct deployment *deployment, const struct row *row)
{
    return row->argument != &identity || deployment->logins[LOGIN_IDENTITY].username;
}

void resource_list(struct deployment *deployment)
{
    size_t i;

    for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *row = &rows[i];
        const char *name = title_name(deployment, row);
        struct resource *resource = &deployment->resources[deployment->resource_count];

        if (!is_wanted(deployment, row))
            continue;
        resource->id = row->id;
        resource->needs = row->needs;
        resource->kind = row->kind;
        resource->deployment = deployment;
        resource->argument = row->argument;
        (void)snprintf(resource->title, sizeof resource->title, "%s%s%.100s", row->title,
                       name[0] ? " " : "", name);
        deployment->resource_count++;
    }
}
