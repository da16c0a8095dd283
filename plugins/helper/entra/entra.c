/* SPDX-License-Identifier: MIT */
/* The client credentials grant at Microsoft Entra; see entra.h. */
#include "entra.h"

#include <acsmtp/http.h>
#include <acsmtp/token.h>
#include <azure.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int add(struct acsmtp_secret *form, const char *name, const char *value,
               struct acsmtp_error *err)
{
    return value ? acsmtp_http_form_add(form, name, value, strlen(value), err) : ACSMTP_OK;
}

/* Whether an option's value is a statement about this plugin, not just what the shell has. */
static int is_from_config(const struct acsmtp_settings *settings, const char *name,
                          const char *variable)
{
    const char *value = acsmtp_settings_string(settings, name);
    const char *environment = getenv(variable);

    return value && (!environment || strcmp(value, environment) != 0);
}

int entra_check_configured(const struct acsmtp_settings *settings, const char *proof,
                           const char *variable, struct acsmtp_error *err)
{
    int has_id = acsmtp_settings_has(settings, "client_id");
    int has_proof = acsmtp_settings_has(settings, proof);
    int is_written = is_from_config(settings, "tenant_id", "AZURE_TENANT_ID") ||
                     is_from_config(settings, "client_id", "AZURE_CLIENT_ID") ||
                     (has_proof && !getenv(variable));

    if (has_id && has_proof)
        return ACSMTP_OK;
    return acsmtp_fail(err, is_written ? ACSMTP_CONFIG : ACSMTP_UNAVAILABLE,
                       "not configured: %s%s%s %s set neither here nor by AZURE_CLIENT_ID and %s",
                       has_id ? "" : "client_id", has_id || has_proof ? "" : " and ",
                       has_proof ? "" : proof, has_id || has_proof ? "is" : "are", variable);
}

int entra_describe(const struct acsmtp_settings *settings, const struct acsmtp_context *context,
                   const struct acsmtp_credential_request *request, struct entra_request *entra,
                   struct acsmtp_error *err)
{
    const char *authority = acsmtp_settings_string(settings, "authority_host");
    const char *client_id = acsmtp_settings_string(settings, "client_id");
    const char *tenant = request->tenant;

    if (!authority)
        authority = acsmtp_context_endpoint(context, "authority_host");
    if (!tenant)
        tenant = acsmtp_settings_string(settings, "tenant_id");
    if (!tenant)
        tenant = acsmtp_context_endpoint(context, "tenant_id");
    if (!tenant || !client_id)
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "not configured: %s is set neither here nor by AZURE_%s",
                           tenant ? "client_id" : "tenant_id", tenant ? "CLIENT_ID" : "TENANT_ID");
    if (!authority)
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "the cloud does not say where Entra is: set authority_host");
    *entra = (struct entra_request){
        .authority = authority,
        .tenant = tenant,
        .client_id = client_id,
        .scope = request->scope,
        .claims = request->claims,
    };
    return ACSMTP_OK;
}

static int check(const struct entra_request *request, struct acsmtp_error *err)
{
    char resource[AZURE_RESOURCE_MAX];
    int status = azure_resource(request->scope, resource, sizeof resource, err);

    if (status == ACSMTP_OK)
        status = azure_check_tenant(request->tenant, err);
    if (status != ACSMTP_OK)
        return status;
    if (strcmp(resource, request->scope) == 0)
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "scope '%s' must end in /.default: an application asks for all that "
                           "it was granted",
                           request->scope);
    if (!azure_is_word(request->client_id, ".-"))
        return acsmtp_fail(err, ACSMTP_CONFIG, "'%s' is not the id of an application",
                           request->client_id);
    return ACSMTP_OK;
}

int entra_form_of_grant(const struct entra_request *request, const char *grant,
                        struct acsmtp_secret **form, struct acsmtp_error *err)
{
    int status = check(request, err);

    if (status != ACSMTP_OK)
        return status;
    *form = acsmtp_secret_new("", 0, err);
    if (!*form)
        return ACSMTP_SYSTEM;
    status = add(*form, "grant_type", grant, err);
    if (status == ACSMTP_OK)
        status = add(*form, "client_id", request->client_id, err);
    if (status == ACSMTP_OK)
        status = add(*form, "scope", request->scope, err);
    if (status == ACSMTP_OK)
        status = add(*form, "claims", request->claims, err);
    return status;
}

int entra_form_new(const struct entra_request *request, struct acsmtp_secret **form,
                   struct acsmtp_error *err)
{
    return entra_form_of_grant(request, "client_credentials", form, err);
}

/* What changes the outcome is "error"; the numbers only explain (Entra may change them). */
static int classify(int http_status, const struct azure_error *said)
{
    static const char *const settings[] = {"invalid_request", "invalid_scope", "invalid_resource",
                                           "invalid_target", "unsupported_grant_type"};
    static const char *const transient[] = {"AADSTS90055", "AADSTS90024", "AADSTS90006",
                                            "AADSTS90033", "AADSTS90012", "AADSTS50033"};

    if (azure_is_temporary(http_status) || strcmp(said->kind, "temporarily_unavailable") == 0 ||
        strcmp(said->kind, "server_error") == 0)
        return ACSMTP_TEMPORARY;
    for (size_t i = 0; i < sizeof transient / sizeof transient[0]; i++) {
        if (strcmp(said->code, transient[i]) == 0)
            return ACSMTP_TEMPORARY;
    }
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        if (strcmp(said->kind, settings[i]) == 0)
            return ACSMTP_CONFIG;
    }
    return said->kind[0] ? ACSMTP_DENIED : ACSMTP_PROTOCOL;
}

int entra_refusal(const struct acsmtp_http_response *response, const char *url,
                  struct acsmtp_error *err)
{
    struct azure_error said;

    if (!azure_error_read(acsmtp_http_body(response), &said))
        (void)snprintf(said.text, sizeof said.text,
                       "not a reply of Entra's; is there a proxy in between?");
    return azure_fail(err, classify(acsmtp_http_status(response), &said), response, &said,
                      "POST %s", url);
}

int entra_endpoint(const struct entra_request *request, char url[ENTRA_ENDPOINT_MAX],
                   struct acsmtp_error *err)
{
    size_t size = strlen(request->authority);
    int adfs = strcmp(request->tenant, "adfs") == 0;
    int length;

    if (strncmp(request->authority, "https://", 8) != 0)
        return acsmtp_fail(err, ACSMTP_CONFIG, "authority_host '%s' does not begin with https://",
                           request->authority);
    while (request->authority[size - 1] == '/')
        size--;
    length = snprintf(url, ENTRA_ENDPOINT_MAX, "%.*s/%s/%s", (int)size, request->authority,
                      request->tenant, adfs ? "oauth2/token" : "oauth2/v2.0/token");
    if (length < 0 || (size_t)length >= ENTRA_ENDPOINT_MAX)
        return acsmtp_fail(err, ACSMTP_CONFIG, "authority_host and tenant are too long");
    return ACSMTP_OK;
}

int entra_send(struct acsmtp_context *context, const char *url, const struct acsmtp_secret *form,
               struct acsmtp_http_response **response, struct acsmtp_error *err)
{
    static const char *const headers[] = {"Accept: application/json", NULL};
    struct acsmtp_http_request post = {
        .size = sizeof post,
        .method = "POST",
        .url = url,
        .headers = headers,
        .content_type = "application/x-www-form-urlencoded",
        .body = form,
        .timeout_ms = -1,
        .connect_timeout_ms = -1,
    };

    return acsmtp_http_send(context, &post, response, err);
}

int entra_post(struct acsmtp_context *context, const struct entra_request *request,
               const struct acsmtp_secret *form, struct acsmtp_credential *out,
               struct acsmtp_error *err)
{
    ACSMTP_AUTO_HTTP struct acsmtp_http_response *response = NULL;
    int64_t requested_at = (int64_t)time(NULL);
    char url[ENTRA_ENDPOINT_MAX];
    int status = entra_endpoint(request, url, err);

    if (status == ACSMTP_OK)
        status = entra_send(context, url, form, &response, err);
    if (status != ACSMTP_OK)
        return status;
    if (acsmtp_http_status(response) != 200)
        return entra_refusal(response, url, err);
    status = acsmtp_token_parse(acsmtp_http_body(response), &acsmtp_token_format_oauth2,
                                requested_at, out, err);
    acsmtp_error_prefix(err, "POST %s", url);
    return status;
}

/* A JWT by its shape; whose it is and what it says is for Entra to judge. */
static int check_assertion(const struct acsmtp_secret *assertion, struct acsmtp_error *err)
{
    const char *text = acsmtp_secret_data(assertion);
    size_t size = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");
    const char *first = strchr(text, '.'), *last = strrchr(text, '.');

    if (size == 0 || size != acsmtp_secret_size(assertion) || !first || first == last ||
        memchr(first + 1, '.', (size_t)(last - first - 1)))
        return acsmtp_fail(err, ACSMTP_PROTOCOL,
                           "the assertion is not a JWT (three words with dots between them)");
    return ACSMTP_OK;
}

int entra_post_assertion(struct acsmtp_context *context, const struct entra_request *request,
                         const struct acsmtp_secret *assertion, struct acsmtp_credential *out,
                         struct acsmtp_error *err)
{
    static const char type[] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    ACSMTP_AUTO_SECRET struct acsmtp_secret *form = NULL;
    int status = check_assertion(assertion, err);

    if (status == ACSMTP_OK)
        status = entra_form_new(request, &form, err);
    if (status == ACSMTP_OK)
        status = add(form, "client_assertion_type", type, err);
    if (status == ACSMTP_OK)
        status = acsmtp_http_form_add(form, "client_assertion", acsmtp_secret_data(assertion),
                                      acsmtp_secret_size(assertion), err);
    return status == ACSMTP_OK ? entra_post(context, request, form, out, err) : status;
}
