/* SPDX-License-Identifier: MIT */
/* The table of roles and how an operation is matched against it; see roles.h. */
#include "roles.h"

#include <ctype.h>
#include <strings.h>

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

#define SUPPORT                                                                                    \
    "Microsoft.Authorization/*/read", "Microsoft.Resources/subscriptions/resourceGroups/read",     \
        "Microsoft.Resources/deployments/*"

/* UNVERIFIED: the published list of Communication and Email Service Owner is cut off after
 * EmailServices; that it covers SmtpUsernames, and may register the provider, is assumed. */
static const struct role ROLES[] = {
    {"8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "Owner", LIST("*"), NULL, NULL},
    {"b24988ac-6180-42a0-ab88-20f7382dd24c", "Contributor", LIST("*"),
     LIST("Microsoft.Authorization/*/Delete", "Microsoft.Authorization/*/Write",
          "Microsoft.Authorization/elevateAccess/Action"),
     NULL},
    {"acdd72a7-3385-48ef-bd42-f606fba81ae7", "Reader", LIST("*/read"), NULL, NULL},
    {"18d7d88d-d35e-4fb5-a5c3-7773c20a72d9", "User Access Administrator",
     LIST("*/read", "Microsoft.Authorization/*", "Microsoft.Support/*"), NULL, NULL},
    {"f58310d9-a9f6-439a-9e8d-f62e7b41a168", "Role Based Access Control Administrator",
     LIST("*/read", "Microsoft.Authorization/roleAssignments/write",
          "Microsoft.Authorization/roleAssignments/delete", "Microsoft.Support/*"),
     NULL, NULL},
    {"09976791-48a7-449e-bb21-39d1a415f350", "Communication and Email Service Owner",
     LIST(SUPPORT, "Microsoft.Communication/*"), NULL, NULL},
    {"e40ec5ca-96e0-45a2-b4ff-59039f2c2b59", "Managed Identity Contributor",
     LIST(SUPPORT, "Microsoft.ManagedIdentity/userAssignedIdentities/read",
          "Microsoft.ManagedIdentity/userAssignedIdentities/write",
          "Microsoft.ManagedIdentity/userAssignedIdentities/delete"),
     NULL, NULL},
    {"f25e0fa2-a7c8-4377-a976-54943a77a395", "Key Vault Contributor",
     LIST(SUPPORT, "Microsoft.KeyVault/*"),
     LIST("Microsoft.KeyVault/locations/deletedVaults/purge/action"), NULL},
    {"8b54135c-b56d-4d72-a534-26097cfdc8d8", "Key Vault Data Access Administrator",
     LIST("Microsoft.Authorization/roleAssignments/write",
          "Microsoft.Authorization/roleAssignments/delete", "Microsoft.Authorization/*/read",
          "Microsoft.Resources/subscriptions/resourceGroups/read",
          "Microsoft.KeyVault/vaults/*/read"),
     NULL, NULL},
    {"00482a5a-887f-4fb3-b363-3b7fe8e74483", "Key Vault Administrator",
     LIST(SUPPORT, "Microsoft.KeyVault/checkNameAvailability/read",
          "Microsoft.KeyVault/deletedVaults/read", "Microsoft.KeyVault/locations/*/read",
          "Microsoft.KeyVault/vaults/*/read", "Microsoft.KeyVault/operations/read"),
     NULL, LIST("Microsoft.KeyVault/vaults/*")},
    {"b86a8fe4-44ce-4948-aee5-eccb2c155cd7", "Key Vault Secrets Officer",
     LIST(SUPPORT, "Microsoft.KeyVault/checkNameAvailability/read",
          "Microsoft.KeyVault/deletedVaults/read", "Microsoft.KeyVault/locations/*/read",
          "Microsoft.KeyVault/vaults/*/read", "Microsoft.KeyVault/operations/read"),
     NULL, LIST("Microsoft.KeyVault/vaults/secrets/*")},
    {"4633458b-17de-408a-b874-0445c86b69e6", "Key Vault Secrets User", LIST(NULL), NULL,
     LIST("Microsoft.KeyVault/vaults/secrets/getSecret/action",
          "Microsoft.KeyVault/vaults/secrets/readMetadata/action")},
    {"21090545-7ca7-4776-b22c-e363652d74d2", "Key Vault Reader",
     LIST(SUPPORT, "Microsoft.KeyVault/checkNameAvailability/read",
          "Microsoft.KeyVault/deletedVaults/read", "Microsoft.KeyVault/locations/*/read",
          "Microsoft.KeyVault/vaults/*/read", "Microsoft.KeyVault/operations/read"),
     NULL,
     LIST("Microsoft.KeyVault/vaults/*/read",
          "Microsoft.KeyVault/vaults/secrets/readMetadata/action")},
};

const struct role *roles_at(size_t index)
{
    return index < sizeof(ROLES) / sizeof(ROLES[0]) ? &ROLES[index] : NULL;
}

const struct role *roles_by_id(const char *id)
{
    const struct role *role;
    for (size_t i = 0; (role = roles_at(i)) != NULL; i++) {
        if (strcasecmp(role->id, id) == 0) {
            return role;
        }
    }
    return NULL;
}

const struct role *roles_by_name(const char *name)
{
    const struct role *role;
    for (size_t i = 0; (role = roles_at(i)) != NULL; i++) {
        if (strcasecmp(role->name, name) == 0) {
            return role;
        }
    }
    return NULL;
}

/* Glob match in one pass: on a mismatch the last '*' swallows one character more. */
static bool matches(const char *pattern, const char *text)
{
    const char *star = NULL;
    const char *retry = NULL;
    while (*text != '\0') {
        if (*pattern == '*') {
            star = ++pattern;
            retry = text;
        } else if (tolower((unsigned char)*pattern) == tolower((unsigned char)*text)) {
            pattern++;
            text++;
        } else if (star != NULL) {
            pattern = star;
            text = ++retry;
        } else {
            return false;
        }
    }
    while (*pattern == '*') {
        pattern++;
    }
    return *pattern == '\0';
}

static bool any_matches(const char *const *patterns, const char *operation)
{
    for (; patterns != NULL && *patterns != NULL; patterns++) {
        if (matches(*patterns, operation)) {
            return true;
        }
    }
    return false;
}

bool role_allows(const struct role *role, enum role_plane plane, const char *operation)
{
    if (plane == ROLE_DATA) {
        return any_matches(role->data_actions, operation);
    }
    return any_matches(role->actions, operation) && !any_matches(role->not_actions, operation);
}
