/* SPDX-License-Identifier: MIT */
/*
 * One name for the chain that a newcomer wants: whatever identity this machine has, in the order of
 * the Azure SDKs. AZURE_TOKEN_CREDENTIALS narrows it as it does theirs. The plugins behind it need
 * not be installed.
 */
#include <acsmtp/plugin.h>
#include <stddef.h>
#include <strings.h>

#define PRODUCTION "environment?,workload-identity?,managed-identity?,imds?"
#define DEVELOPMENT "azcli?,azure-powershell?,azd?"

static const struct acsmtp_option default_options[] = {
    {.name = "select",
     .type = ACSMTP_STRING,
     .environment = "AZURE_TOKEN_CREDENTIALS",
     .summary = "dev, prod, or the name that the SDKs give a credential (AzureCliCredential)."},
    {.name = "credentials",
     .type = ACSMTP_CHAIN,
     .default_value = PRODUCTION "," DEVELOPMENT,
     .summary = "All of them, in order."},
    {.name = "production",
     .type = ACSMTP_CHAIN,
     .default_value = PRODUCTION,
     .summary = "With select prod: what a deployed service has."},
    {.name = "development",
     .type = ACSMTP_CHAIN,
     .default_value = DEVELOPMENT,
     .summary = "With select dev: what a person at a desk has."},
    {.name = "environment",
     .type = ACSMTP_CHAIN,
     .default_value = "environment",
     .summary = "With select EnvironmentCredential."},
    {.name = "workload_identity",
     .type = ACSMTP_CHAIN,
     .default_value = "workload-identity",
     .summary = "With select WorkloadIdentityCredential."},
    {.name = "managed_identity",
     .type = ACSMTP_CHAIN,
     .default_value = "managed-identity?,imds?",
     .summary = "With select ManagedIdentityCredential."},
    {.name = "azure_cli",
     .type = ACSMTP_CHAIN,
     .default_value = "azcli",
     .summary = "With select AzureCliCredential."},
    {.name = "azure_powershell",
     .type = ACSMTP_CHAIN,
     .default_value = "azure-powershell",
     .summary = "With select AzurePowerShellCredential."},
    {.name = "azure_developer_cli",
     .type = ACSMTP_CHAIN,
     .default_value = "azd",
     .summary = "With select AzureDeveloperCliCredential."},
};

/* What AZURE_TOKEN_CREDENTIALS may say, and the option with the chain that it means. */
static const struct {
    const char *word, *option;
} default_words[] = {
    {"dev", "development"},
    {"prod", "production"},
    {"EnvironmentCredential", "environment"},
    {"WorkloadIdentityCredential", "workload_identity"},
    {"ManagedIdentityCredential", "managed_identity"},
    {"AzureCliCredential", "azure_cli"},
    {"AzurePowerShellCredential", "azure_powershell"},
    {"AzureDeveloperCliCredential", "azure_developer_cli"},
};

/* NULL for a word that means nothing. */
static const char *default_option(const struct acsmtp_settings *settings)
{
    const char *word = acsmtp_settings_string(settings, "select");

    if (!word)
        return "credentials";
    for (size_t i = 0; i < sizeof default_words / sizeof default_words[0]; i++)
        if (strcasecmp(word, default_words[i].word) == 0)
            return default_words[i].option;
    return NULL;
}

static int default_open(const struct acsmtp_settings *settings, void **instance,
                        struct acsmtp_error *err)
{
    *instance = (void *)settings;
    if (default_option(settings))
        return ACSMTP_OK;
    return acsmtp_fail(err, ACSMTP_CONFIG,
                       "AZURE_TOKEN_CREDENTIALS (option 'select') is '%s', but it must be dev, "
                       "prod, or the name of a credential such as ManagedIdentityCredential",
                       acsmtp_settings_string(settings, "select"));
}

static int default_acquire(void *instance, struct acsmtp_context *context,
                           const struct acsmtp_credential_request *request,
                           struct acsmtp_credential *out, struct acsmtp_error *err)
{
    return acsmtp_settings_credential(instance, context, default_option(instance), request, out,
                                      err);
}

static void default_report(void *instance, struct acsmtp_context *context,
                           const struct acsmtp_verdict *verdict)
{
    acsmtp_settings_report(instance, context, default_option(instance), verdict);
}

static int default_look(void *instance, struct acsmtp_context *context, const char **chain,
                        struct acsmtp_error *err)
{
    (void)context;
    (void)err;
    *chain = default_option(instance);
    return ACSMTP_OK;
}

static void default_close(void *instance)
{
    (void)instance;
}

static const struct acsmtp_credential_ops default_ops = {
    .size = sizeof default_ops,
    .open = default_open,
    .acquire = default_acquire,
    .report = default_report,
    .close = default_close,
    .look = default_look,
};

ACSMTP_PLUGIN(default) = {
    ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_CREDENTIAL),
    .threads = ACSMTP_THREADS_ANY,
    .name = "default",
    .version = "1.0",
    .summary = "Whatever identity this machine has: the chain of the Azure SDKs.",
    ACSMTP_PLUGIN_OPTIONS(default_options),
    .credential = &default_ops,
};
