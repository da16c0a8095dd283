/* SPDX-License-Identifier: MIT */
/*
 * What a token says about itself, unverified: enough to name the usual mistakes before a server
 * answers them all with the same 535.
 */
#include "delivery_private.h"
#include <acsmtp/token.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Services whose tokens people send to ACS by mistake, by name and by Microsoft's application id.
 */
static const struct {
    const char *begins;
    const char *service;
} wrong_audiences[] = {
    {"https://outlook.office", "Exchange Online"},
    {"00000002-0000-0ff1-ce00-000000000000", "Exchange Online"},
    {"https://graph.microsoft.", "Microsoft Graph"},
    {"00000003-0000-0000-c000-000000000000", "Microsoft Graph"},
};

static const char *wrong_service(const char *audience)
{
    size_t i;

    for (i = 0; i < sizeof wrong_audiences / sizeof wrong_audiences[0]; i++)
        if (strncmp(audience, wrong_audiences[i].begins, strlen(wrong_audiences[i].begins)) == 0)
            return wrong_audiences[i].service;
    return NULL;
}

static int is_acs_scope(const struct acsmtp_context *context, const char *scope)
{
    const char *of_cloud = acsmtp_context_endpoint(context, "scope");

    return (of_cloud && strcmp(scope, of_cloud) == 0) ||
           strncmp(scope, "https://communication.azure.", 28) == 0;
}

/* The resource of a v2.0 scope, with or without a slash at its end. */
int delivery_fits_audience(const char *audience, const char *scope)
{
    const char *slash = strrchr(scope, '/');
    size_t length = slash ? (size_t)(slash - scope) : strlen(scope);
    size_t shown = strlen(audience);

    while (length > 0 && scope[length - 1] == '/')
        length--;
    while (shown > 0 && audience[shown - 1] == '/')
        shown--;
    return shown == length && strncmp(audience, scope, length) == 0;
}

/* Which audience ACS tokens have is UNVERIFIED: what is not known to be wrong is only mentioned. */
static int check_audience(const struct acsmtp_claims *claims, struct acsmtp_context *context,
                          const char *scope, int *hopeless, struct acsmtp_error *err)
{
    const char *audience = acsmtp_claims_string(claims, "aud");
    const char *service = audience ? wrong_service(audience) : NULL;

    if (audience && delivery_fits_audience(audience, scope))
        return ACSMTP_OK;
    if (service && is_acs_scope(context, scope)) {
        *hopeless = 1;
        return acsmtp_fail(err, ACSMTP_DENIED,
                           "the token is for %s (aud %s), the server would refuse it: it must be "
                           "asked for with scope %s",
                           service, audience, scope);
    }
    acsmtp_log(context, ACSMTP_LOG_WARNING, "the token's audience is '%s', asked was for '%s'",
               audience ? audience : "", scope);
    return ACSMTP_OK;
}

static int check_expiry(const struct acsmtp_claims *claims, struct acsmtp_error *err)
{
    int64_t now = (int64_t)time(NULL);
    int64_t expires_on = 0;

    if (!acsmtp_claims_integer(claims, "exp", &expires_on) || expires_on > now)
        return ACSMTP_OK;
    return acsmtp_fail(err, ACSMTP_DENIED, "the token expired %lld seconds ago by this clock",
                       (long long)(now - expires_on));
}

/* A tenant can be asked for by a domain, too; then there is nothing to compare. */
static int is_guid(const char *text)
{
    return strlen(text) == 36 && strspn(text, "0123456789abcdefABCDEF-") == 36;
}

static void compare_tenant(const struct acsmtp_claims *claims, struct acsmtp_context *context,
                           const char *tenant)
{
    const char *found = acsmtp_claims_string(claims, "tid");

    if (found && tenant && is_guid(tenant) && strcasecmp(found, tenant) != 0)
        acsmtp_log(context, ACSMTP_LOG_WARNING, "the token is of tenant %s, asked was for %s",
                   found, tenant);
}

int delivery_inspect(const struct acsmtp_credential *credential, struct acsmtp_context *context,
                     const struct acsmtp_credential_request *request, int *hopeless,
                     struct acsmtp_error *err)
{
    ACSMTP_AUTO_CLAIMS struct acsmtp_claims *claims = NULL;
    int status;

    *hopeless = 0;
    if (acsmtp_credential_kind(credential) != ACSMTP_CREDENTIAL_TOKEN)
        return ACSMTP_OK;
    claims = acsmtp_claims_parse(acsmtp_credential_secret(credential), NULL);
    if (!claims)
        return ACSMTP_OK;
    compare_tenant(claims, context, request->tenant);
    status = check_audience(claims, context, request->scope, hopeless, err);
    return status == ACSMTP_OK ? check_expiry(claims, err) : status;
}
