/* SPDX-License-Identifier: MIT */
/*
 * A service principal's token from Microsoft Entra, with a client secret: the OAuth 2.0 client
 * credentials grant. The secret is read each time a token is asked for, so a rotated one is seen.
 */
#include <acsmtp/http.h>
#include <acsmtp/plugin.h>
#include <entra.h>

static const struct acsmtp_option client_secret_options[] = {
    ENTRA_OPTIONS,
    {.name = "client_secret",
     .type = ACSMTP_STRING,
     .flags = ACSMTP_SECRET,
     .environment = "AZURE_CLIENT_SECRET",
     .summary = "Value (not the id) of a client secret of the application."},
};

static int client_secret_open(const struct acsmtp_settings *settings, void **instance,
                              struct acsmtp_error *err)
{
    *instance = (void *)settings;
    return entra_check_configured(settings, "client_secret", "AZURE_CLIENT_SECRET", err);
}

static int client_secret_acquire(void *instance, struct acsmtp_context *context,
                                 const struct acsmtp_credential_request *request,
                                 struct acsmtp_credential *out, struct acsmtp_error *err)
{
    ACSMTP_AUTO_SECRET struct acsmtp_secret *form = NULL;
    ACSMTP_AUTO_SECRET struct acsmtp_secret *secret = NULL;
    struct entra_request entra;
    int status = entra_describe(instance, context, request, &entra, err);

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
