/* SPDX-License-Identifier: MIT */
/*
 * What the AZURE_* variables say, in the order in which the Azure SDKs read them: client secret,
 * certificate, user name and password. The last one is the resource owner password grant, which
 * Entra discourages and which no account with a second factor can use.
 */
#include <acsmtp/certificate.h>
#include <acsmtp/http.h>
#include <acsmtp/plugin.h>
#include <entra_certificate.h>
#include <string.h>
#include <strings.h>

static const struct acsmtp_option environment_options[] = {
    ENTRA_OPTIONS,
    {.name = "client_secret",
     .type = ACSMTP_STRING,
     .flags = ACSMTP_SECRET,
     .environment = "AZURE_CLIENT_SECRET",
     .summary = "First choice: a client secret of the application."},
    {.name = "certificate",
     .type = ACSMTP_STRING,
     .environment = "AZURE_CLIENT_CERTIFICATE_PATH",
     .summary = "Second choice: PEM file with certificate and private key, or PKCS#12 file."},
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
    {.name = "user",
     .type = ACSMTP_STRING,
     .environment = "AZURE_USERNAME",
     .summary = "Third choice: a user of the directory, who needs no second factor."},
    {.name = "password",
     .type = ACSMTP_STRING,
     .flags = ACSMTP_SECRET,
     .environment = "AZURE_PASSWORD",
     .summary = "The user's password."},
    {.name = "additionally_allowed_tenants",
     .type = ACSMTP_STRING,
     .environment = "AZURE_ADDITIONALLY_ALLOWED_TENANTS",
     .summary = "Other tenants that a server may ask for a token of: ids with ';' between, or *."},
};

/* The first option that is set says which of the three ways it is. */
static const char *environment_proof(const struct acsmtp_settings *settings)
{
    static const char *const proofs[] = {"client_secret", "certificate", "user"};

    for (size_t i = 0; i < sizeof proofs / sizeof proofs[0]; i++)
        if (acsmtp_settings_has(settings, proofs[i]))
            return proofs[i];
    return NULL;
}

static int environment_open(const struct acsmtp_settings *settings, void **instance,
                            struct acsmtp_error *err)
{
    const char *proof = environment_proof(settings);

    *instance = (void *)settings;
    if (!proof || !acsmtp_settings_has(settings, "client_id") ||
        !acsmtp_settings_has(settings, "tenant_id"))
        return acsmtp_fail(err, ACSMTP_UNAVAILABLE,
                           "not configured: AZURE_TENANT_ID, AZURE_CLIENT_ID and one of "
                           "AZURE_CLIENT_SECRET, AZURE_CLIENT_CERTIFICATE_PATH, AZURE_USERNAME "
                           "must be set");
    if (strcmp(proof, "user") == 0 && !acsmtp_settings_has(settings, "password"))
        return acsmtp_fail(err, ACSMTP_UNAVAILABLE,
                           "not configured: AZURE_USERNAME is set, but AZURE_PASSWORD is not");
    return ACSMTP_OK;
}

/* Add a SECRET option to a form. */
static int environment_add(const struct acsmtp_settings *settings, struct acsmtp_context *context,
                           struct acsmtp_secret *form, const char *option, struct acsmtp_error *err)
{
    ACSMTP_AUTO_SECRET struct acsmtp_secret *secret = NULL;
    int status = acsmtp_settings_secret(settings, context, option, &secret, err);

    return status == ACSMTP_OK ? acsmtp_http_form_add(form, option, acsmtp_secret_data(secret),
                                                      acsmtp_secret_size(secret), err)
                               : status;
}

static int environment_by_secret(const struct acsmtp_settings *settings,
                                 struct acsmtp_context *context, const struct entra_request *entra,
                                 struct acsmtp_credential *out, struct acsmtp_error *err)
{
    ACSMTP_AUTO_SECRET struct acsmtp_secret *form = NULL;
    int status = entra_form_new(entra, &form, err);

    if (status == ACSMTP_OK)
        status = environment_add(settings, context, form, "client_secret", err);
    return status == ACSMTP_OK ? entra_post(context, entra, form, out, err) : status;
}

static int environment_by_certificate(const struct acsmtp_settings *settings,
                                      struct acsmtp_context *context,
                                      const struct entra_request *entra,
                                      struct acsmtp_credential *out, struct acsmtp_error *err)
{
    ACSMTP_AUTO_SECRET struct acsmtp_secret *passphrase = NULL;
    struct entra_certificate proof = {
        .path = acsmtp_settings_string(settings, "certificate"),
        .flags = acsmtp_settings_boolean(settings, "send_chain") ? ACSMTP_JWT_CHAIN : 0,
    };
    int status = acsmtp_settings_secret(settings, context, "passphrase", &passphrase, err);

    proof.passphrase = passphrase;
    return status == ACSMTP_OK ? entra_post_certificate(context, entra, &proof, out, err) : status;
}

static int environment_by_password(const struct acsmtp_settings *settings,
                                   struct acsmtp_context *context,
                                   const struct entra_request *entra, struct acsmtp_credential *out,
                                   struct acsmtp_error *err)
{
    const char *user = acsmtp_settings_string(settings, "user");
    ACSMTP_AUTO_SECRET struct acsmtp_secret *form = NULL;
    int status = entra_form_of_grant(entra, "password", &form, err);

    if (status == ACSMTP_OK)
        status = acsmtp_http_form_add(form, "username", user, strlen(user), err);
    if (status == ACSMTP_OK)
        status = environment_add(settings, context, form, "password", err);
    return status == ACSMTP_OK ? entra_post(context, entra, form, out, err) : status;
}

static int environment_lists(const char *list, const char *tenant)
{
    size_t length = strlen(tenant);

    for (;; list++) {
        size_t size = strcspn(list, ";");

        if ((size == 1 && *list == '*') ||
            (size == length && strncasecmp(list, tenant, length) == 0))
            return 1;
        list += size;
        if (!*list)
            return 0;
    }
}

/*
 * A server's challenge may name another tenant than AZURE_TENANT_ID. The secret is shown there only
 * when somebody has said that it may be.
 */
static int environment_may_ask(const struct acsmtp_settings *settings, const char *tenant,
                               struct acsmtp_error *err)
{
    const char *own = acsmtp_settings_string(settings, "tenant_id");
    const char *others = acsmtp_settings_string(settings, "additionally_allowed_tenants");

    if (!tenant || strcasecmp(tenant, own) == 0 || (others && environment_lists(others, tenant)))
        return ACSMTP_OK;
    return acsmtp_fail(err, ACSMTP_CONFIG,
                       "a token of tenant %s is wanted, but the variables are for %s: name it in "
                       "AZURE_ADDITIONALLY_ALLOWED_TENANTS if that is right",
                       tenant, own);
}

static int environment_acquire(void *instance, struct acsmtp_context *context,
                               const struct acsmtp_credential_request *request,
                               struct acsmtp_credential *out, struct acsmtp_error *err)
{
    const char *proof = environment_proof(instance);
    struct entra_request entra;
    int status = environment_may_ask(instance, request->tenant, err);

    if (status == ACSMTP_OK)
        status = entra_describe(instance, context, request, &entra, err);
    if (status != ACSMTP_OK)
        return status;
    if (strcmp(proof, "client_secret") == 0)
        return environment_by_secret(instance, context, &entra, out, err);
    if (strcmp(proof, "certificate") == 0)
        return environment_by_certificate(instance, context, &entra, out, err);
    return environment_by_password(instance, context, &entra, out, err);
}

static void environment_close(void *instance)
{
    (void)instance;
}

static const struct acsmtp_credential_ops environment_ops = {
    .size = sizeof environment_ops,
    .open = environment_open,
    .acquire = environment_acquire,
    .close = environment_close,
};

ACSMTP_PLUGIN(environment) = {
    ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_CREDENTIAL),
    .threads = ACSMTP_THREADS_ANY,
    .name = "environment",
    .version = "1.0",
    .summary = "A token for what the AZURE_* variables say: secret, certificate or password.",
    ACSMTP_PLUGIN_OPTIONS(environment_options),
    .credential = &environment_ops,
};
