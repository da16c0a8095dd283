/* SPDX-License-Identifier: MIT */
/*
 * A user name and a password whose password is a secret in Azure Key Vault. The vault wants a token
 * first; which one it says itself (a 401 with a challenge), and a chain of credentials of this
 * plugin's own gets it.
 */
#include "identifier.h"
#include "reply.h"

#include <acsmtp/http.h>
#include <acsmtp/plugin.h>
#include <challenge.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The one in the REST reference of Get Secret; newer ones (7.5, 7.6, 2025-07-01) add nothing to it.
 */
#define KEYVAULT_API_VERSION "7.4"
#define KEYVAULT_TOKEN_VALIDITY 60

static const struct acsmtp_option keyvault_options[] = {
    {.name = "vault",
     .type = ACSMTP_STRING,
     .summary = "Name of the vault, its host name, or its https address."},
    {.name = "secret",
     .type = ACSMTP_STRING,
     .summary = "Name of the secret, or all of secret_url."},
    {.name = "version",
     .type = ACSMTP_STRING,
     .summary = "Version of the secret, 32 hex digits; the current one unless given."},
    {.name = "secret_url",
     .type = ACSMTP_STRING,
     .summary = "Identifier of the secret, https://VAULT/secrets/NAME[/VERSION], in the place of "
                "vault, secret and version."},
    {.name = "username",
     .type = ACSMTP_STRING,
     .summary = "SMTP user name that goes with the password; the profile's unless given."},
    {.name = "credentials",
     .type = ACSMTP_CHAIN,
     .flags = ACSMTP_REQUIRED,
     .summary = "Sources of the token that opens the vault, in order."},
};

struct keyvault {
    const struct acsmtp_settings *settings;
    struct keyvault_identifier identifier;
};

static int keyvault_read_settings(const struct acsmtp_settings *settings,
                                  struct keyvault_identifier *identifier, struct acsmtp_error *err)
{
    const char *url = acsmtp_settings_string(settings, "secret_url");
    const char *vault = acsmtp_settings_string(settings, "vault");
    const char *secret = acsmtp_settings_string(settings, "secret");
    const char *version = acsmtp_settings_string(settings, "version");

    if (!url && secret && strncasecmp(secret, "https://", 8) == 0) {
        url = secret;
        secret = NULL;
    }
    if (url && (vault || secret || version))
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "the address of a secret excludes vault, secret and version");
    if (url)
        return keyvault_identifier_read_url(identifier, url, err);
    if (!vault || !secret)
        return acsmtp_fail(err, ACSMTP_CONFIG, "set vault and secret, or secret_url");
    return keyvault_identifier_read(identifier, vault, secret, version, err);
}

static int keyvault_open(const struct acsmtp_settings *settings, void **instance,
                         struct acsmtp_error *err)
{
    struct keyvault *keyvault = calloc(1, sizeof *keyvault);
    int status;

    if (!keyvault)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    keyvault->settings = settings;
    status = keyvault_read_settings(settings, &keyvault->identifier, err);
    if (status == ACSMTP_OK)
        *instance = keyvault;
    else
        free(keyvault);
    return status;
}

static int keyvault_host(const struct keyvault *keyvault, const struct acsmtp_context *context,
                         char *host, size_t capacity, struct acsmtp_error *err)
{
    const char *domain = acsmtp_context_endpoint(context, "key_vault_domain");

    if (!domain)
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "the cloud does not say where its vaults are (key_vault_domain)");
    return keyvault_identifier_host(&keyvault->identifier, domain, host, capacity, err);
}

/* `token` NULL: only to be told whose token is wanted. */
static int keyvault_get(struct acsmtp_context *context, const char *url,
                        const struct acsmtp_secret *token, struct acsmtp_http_response **response,
                        struct acsmtp_error *err)
{
    static const char *const headers[] = {"Accept: application/json", NULL};
    struct acsmtp_error failure = ACSMTP_ERROR_INIT;
    struct acsmtp_http_request get = {
        .size = sizeof get,
        .method = "GET",
        .url = url,
        .headers = headers,
        .bearer = token,
        .timeout_ms = -1,
        .connect_timeout_ms = -1,
    };
    int status = acsmtp_http_send(context, &get, response, &failure);

    if (status == ACSMTP_OK)
        return ACSMTP_OK;
    acsmtp_error_server(err, failure.server_code, failure.code, NULL);
    if (strcmp(failure.code, "dns") == 0)
        return acsmtp_fail(err, status,
                           "the vault has no address: deleted, misspelled, or no "
                           "network: %s",
                           failure.message);
    return acsmtp_fail(err, status, "%s", failure.message);
}

/* Ask without a token; anything but a challenge is an answer already, mostly a refusal. */
static int keyvault_challenge(const struct keyvault *keyvault, struct acsmtp_context *context,
                              const char *url, const char *host, struct azure_challenge *challenge,
                              struct acsmtp_error *err)
{
    ACSMTP_AUTO_HTTP struct acsmtp_http_response *response = NULL;
    int status = keyvault_get(context, url, NULL, &response, err);

    if (status != ACSMTP_OK)
        return status;
    if (acsmtp_http_status(response) == 401)
        return azure_challenge_read(response, host, challenge, err);
    if (acsmtp_http_status(response) == 200)
        return acsmtp_fail(err, ACSMTP_PROTOCOL,
                           "'%s' answers without asking for a token: this is not a vault", host);
    return keyvault_reply_refuse(response, &keyvault->identifier, err);
}

/* Ask with a token of the nested chain, and tell the chain what became of it. */
static int keyvault_ask(const struct keyvault *keyvault, struct acsmtp_context *context,
                        const char *url, const struct azure_challenge *challenge, int again,
                        struct acsmtp_http_response **response, struct acsmtp_error *err)
{
    const struct acsmtp_credential_request request = {
        .size = sizeof request,
        .flags = again ? ACSMTP_REQUEST_REFRESH : 0,
        .scope = challenge->scope,
        .tenant = challenge->tenant,
        .claims = challenge->claims[0] ? challenge->claims : NULL,
        .min_validity = KEYVAULT_TOKEN_VALIDITY,
    };
    struct acsmtp_verdict verdict = {.size = sizeof verdict};
    struct acsmtp_credential *token = acsmtp_credential_new(err);
    int status = token ? acsmtp_settings_credential(keyvault->settings, context, "credentials",
                                                    &request, token, err)
                       : ACSMTP_SYSTEM;

    if (status == ACSMTP_OK && acsmtp_credential_kind(token) != ACSMTP_CREDENTIAL_TOKEN)
        status = acsmtp_fail(err, ACSMTP_CONFIG,
                             "the credentials of the vault gave no token but a password");
    if (status == ACSMTP_OK)
        status = keyvault_get(context, url, acsmtp_credential_secret(token), response, err);
    if (status == ACSMTP_OK) {
        verdict.server_code = acsmtp_http_status(*response);
        verdict.status = verdict.server_code == 401 ? ACSMTP_DENIED : ACSMTP_OK;
        verdict.credential = token;
        acsmtp_settings_report(keyvault->settings, context, "credentials", &verdict);
    }
    acsmtp_credential_free(token);
    return status;
}

/*
 * A token that was refused is asked for once more, fresh, and with the claims that the refusal may
 * name (continuous access evaluation).
 */
static int keyvault_fetch(const struct keyvault *keyvault, struct acsmtp_context *context,
                          const char *url, const char *host, struct acsmtp_http_response **response,
                          struct acsmtp_error *err)
{
    struct azure_challenge challenge = {.tenant = ""};
    struct azure_challenge newer;
    int status = keyvault_challenge(keyvault, context, url, host, &challenge, err);

    if (status == ACSMTP_OK)
        status = keyvault_ask(keyvault, context, url, &challenge, 0, response, err);
    if (status != ACSMTP_OK || acsmtp_http_status(*response) != 401)
        return status;
    acsmtp_log(context, ACSMTP_LOG_INFO, "keyvault-basic: the vault refused the token; once more");
    if (azure_challenge_read(*response, host, &newer, NULL) == ACSMTP_OK)
        challenge = newer;
    acsmtp_http_response_free(ACSMTP_STEAL(struct acsmtp_http_response, *response));
    return keyvault_ask(keyvault, context, url, &challenge, 1, response, err);
}

static int keyvault_acquire(void *instance, struct acsmtp_context *context,
                            const struct acsmtp_credential_request *request,
                            struct acsmtp_credential *out, struct acsmtp_error *err)
{
    const struct keyvault *keyvault = instance;
    const struct keyvault_identifier *identifier = &keyvault->identifier;
    ACSMTP_AUTO_HTTP struct acsmtp_http_response *response = NULL;
    struct acsmtp_secret *value = NULL;
    char host[512];
    char url[1024];
    int status = keyvault_host(keyvault, context, host, sizeof host, err);

    (void)request;
    if (status != ACSMTP_OK)
        return status;
    (void)snprintf(url, sizeof url, "https://%s/secrets/%s%s%s?api-version=" KEYVAULT_API_VERSION,
                   host, identifier->secret, identifier->version[0] ? "/" : "",
                   identifier->version);
    status = keyvault_fetch(keyvault, context, url, host, &response, err);
    if (status == ACSMTP_OK && acsmtp_http_status(response) != 200)
        status = keyvault_reply_refuse(response, identifier, err);
    if (status == ACSMTP_OK)
        status = keyvault_reply_secret(context, response, &value, err);
    if (status != ACSMTP_OK)
        return status;
    return acsmtp_credential_set_password(
        out, acsmtp_settings_string(keyvault->settings, "username"), value, err);
}

static void keyvault_close(void *instance)
{
    free(instance);
}

static const struct acsmtp_credential_ops keyvault_ops = {
    .size = sizeof keyvault_ops,
    .open = keyvault_open,
    .acquire = keyvault_acquire,
    .close = keyvault_close,
};

ACSMTP_PLUGIN(keyvault_basic) = {
    ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_CREDENTIAL),
    .threads = ACSMTP_THREADS_INSTANCE,
    .name = "keyvault-basic",
    .version = "1.0",
    .summary = "A user name and a password that is a secret in Azure Key Vault.",
    ACSMTP_PLUGIN_OPTIONS(keyvault_options),
    .credential = &keyvault_ops,
};
