/* SPDX-License-Identifier: MIT */
/* A token of whoever is logged in to Azure PowerShell (Connect-AzAccount). */
#include "script.h"

#include <acsmtp/plugin.h>
#include <azure.h>
#include <login.h>
#include <stdio.h>
#include <string.h>

#define POWERSHELL_TOOL .name = "PowerShell", .help = "https://aka.ms/powershell"

#define AZURE_POWERSHELL_SAID_MAX 400

static const struct acsmtp_option azure_powershell_options[] = {
    {.name = "path",
     .type = ACSMTP_STRING,
     .default_value = "pwsh",
     .summary = "PowerShell 7: an absolute path, or a name that is looked for in PATH."},
    {.name = "tenant", .type = ACSMTP_STRING, .summary = "Tenant to ask, id or domain."},
    {.name = "timeout",
     .type = ACSMTP_DURATION,
     .default_value = "30s",
     .summary = "How long PowerShell may take.",
     .minimum = 1000,
     .maximum = 600000},
};

static void azure_powershell_find_line(const char *errors, char *said)
{
    errors += strspn(errors, "\n");
    (void)snprintf(said, AZURE_POWERSHELL_SAID_MAX, "%.*s", (int)strcspn(errors, "\n"), errors);
}

static int azure_powershell_explain(const struct acsmtp_process_result *result,
                                    struct acsmtp_error *err)
{
    char said[AZURE_POWERSHELL_SAID_MAX];

    azure_powershell_find_line(result->errors, said);
    acsmtp_error_server(err, 0, NULL, said);
    if (strstr(result->errors, SCRIPT_NO_MODULE))
        return acsmtp_fail(err, ACSMTP_UNAVAILABLE,
                           "PowerShell is there, but its module Az.Accounts (2.2.0 or later) is "
                           "not: run 'Install-Module Az.Accounts'");
    if (result->exit_status == 127)
        return acsmtp_fail(err, ACSMTP_UNAVAILABLE, "PowerShell cannot be started: %s", said);
    if (strstr(result->errors, "Connect-AzAccount"))
        return acsmtp_fail(err, ACSMTP_UNAVAILABLE,
                           "not logged in to Azure PowerShell: run 'Connect-AzAccount' (%s)", said);
    if (strstr(result->errors, "AADSTS"))
        return acsmtp_fail(err, ACSMTP_DENIED, "Entra refused Azure PowerShell: %s", said);
    return acsmtp_fail(err, ACSMTP_PROTOCOL, "Azure PowerShell failed (exit status %d): %s",
                       (int)result->exit_status, said[0] ? said : "without a word");
}

static int azure_powershell_run(const struct acsmtp_settings *settings,
                                struct acsmtp_context *context, const char *resource,
                                const char *tenant, struct acsmtp_process_result *result,
                                struct acsmtp_error *err)
{
    static const char *const names[] = {"AZURE_CONFIG_DIR", "PSModulePath", NULL};
    static const char *const extra[] = {"NO_COLOR=1", "POWERSHELL_TELEMETRY_OPTOUT=1",
                                        "POWERSHELL_UPDATECHECK=Off", NULL};
    static const struct tool pwsh = {POWERSHELL_TOOL, .environment = names, .extra = extra};
    ACSMTP_AUTO_SECRET struct acsmtp_secret *script = script_encode(resource, tenant, err);
    const char *argv[8] = {
        NULL, "-NoProfile", "-NonInteractive", "-OutputFormat", "Text", "-EncodedCommand",
        NULL, NULL};

    if (!script)
        return ACSMTP_SYSTEM;
    argv[6] = acsmtp_secret_data(script);
    return tool_run(&pwsh, settings, context, argv, result, err);
}

static int azure_powershell_ask(const struct acsmtp_settings *settings,
                                struct acsmtp_context *context,
                                const struct acsmtp_credential_request *request, const char *tenant,
                                struct acsmtp_process_result *result, struct acsmtp_error *err)
{
    char resource[AZURE_RESOURCE_MAX];
    int status = azure_resource(request->scope, resource, sizeof resource, err);

    if (status == ACSMTP_OK && request->claims)
        status = acsmtp_fail(err, ACSMTP_UNAVAILABLE,
                             "Azure PowerShell cannot answer a claims challenge: run "
                             "'Connect-AzAccount'");
    return status == ACSMTP_OK
               ? azure_powershell_run(settings, context, resource, tenant, result, err)
               : status;
}

static int azure_powershell_acquire(void *instance, struct acsmtp_context *context,
                                    const struct acsmtp_credential_request *request,
                                    struct acsmtp_credential *out, struct acsmtp_error *err)
{
    static const struct login login = {
        .reply = "Azure PowerShell's reply",
        .format = {.size = sizeof login.format, .token = "token", .expires_on = "expires_on"},
        .ask = azure_powershell_ask,
        .explain = azure_powershell_explain,
    };

    return login_acquire(&login, instance, context, request, out, err);
}

static int azure_powershell_look(void *instance, struct acsmtp_context *context, const char **chain,
                                 struct acsmtp_error *err)
{
    static const struct tool pwsh = {POWERSHELL_TOOL};

    (void)context;
    (void)chain;
    return tool_look(&pwsh, instance, err);
}

static void azure_powershell_close(void *instance)
{
    (void)instance;
}

static const struct acsmtp_credential_ops azure_powershell_ops = {
    .size = sizeof azure_powershell_ops,
    .open = login_open,
    .acquire = azure_powershell_acquire,
    .close = azure_powershell_close,
    .look = azure_powershell_look,
};

ACSMTP_PLUGIN(azure_powershell) = {
    ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_CREDENTIAL),
    .threads = ACSMTP_THREADS_ONE,
    .name = "azure-powershell",
    .version = "1.0",
    .summary = "A token of whoever is logged in to Azure PowerShell.",
    ACSMTP_PLUGIN_OPTIONS(azure_powershell_options),
    .credential = &azure_powershell_ops,
};
