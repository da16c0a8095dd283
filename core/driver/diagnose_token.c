/* SPDX-License-Identifier: MIT */
/* What a token says of itself, unverified: for whom, until when, of whom. */
#include "delivery_private.h"
#include "diagnose_private.h"
#include <acsmtp/token.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { SHORT_SECONDS = 300 };

static void look_at_audience(const struct diagnosis *diagnosis,
                             const struct acsmtp_credential *credential,
                             const struct acsmtp_claims *claims)
{
    const char *audience = acsmtp_claims_string(claims, "aud");
    struct acsmtp_finding finding = {
        .check = "token-audience", .subject = audience, .elapsed_ms = -1};
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    int hopeless = 0;

    if (delivery_inspect(credential, diagnosis->context, diagnosis->request, &hopeless, &err) !=
            ACSMTP_OK &&
        hopeless) {
        acsmtp_tell_error(diagnosis->sink, "token-audience", audience, &err);
        return;
    }
    /* Which audience ACS tokens have is UNVERIFIED: another one need not be wrong. */
    if (!audience || !delivery_fits_audience(audience, diagnosis->request->scope))
        finding.grade = ACSMTP_GRADE_WARNING;
    acsmtp_tell(diagnosis->sink, &finding, "asked for with scope %s", diagnosis->request->scope);
}

static void look_at_expiry(const struct diagnosis *diagnosis,
                           const struct acsmtp_credential *credential)
{
    int64_t left = acsmtp_credential_expires_on(credential) - (int64_t)time(NULL);
    struct acsmtp_finding finding = {.check = "token-expiry", .elapsed_ms = -1};
    struct acsmtp_error err = ACSMTP_ERROR_INIT;

    if (acsmtp_credential_expires_on(credential) == 0) {
        finding.grade = ACSMTP_GRADE_UNKNOWN;
        acsmtp_tell(diagnosis->sink, &finding, "its source does not tell how long it is valid");
    } else if (left <= 0) {
        (void)acsmtp_fail(&err, ACSMTP_DENIED, "the token expired %lld seconds ago by this clock",
                          (long long)-left);
        acsmtp_tell_error(diagnosis->sink, "token-expiry", NULL, &err);
    } else {
        finding.grade = left < SHORT_SECONDS ? ACSMTP_GRADE_WARNING : ACSMTP_GRADE_GOOD;
        acsmtp_tell(diagnosis->sink, &finding, "valid for %lld minutes", (long long)(left / 60));
    }
}

static void keep(char *field, size_t capacity, const char *value)
{
    (void)snprintf(field, capacity, "%s", value ? value : "");
}

static void look_at_identity(const struct diagnosis *diagnosis, const struct acsmtp_claims *claims,
                             struct diagnose_identity *identity)
{
    const char *wanted = diagnosis->request->tenant;
    const char *tenant = acsmtp_claims_string(claims, "tid");
    const char *application = acsmtp_claims_string(claims, "appid");
    const char *object = acsmtp_claims_string(claims, "oid");
    struct acsmtp_finding finding = {.check = "token-identity", .elapsed_ms = -1};

    if (!application) /* of the second version's tokens */
        application = acsmtp_claims_string(claims, "azp");
    keep(identity->client_id, sizeof identity->client_id, application);
    keep(identity->object_id, sizeof identity->object_id, object);
    /* A tenant can be asked for by a domain, too; then there is nothing to compare. */
    if (wanted && tenant && strlen(wanted) == strlen(tenant) && strcasecmp(wanted, tenant) != 0) {
        finding.grade = ACSMTP_GRADE_WARNING;
        finding.hint = "The token is of another tenant than was asked for: check tenant_id.";
    }
    acsmtp_tell(diagnosis->sink, &finding, "application %s, object %s, tenant %s",
                application ? application : "?", object ? object : "?", tenant ? tenant : "?");
}

void diagnose_token(const struct diagnosis *diagnosis, const struct acsmtp_credential *credential,
                    struct diagnose_identity *identity)
{
    const struct acsmtp_finding opaque = {
        .grade = ACSMTP_GRADE_UNKNOWN, .check = "token-audience", .elapsed_ms = -1};
    ACSMTP_AUTO_CLAIMS struct acsmtp_claims *claims = NULL;

    if (acsmtp_credential_kind(credential) != ACSMTP_CREDENTIAL_TOKEN)
        return;
    claims = acsmtp_claims_parse(acsmtp_credential_secret(credential), NULL);
    if (claims) {
        look_at_audience(diagnosis, credential, claims);
        look_at_identity(diagnosis, claims, identity);
    } else {
        acsmtp_tell(diagnosis->sink, &opaque, "the token is opaque: it tells nothing of itself");
    }
    look_at_expiry(diagnosis, credential);
}
