/* SPDX-License-Identifier: MIT */
/*
 * A token of whoever is logged in to the Azure CLI (`az login`): a person at a desk, a pipeline's
 * service connection. Runs the CLI without a shell and reads what it prints.
 */
#include "failure.h"

#include <acsmtp/json.h>
#include <acsmtp/plugin.h>
#include <acsmtp/process.h>
#include <acsmtp/token.h>
#include <azure.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <tool.h>

#define AZCLI_TOOL .name = "the Azure CLI", .help = "https://aka.ms/azure-cli"

#define AZCLI_GUID_SIZE 36
#define AZCLI_FOLDER_MAX 3072

/* The first run after an installation compiles the whole CLI: 13 s were measured. */
static const struct acsmtp_option azcli_options[] = {
    {.name = "path",
     .type = ACSMTP_STRING,
     .default_value = "az",
     .summary = "The Azure CLI: an absolute path, or a name that is looked for in PATH."},
    {.name = "tenant",
     .type = ACSMTP_STRING,
     .summary = "Tenant to ask, id or domain; excludes subscription."},
    {.name = "subscription",
     .type = ACSMTP_STRING,
     .summary = "Name or id of the subscription whose login is used; excludes tenant."},
    {.name = "config_dir",
     .type = ACSMTP_STRING,
     .environment = "AZURE_CONFIG_DIR",
     .summary = "Folder that holds the login; ~/.azure unless given."},
    {.name = "timeout",
     .type = ACSMTP_DURATION,
     .default_value = "30s",
     .summary = "How long the Azure CLI may take.",
     .minimum = 1000,
     .maximum = 600000},
};

static int azcli_open(const struct acsmtp_settings *settings, void **instance,
                      struct acsmtp_error *err)
{
    const char *tenant = acsmtp_settings_string(settings, "tenant");
    const char *subscription = acsmtp_settings_string(settings, "subscription");
    const char *folder = acsmtp_settings_string(settings, "config_dir");
    int status = tenant ? azure_check_tenant(tenant, err) : ACSMTP_OK;

    if (status != ACSMTP_OK)
        return status;
    if (folder && (folder[0] != '/' || strlen(folder) > AZCLI_FOLDER_MAX))
        return acsmtp_fail(err, ACSMTP_CONFIG, "config_dir '%s' is not an absolute path", folder);
    if (tenant && subscription)
        return acsmtp_fail(err, ACSMTP_CONFIG, "tenant and subscription exclude one another");
    if (subscription && !azure_is_word(subscription, "._ -"))
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "subscription '%s' holds other characters than letters, digits, blanks "
                           "and . _ -",
                           subscription);
    *instance = (void *)settings;
    return ACSMTP_OK;
}

/* The request's tenant (a vault's, the command line's) comes before the option's. */
static const char *azcli_tenant(const struct acsmtp_settings *settings,
                                const struct acsmtp_credential_request *request)
{
    if (acsmtp_settings_has(settings, "subscription"))
        return NULL;
    return request->tenant ? request->tenant : acsmtp_settings_string(settings, "tenant");
}

/* Dates without a zone that it prints are local time, so it gets UTC. */
static int azcli_ask(const struct acsmtp_settings *settings, struct acsmtp_context *context,
                     const char *resource, const char *tenant, struct acsmtp_process_result *result,
                     struct acsmtp_error *err)
{
    static const char *const names[] = {"AZURE_CORE_*", "AZURE_EXTENSION_DIR", "AZURE_CLOUD_NAME",
                                        "ACC_CLOUD",    "MSI_ENDPOINT",        NULL};
    const char *subscription = acsmtp_settings_string(settings, "subscription");
    const char *folder = acsmtp_settings_string(settings, "config_dir");
    char assignment[AZCLI_FOLDER_MAX + 32];
    const char *const extra[] = {"TZ=UTC", folder ? assignment : NULL, NULL};
    const struct tool az = {AZCLI_TOOL, .environment = names, .extra = extra};
    const char *argv[16] = {NULL,         "account", "get-access-token", "--output", "json",
                            "--resource", resource};

    (void)snprintf(assignment, sizeof assignment, "AZURE_CONFIG_DIR=%s", folder ? folder : "");
    if (tenant || subscription) {
        argv[7] = tenant ? "--tenant" : "--subscription";
        argv[8] = tenant ? tenant : subscription;
    }
    return tool_run(&az, settings, context, argv, result, err);
}

/* `expires_on` is sure where there is one, next the token's own "exp"; the naive date comes last.
 */
static int azcli_read(const struct acsmtp_secret *output, struct acsmtp_credential *out,
                      struct acsmtp_error *err)
{
    static const struct acsmtp_token_format sure = {
        .size = sizeof sure, .token = "accessToken", .expires_on = "expires_on"};
    static const struct acsmtp_token_format naive = {
        .size = sizeof naive, .token = "accessToken", .expires_on = "expiresOn"};
    int64_t now = (int64_t)time(NULL);
    int status = acsmtp_token_parse(output, &sure, now, out, NULL);

    if (status != ACSMTP_OK)
        status = acsmtp_token_parse(output, &naive, now, out, err);
    return status;
}

/* A subscription decides the tenant; when a vault asks for another one, its token is of no use. */
static int azcli_check_tenant(const struct acsmtp_secret *output, const char *wanted,
                              const char *subscription, struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *json =
        acsmtp_json_parse(acsmtp_secret_data(output), acsmtp_secret_size(output), NULL);
    const char *got = acsmtp_json_string(json, "tenant");

    if (!wanted || !subscription || !got || strlen(got) != AZCLI_GUID_SIZE ||
        strlen(wanted) != AZCLI_GUID_SIZE || strcasecmp(got, wanted) == 0)
        return ACSMTP_OK;
    return acsmtp_fail(err, ACSMTP_CONFIG,
                       "subscription '%s' belongs to tenant %s, but a token of tenant %s is needed",
                       subscription, got, wanted);
}

/* Another login, another account: a token from the cache is then of somebody else. */
static int azcli_depend(const struct acsmtp_settings *settings, struct acsmtp_credential *out,
                        struct acsmtp_error *err)
{
    static const char *const files[] = {"azureProfile.json", "msal_token_cache.json"};
    const char *folder = acsmtp_settings_string(settings, "config_dir");
    const char *home = getenv("HOME");
    int status = ACSMTP_OK;

    for (size_t i = 0; status == ACSMTP_OK && i < sizeof files / sizeof files[0]; i++) {
        char path[AZCLI_FOLDER_MAX + 64];
        int length = folder
                         ? snprintf(path, sizeof path, "%s/%s", folder, files[i])
                         : snprintf(path, sizeof path, "%s/.azure/%s", home ? home : "", files[i]);

        if (path[0] == '/' && length > 0 && (size_t)length < sizeof path)
            status = acsmtp_credential_depends_on(out, path, err);
    }
    return status;
}

static int azcli_acquire(void *instance, struct acsmtp_context *context,
                         const struct acsmtp_credential_request *request,
                         struct acsmtp_credential *out, struct acsmtp_error *err)
{
    const struct acsmtp_settings *settings = instance;
    struct acsmtp_process_result result = {.size = sizeof result};
    const char *tenant = azcli_tenant(settings, request);
    char resource[AZURE_RESOURCE_MAX];
    int status = azure_resource(request->scope, resource, sizeof resource, err);

    if (status == ACSMTP_OK && tenant)
        status = azure_check_tenant(tenant, err);
    if (status == ACSMTP_OK && request->claims)
        status = acsmtp_fail(err, ACSMTP_UNAVAILABLE,
                             "the Azure CLI cannot answer a claims challenge: run 'az login'");
    if (status == ACSMTP_OK)
        status = azcli_ask(settings, context, resource, tenant, &result, err);
    if (status == ACSMTP_OK && result.exit_status != 0)
        status = azcli_explain(&result, err);
    if (status == ACSMTP_OK)
        status = azcli_check_tenant(result.output, request->tenant,
                                    acsmtp_settings_string(settings, "subscription"), err);
    if (status == ACSMTP_OK) {
        status = azcli_read(result.output, out, err);
        acsmtp_error_prefix(err, "the Azure CLI's reply");
    }
    if (status == ACSMTP_OK)
        status = azcli_depend(settings, out, err);
    acsmtp_process_result_release(&result);
    return status;
}

static int azcli_look(void *instance, struct acsmtp_context *context, const char **chain,
                      struct acsmtp_error *err)
{
    static const struct tool az = {AZCLI_TOOL};

    (void)context;
    (void)chain;
    return tool_look(&az, instance, err);
}

static void azcli_close(void *instance)
{
    (void)instance;
}

static const struct acsmtp_credential_ops azcli_ops = {
    .size = sizeof azcli_ops,
    .open = azcli_open,
    .acquire = azcli_acquire,
    .close = azcli_close,
    .look = azcli_look,
};

/* One at a time: two runs at once would both write the CLI's token file. */
ACSMTP_PLUGIN(azcli) = {
    ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_CREDENTIAL),
    .threads = ACSMTP_THREADS_ONE,
    .name = "azcli",
    .version = "1.0",
    .summary = "A token of whoever is logged in to the Azure CLI.",
    ACSMTP_PLUGIN_OPTIONS(azcli_options),
    .credential = &azcli_ops,
};
