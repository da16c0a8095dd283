/* SPDX-License-Identifier: MIT */
/*
 * Workload identity: a token of Microsoft Entra for a token that the platform (AKS, any OIDC
 * issuer) puts into a file. The file is read for each request, since platforms replace it long
 * before it expires.
 */
#include <acsmtp/plugin.h>
#include <entra.h>
#include <entra_file.h>

static const struct acsmtp_option workload_identity_options[] = {
    ENTRA_OPTIONS,
    {.name = "token_file",
     .type = ACSMTP_STRING,
     .environment = "AZURE_FEDERATED_TOKEN_FILE",
     .summary = "File that holds the federated token, a JWT."},
};

static int workload_identity_open(const struct acsmtp_settings *settings, void **instance,
                                  struct acsmtp_error *err)
{
    *instance = (void *)settings;
    return entra_check_configured(settings, "token_file", "AZURE_FEDERATED_TOKEN_FILE", err);
}

static int workload_identity_acquire(void *instance, struct acsmtp_context *context,
                                     const struct acsmtp_credential_request *request,
                                     struct acsmtp_credential *out, struct acsmtp_error *err)
{
    const char *path = acsmtp_settings_string(instance, "token_file");
    ACSMTP_AUTO_SECRET struct acsmtp_secret *assertion = NULL;
    struct entra_request entra;
    int status = entra_describe(instance, context, request, &entra, err);

    if (status == ACSMTP_OK)
        status = entra_file_read(path, ENTRA_FILE_SHARED, &assertion, err);
    if (status != ACSMTP_OK)
        return status;
    entra_file_trim(assertion);
    status = entra_post_assertion(context, &entra, assertion, out, err);
    acsmtp_error_prefix(err, "federated token in %s", path);
    return status;
}

static void workload_identity_close(void *instance)
{
    (void)instance;
}

static const struct acsmtp_credential_ops workload_identity_ops = {
    .size = sizeof workload_identity_ops,
    .open = workload_identity_open,
    .acquire = workload_identity_acquire,
    .close = workload_identity_close,
};

ACSMTP_PLUGIN(workload_identity) = {
    ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_CREDENTIAL),
    .threads = ACSMTP_THREADS_ANY,
    .name = "workload-identity",
    .version = "1.0",
    .summary = "A token for a federated token in a file: AKS workload identity.",
    ACSMTP_PLUGIN_OPTIONS(workload_identity_options),
    .credential = &workload_identity_ops,
};
