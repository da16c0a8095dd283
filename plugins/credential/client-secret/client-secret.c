/* SPDX-License-Identifier: MIT */
/*
 * A service principal's token from Microsoft Entra, with a client secret: the OAuth 2.0 client
 * credentials grant. The secret is read each time a token is asked for, so a rotated one is seen.
 */
#include <acsmtp/http.h>
#include <acsmtp/plugin.h>
#include <azure.h>
#include <entra.h>
#include <stdlib.h>
#include <string.h>

static const struct acsmtp_option client_secret_options[] = {
    {.name = "tenant_id",
     .type = ACSMTP_STRING,
     .environment = "AZURE_TENANT_ID",
     .summary = "Directory (tenant) of the application: its id or one of its domains."},
    {.name = "client_id",
     .type = ACSMTP_STRING,
     .environment = "AZURE_CLIENT_ID",
     .summary = "Application (client) id."},
    {.name = "client_secret",
     .type = ACSMTP_STRING,
     .flags = ACSMTP_SECRET,
     .environment = "AZURE_CLIENT_SECRET",
     .summary = "Value (not the id) of a client secret of the application."},
    {.name = "authority_host",
     .type = ACSMTP_STRING,
     .environment = "AZURE_AUTHORITY_HOST",
     .summary = "Where Entra is, an https URL; the cloud's unless given."},
};

/* Whether an option's value is a statement about this plugin, not just what the shell has. */
static int client_secret_is_from_config(const struct acsmtp_settings *settings, const char *name,
                                        const char *variable)
{
    const char *value = acsmtp_settings_string(settings, name);
    const char *environment = getenv(variable);

    return value && (!environment || strcmp(value, environment) != 0);
}

/*
 * Client id and secret make a configuration; the tenant may also come with the request. One of the
 * two alone is a mistake when somebody wrote it into the config, but AZURE_CLIENT_ID and
 * AZURE_TENANT_ID without a secret also stand in the environment of every AKS pod with a workload
 * identity: that means only that this source does not apply.
 */
static int client_secret_open(const struct acsmtp_settings *settings, void **instance,
                              struct acsmtp_error *err)
{
    int id = acsmtp_settings_has(settings, "client_id");
    int secret = acsmtp_settings_has(settings, "client_secret");
    const char *missing = !id && !secret ? "client_id and client_secret are"
                          : id           ? "client_secret is"
                                         : "client_id is";

    if (!id || !secret) {
        int written = client_secret_is_from_config(settings, "tenant_id", "AZURE_TENANT_ID") ||
                      client_secret_is_from_config(settings, "client_id", "AZURE_CLIENT_ID") ||
                      (secret && !getenv("AZURE_CLIENT_SECRET"));

        return acsmtp_fail(err, written ? ACSMTP_CONFIG : ACSMTP_UNAVAILABLE,
                           "not configured: %s set neither here nor by AZURE_CLIENT_ID and "
                           "AZURE_CLIENT_SECRET",
                           missing);
    }
    *instance = (void *)settings;
    return ACSMTP_OK;
}

static int client_secret_describe(const struct acsmtp_settings *settings,
                                  const struct acsmtp_context *context,
                                  const struct acsmtp_credential_request *request,
                                  struct entra_request *entra, struct acsmtp_error *err)
{
    const char *authority = acsmtp_settings_string(settings, "authority_host");
    const char *tenant = request->tenant;

    if (!authority)
        authority = acsmtp_context_endpoint(context, "authority_host");
    if (!tenant)
        tenant = acsmtp_settings_string(settings, "tenant_id");
    if (!tenant)
        tenant = acsmtp_context_endpoint(context, "tenant_id");
    if (!tenant)
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "not configured: tenant_id is set neither here nor by AZURE_TENANT_ID");
    if (!authority)
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "the cloud does not say where Entra is: set authority_host");
    *entra = (struct entra_request){
        .authority = authority,
        .tenant = tenant,
        .client_id = acsmtp_settings_string(settings, "client_id"),
        .scope = request->scope,
        .claims = request->claims,
    };
    return ACSMTP_OK;
}

static int client_secret_acquire(void *instance, struct acsmtp_context *context,
                                 const struct acsmtp_credential_request *request,
                                 struct acsmtp_credential *out, struct acsmtp_error *err)
{
    ACSMTP_AUTO_SECRET struct acsmtp_secret *form = NULL;
    ACSMTP_AUTO_SECRET struct acsmtp_secret *secret = NULL;
    struct entra_request entra;
    int status = client_secret_describe(instance, context, request, &entra, err);

    if (status == ACSMTP_OK)
        status = entra_form_new(&entra, &form, err);
    if (status == ACSMTP_OK)
        status = acsmtp_settings_secret(instance, context, "client_secret", &secret, err);
    if (status == ACSMTP_OK)
        status = acsmtp_http_form_add(form, "client_secret", acsmtp_secret_data(secret),
                                      acsmtp_secret_size(secret), err);
    if (status == ACSMTP_OK)
        status = entra_post(context, &entra, form, out, err);
    return status;
}

static void client_secret_close(void *instance)
{
    (void)instance;
}

static const struct acsmtp_credential_ops client_secret_ops = {
    .size = sizeof client_secret_ops,
    .open = client_secret_open,
    .acquire = client_secret_acquire,
    .close = client_secret_close,
};

ACSMTP_PLUGIN(client_secret) = {
    ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_CREDENTIAL),
    .threads = ACSMTP_THREADS_ANY,
    .name = "client-secret",
    .version = "1.0",
    .summary = "A token of an Entra application (service principal) by its client secret.",
    ACSMTP_PLUGIN_OPTIONS(client_secret_options),
    .credential = &client_secret_ops,
};
