/* SPDX-License-Identifier: MIT */
/*
 * A service principal's token from Microsoft Entra for an assertion that somebody else signs: a
 * file, a command's output, or the identity token of a build service (workload identity
 * federation). The assertion is obtained anew for each request.
 */
#include "issuer.h"

#include <acsmtp/plugin.h>
#include <entra.h>
#include <entra_file.h>
#include <string.h>

static const char *const issuers[] = {"github", "azure-pipelines", NULL};

static const struct acsmtp_option client_assertion_options[] = {
    ENTRA_OPTIONS,
    {.name = "assertion",
     .type = ACSMTP_STRING,
     .flags = ACSMTP_SECRET,
     .summary = "The assertion, a JWT: from a file or a command."},
    {.name = "issuer",
     .type = ACSMTP_STRING,
     .values = issuers,
     .summary = "Build service that issues it, in the place of assertion."},
    {.name = "audience",
     .type = ACSMTP_STRING,
     .default_value = "api://AzureADTokenExchange",
     .summary = "Audience that GitHub is asked for."},
    {.name = "github_request_url",
     .type = ACSMTP_STRING,
     .environment = "ACTIONS_ID_TOKEN_REQUEST_URL",
     .summary = "Where a job of GitHub Actions asks."},
    {.name = "github_request_token",
     .type = ACSMTP_STRING,
     .flags = ACSMTP_SECRET,
     .environment = "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
     .summary = "The job's right to ask GitHub."},
    {.name = "pipelines_request_url",
     .type = ACSMTP_STRING,
     .environment = "SYSTEM_OIDCREQUESTURI",
     .summary = "Where a job of Azure Pipelines asks."},
    {.name = "pipelines_token",
     .type = ACSMTP_STRING,
     .flags = ACSMTP_SECRET,
     .environment = "SYSTEM_ACCESSTOKEN",
     .summary = "The job's right to ask Azure Pipelines."},
    {.name = "service_connection_id",
     .type = ACSMTP_STRING,
     .environment = "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID",
     .summary = "Service connection of Azure Pipelines that the token is for, a GUID."},
};

static int client_assertion_open(const struct acsmtp_settings *settings, void **instance,
                                 struct acsmtp_error *err)
{
    int has_assertion = acsmtp_settings_has(settings, "assertion");

    *instance = (void *)settings;
    if (has_assertion && acsmtp_settings_has(settings, "issuer"))
        return acsmtp_fail(err, ACSMTP_CONFIG, "assertion and issuer exclude each other");
    if (!has_assertion && !acsmtp_settings_has(settings, "issuer"))
        return acsmtp_fail(err, ACSMTP_UNAVAILABLE,
                           "not configured: neither assertion nor issuer is set");
    return ACSMTP_OK;
}

static int client_assertion_obtain(const struct acsmtp_settings *settings,
                                   struct acsmtp_context *context, struct acsmtp_secret **assertion,
                                   struct acsmtp_error *err)
{
    const char *issuer = acsmtp_settings_string(settings, "issuer");

    if (!issuer)
        return acsmtp_settings_secret(settings, context, "assertion", assertion, err);
    if (strcmp(issuer, "github") == 0)
        return issuer_github(settings, context, assertion, err);
    return issuer_azure_pipelines(settings, context, assertion, err);
}

static int client_assertion_acquire(void *instance, struct acsmtp_context *context,
                                    const struct acsmtp_credential_request *request,
                                    struct acsmtp_credential *out, struct acsmtp_error *err)
{
    ACSMTP_AUTO_SECRET struct acsmtp_secret *assertion = NULL;
    struct entra_request entra;
    int status = entra_describe(instance, context, request, &entra, err);

    if (status == ACSMTP_OK)
        status = client_assertion_obtain(instance, context, &assertion, err);
    if (status != ACSMTP_OK)
        return status;
    entra_file_trim(assertion);
    return entra_post_assertion(context, &entra, assertion, out, err);
}

static void client_assertion_close(void *instance)
{
    (void)instance;
}

static const struct acsmtp_credential_ops client_assertion_ops = {
    .size = sizeof client_assertion_ops,
    .open = client_assertion_open,
    .acquire = client_assertion_acquire,
    .close = client_assertion_close,
};

ACSMTP_PLUGIN(client_assertion) = {
    ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_CREDENTIAL),
    .threads = ACSMTP_THREADS_ANY,
    .name = "client-assertion",
    .version = "1.0",
    .summary = "A token for an assertion of somebody else: a file, a command, a build service.",
    ACSMTP_PLUGIN_OPTIONS(client_assertion_options),
    .credential = &client_assertion_ops,
};
