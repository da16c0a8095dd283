/* SPDX-License-Identifier: MIT */
/*
 * What a refusal means for the one who provisions, and what to do about it. Codes without a mark
 * are documented or were seen; UNVERIFIED ones are customary, and without them a refusal is told in
 * Azure's words alone.
 */
#include "client_private.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

struct remedy {
    const char *code;
    int status;
    const char *text;
};

#define ANOTHER_NAME "the name is taken, in all of Azure: choose another one"
#define ANOTHER_LOCATION "Azure does not offer this there: set option 'location' to another region"
#define FRESH_LOGIN                                                                                \
    "Azure does not take the token: log in again, and check tenant and secret of the credentials"
#define RAISE_QUOTA                                                                                \
    "a quota of the subscription is used up: remove what is not needed, or ask for more in the "   \
    "portal (Usage + quotas)"

static const struct remedy remedies[] = {
    /* Who is asking. */
    {"InvalidAuthenticationTokenTenant", ACSMTP_DENIED,
     "the subscription belongs to another tenant than the credentials: set their tenant"},
    {"InvalidAuthenticationTokenAudience", ACSMTP_DENIED,
     "the token is for another service: check scope and cloud"},
    {"ExpiredAuthenticationToken", ACSMTP_DENIED, FRESH_LOGIN},
    {"InvalidAuthenticationToken", ACSMTP_DENIED, FRESH_LOGIN},
    {"AuthenticationFailed", ACSMTP_DENIED, FRESH_LOGIN},
    {"Authorization_RequestDenied", ACSMTP_DENIED,
     "this identity may not manage applications of the directory: an application needs the Graph "
     "permission Application.ReadWrite.OwnedBy with an administrator's consent, a person the "
     "directory role Application Developer"},
    {"Authorization_IdentityNotFound", ACSMTP_DENIED,
     "the directory does not know this identity: it needs a service principal in this tenant"},
    {"RequestDisallowedByPolicy", ACSMTP_CONFIG,
     "a policy of the organisation forbids this: ask its owner for an exemption"},
    {"ScopeLocked", ACSMTP_CONFIG,
     "a lock on the resource or its group forbids this: remove the lock"},
    {"ReadOnlyDisabledSubscription", ACSMTP_CONFIG,
     "the subscription is disabled: enable it in the portal"},
    {"ForbiddenByFirewall", ACSMTP_DENIED,
     "the vault's firewall does not admit this machine's address"},
    {"ForbiddenByConnection", ACSMTP_DENIED, "the vault's network rules do not admit this machine"},
    {"AccessDenied", ACSMTP_DENIED,
     "the vault goes by access policies that do not admit this identity: switch the vault to Azure "
     "RBAC (enableRbacAuthorization), or add a policy for its secrets"},
    {"ForbiddenByPolicy", ACSMTP_DENIED,
     "the vault goes by access policies that do not admit this identity: switch the vault to Azure "
     "RBAC (enableRbacAuthorization), or add a policy for its secrets"},

    /* Where. */
    {"SubscriptionNotFound", ACSMTP_CONFIG,
     "there is no such subscription in this tenant, or this identity has no role in it: check "
     "option 'subscription'"},
    {"InvalidSubscriptionId", ACSMTP_CONFIG,
     "option 'subscription' is not the id of a subscription"},
    {"NoRegisteredProviderFound", ACSMTP_CONFIG,
     "this region or cloud does not offer such a resource: check option 'location'"},
    {"LocationNotAvailableForResourceType", ACSMTP_CONFIG, ANOTHER_LOCATION},
    {"LocationNotAvailableForResourceGroup", ACSMTP_CONFIG, ANOTHER_LOCATION},
    {"LocationNotAvailable", ACSMTP_CONFIG, ANOTHER_LOCATION},
    {"InvalidLocation", ACSMTP_CONFIG, ANOTHER_LOCATION},
    {"InvalidResourceGroupLocation", ACSMTP_CONFIG,
     "the resource group exists in another region: set option 'location' to that one, or choose "
     "another 'resource_group'"},
    {"InvalidResourceLocation", ACSMTP_CONFIG,
     "the resource exists in another region: set option 'location' to that one, or choose another "
     "name"},
    {"ResourceGroupBeingDeleted", ACSMTP_TEMPORARY,
     "the resource group is being deleted: wait until it is gone"},
    {"ResourceBeingDeleted", ACSMTP_TEMPORARY,
     "the resource is being deleted: wait until it is gone"},
    {"AnotherOperationInProgress", ACSMTP_TEMPORARY,
     "somebody else is changing the resource: try again in a minute"},

    /* Names. UNVERIFIED: which of these the communication service says. */
    {"VaultAlreadyExists", ACSMTP_CONFIG, ANOTHER_NAME " (option 'key_vault')"},
    {"NameReservationTaken", ACSMTP_CONFIG, ANOTHER_NAME},
    {"NameUnavailable", ACSMTP_CONFIG, ANOTHER_NAME},
    {"NameNotAvailable", ACSMTP_CONFIG, ANOTHER_NAME},
    {"NameAlreadyExists", ACSMTP_CONFIG, ANOTHER_NAME},
    {"ResourceNameAlreadyExists", ACSMTP_CONFIG, ANOTHER_NAME},
    {"ResourceNameNotAvailable", ACSMTP_CONFIG, ANOTHER_NAME},
    {"AlreadyExists", ACSMTP_CONFIG, ANOTHER_NAME},
    {"ObjectIsDeletedButRecoverable", ACSMTP_CONFIG,
     "a deleted secret of this name is still kept by the vault: recover or purge it"},
    {"ObjectIsBeingDeleted", ACSMTP_TEMPORARY,
     "a secret of this name is being deleted: try again in a minute"},

    /* States. */
    {"InvalidLinkedDomains", ACSMTP_CONFIG,
     "the domain cannot be linked before it is verified: run 'acsmtp provision verify'"},
    {"PrincipalNotFound", ACSMTP_TEMPORARY,
     "Resource Manager does not know the new principal yet: run this again in a few minutes"},
    {"NoBackingApplicationObject", ACSMTP_TEMPORARY,
     "the directory does not know the new application everywhere yet: run this again in a few "
     "minutes"},
    {"Directory_ObjectNotFound", ACSMTP_TEMPORARY,
     "this part of the directory is not reachable yet: run this again in a few minutes"},
    {"RoleAssignmentUpdateNotPermitted", ACSMTP_CONFIG,
     "a role assignment of this name belongs to a principal that is gone: delete it (Access "
     "control in the portal)"},
    {"RoleAssignmentLimitExceeded", ACSMTP_CONFIG, RAISE_QUOTA},
    {"CredentialInvalidLifetimeAsPerAppPolicy", ACSMTP_CONFIG,
     "a policy of the organisation limits how long a secret may live: shorten option "
     "'secret_lifetime'"},
    {"Directory_QuotaExceeded", ACSMTP_CONFIG,
     "this identity has made as many directory objects as it may: delete some, deleted ones too, "
     "or use an administrator's identity"},
};

/* ---- refusals that name what is missing ---- */

/* What stands between `mark` and the next quote; "" when that is nothing that may be shown. */
static void quoted_after(const char *text, const char *mark, char *out, size_t capacity)
{
    const char *at = strstr(text, mark);
    size_t size;

    out[0] = '\0';
    if (!at)
        return;
    at += strlen(mark);
    size = strcspn(at, "'");
    if (at[size] != '\'' || size >= capacity)
        return;
    memcpy(out, at, size);
    out[size] = '\0';
}

static const char *role_for(const char *action)
{
    static const struct {
        const char *part, *role;
    } roles[] = {
        {"Microsoft.Authorization/roleAssignments/", "Owner or User Access Administrator"},
        {"Microsoft.KeyVault/vaults/secrets/", "Key Vault Secrets Officer"},
    };

    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
        if (strcasestr(action, roles[i].part))
            return roles[i].role;
    }
    return "Contributor";
}

/* A role is given at the resource; the assignment that could not be made there is no scope. */
static void cut_assignment(char *scope)
{
    char *at = strcasestr(scope, "/providers/Microsoft.Authorization/roleAssignments/");

    if (at && at != scope)
        *at = '\0';
}

/* "…does not have authorization to perform action 'A' over scope 'S'…", and the vault's words. */
static void tell_authorization(const char *words, struct client_remedy *remedy)
{
    static const char *const actions[] = {"action(s) '", "action '", "Action: '"};
    static const char *const scopes[] = {"linked scope(s) '", "scope '", "Resource: '"};
    char action[160] = "";
    char scope[400] = "";

    for (size_t i = 0; i < 3 && !action[0]; i++)
        quoted_after(words, actions[i], action, sizeof action);
    for (size_t i = 0; i < 3 && !scope[0]; i++)
        quoted_after(words, scopes[i], scope, sizeof scope);
    cut_assignment(scope);
    remedy->status = ACSMTP_DENIED;
    remedy->tells_all = action[0] && scope[0];
    (void)snprintf(remedy->text, sizeof remedy->text,
                   "this identity may not do '%s' on '%s': it needs the role %s there (a new "
                   "assignment takes minutes)",
                   action[0] ? action : "this", scope[0] ? scope : "this scope", role_for(action));
}

static void tell_registration(const char *words, struct client_remedy *remedy)
{
    char provider[80];

    quoted_after(words, "namespace '", provider, sizeof provider);
    remedy->status = ACSMTP_CONFIG;
    (void)snprintf(remedy->text, sizeof remedy->text,
                   "the subscription is not registered for the provider %s: 'acsmtp provision "
                   "apply' registers it when this identity is Contributor of the subscription",
                   provider[0] ? provider : "of this resource");
}

static void tell(const struct remedy *row, struct client_remedy *remedy)
{
    remedy->status = row->status;
    (void)snprintf(remedy->text, sizeof remedy->text, "%s", row->text);
}

/* ---- all ---- */

/* Whether one of the codes, of whatever depth, is or (`is_part`) contains this one. */
static int has_code(const struct client_failure *failure, const char *code, int is_part)
{
    const char *at = failure->codes;

    if (is_part)
        return strcasestr(failure->codes, code) != NULL;
    while (*at) {
        size_t size = strcspn(at, "/");

        if (size == strlen(code) && strncasecmp(at, code, size) == 0)
            return 1;
        at += size + (at[size] == '/');
    }
    return 0;
}

void client_remedy_find(const struct client_failure *failure, struct client_remedy *remedy)
{
    static const struct remedy quota = {"", ACSMTP_CONFIG, RAISE_QUOTA};

    *remedy = (struct client_remedy){.status = 0};
    if (has_code(failure, "AuthorizationFailed", 1) || has_code(failure, "ForbiddenByRbac", 0))
        tell_authorization(failure->text, remedy);
    else if (has_code(failure, "MissingSubscriptionRegistration", 0))
        tell_registration(failure->text, remedy);
    for (size_t i = 0; !remedy->status && i < sizeof remedies / sizeof remedies[0]; i++) {
        if (has_code(failure, remedies[i].code, 0))
            tell(&remedies[i], remedy);
    }
    if (!remedy->status && (has_code(failure, "Quota", 1) || has_code(failure, "LimitExceeded", 1)))
        tell(&quota, remedy);
}
