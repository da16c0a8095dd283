/* SPDX-License-Identifier: MIT */
/*
 * A service principal's token from Microsoft Entra, with a certificate whose private key signs an
 * assertion. The file is read for each request, so a renewed certificate is seen.
 */
#include <acsmtp/certificate.h>
#include <acsmtp/plugin.h>
#include <entra_certificate.h>
#include <string.h>

static const char *const algorithms[] = {"auto", "PS256", "RS256", NULL};

static const struct acsmtp_option client_certificate_options[] = {
    ENTRA_OPTIONS,
    {.name = "certificate",
     .type = ACSMTP_STRING,
     .environment = "AZURE_CLIENT_CERTIFICATE_PATH",
     .summary = "PEM file with certificate and private key, or PKCS#12 file."},
    {.name = "passphrase",
     .type = ACSMTP_STRING,
     .flags = ACSMTP_SECRET,
     .environment = "AZURE_CLIENT_CERTIFICATE_PASSWORD",
     .summary = "What the private key is encrypted with."},
    {.name = "send_chain",
     .type = ACSMTP_BOOLEAN,
     .default_value = "false",
     .environment = "AZURE_CLIENT_SEND_CERTIFICATE_CHAIN",
     .summary = "Send the certificates along (x5c), for trust by subject name and issuer."},
    {.name = "algorithm",
     .type = ACSMTP_STRING,
     .default_value = "auto",
     .values = algorithms,
     .summary = "Signature: PS256, or RS256 for older authorities; auto: RS256 for tenant adfs."},
};

static int client_certificate_open(const struct acsmtp_settings *settings, void **instance,
                                   struct acsmtp_error *err)
{
    *instance = (void *)settings;
    return entra_check_configured(settings, "certificate", "AZURE_CLIENT_CERTIFICATE_PATH", err);
}

static int client_certificate_algorithm(const struct acsmtp_settings *settings)
{
    const char *name = acsmtp_settings_string(settings, "algorithm");

    if (strcmp(name, "PS256") == 0)
        return ACSMTP_JWT_PS256;
    return strcmp(name, "RS256") == 0 ? ACSMTP_JWT_RS256 : 0;
}

static int client_certificate_acquire(void *instance, struct acsmtp_context *context,
                                      const struct acsmtp_credential_request *request,
                                      struct acsmtp_credential *out, struct acsmtp_error *err)
{
    ACSMTP_AUTO_SECRET struct acsmtp_secret *passphrase = NULL;
    struct entra_certificate proof = {
        .path = acsmtp_settings_string(instance, "certificate"),
        .algorithm = client_certificate_algorithm(instance),
        .flags = acsmtp_settings_boolean(instance, "send_chain") ? ACSMTP_JWT_CHAIN : 0,
    };
    struct entra_request entra;
    int status = entra_describe(instance, context, request, &entra, err);

    if (status == ACSMTP_OK)
        status = acsmtp_settings_secret(instance, context, "passphrase", &passphrase, err);
    if (status != ACSMTP_OK)
        return status;
    proof.passphrase = passphrase;
    return entra_post_certificate(context, &entra, &proof, out, err);
}

static void client_certificate_close(void *instance)
{
    (void)instance;
}

static const struct acsmtp_credential_ops client_certificate_ops = {
    .size = sizeof client_certificate_ops,
    .open = client_certificate_open,
    .acquire = client_certificate_acquire,
    .close = client_certificate_close,
};

ACSMTP_PLUGIN(client_certificate) = {
    ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_CREDENTIAL),
    .threads = ACSMTP_THREADS_ANY,
    .name = "client-certificate",
    .version = "1.0",
    .summary = "A token of an Entra application (service principal) by its certificate.",
    ACSMTP_PLUGIN_OPTIONS(client_certificate_options),
    .credential = &client_certificate_ops,
};
