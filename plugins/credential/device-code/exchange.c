/* SPDX-License-Identifier: MIT */
#include "exchange.h"

#include <acsmtp/json.h>
#include <acsmtp/token.h>
#include <azure.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

int exchange_add(struct acsmtp_secret *form, const char *name, const char *value,
                 struct acsmtp_error *err)
{
    return acsmtp_http_form_add(form, name, value, strlen(value), err);
}

static int exchange_check(const struct entra_request *entra, struct acsmtp_error *err)
{
    char resource[AZURE_RESOURCE_MAX];
    int status = azure_resource(entra->scope, resource, sizeof resource, err);

    if (status == ACSMTP_OK)
        status = azure_check_tenant(entra->tenant, err);
    if (status == ACSMTP_OK && !azure_is_word(entra->client_id, ".-"))
        return acsmtp_fail(err, ACSMTP_CONFIG, "'%s' is not the id of an application",
                           entra->client_id);
    return status;
}

static const char *exchange_claims(const struct exchange *exchange)
{
    if (exchange->entra.claims)
        return exchange->entra.claims;
    return exchange->claims[0] ? exchange->claims : NULL;
}

static int exchange_fill(const struct exchange *exchange, int scope, struct acsmtp_secret *form,
                         struct acsmtp_error *err)
{
    const char *claims = exchange_claims(exchange);
    char wanted[AZURE_RESOURCE_MAX + 64];
    int status = exchange_add(form, "client_id", exchange->entra.client_id, err);

    (void)snprintf(wanted, sizeof wanted, "%s offline_access", exchange->entra.scope);
    if (status == ACSMTP_OK && scope)
        status = exchange_add(form, "scope", wanted, err);
    if (status == ACSMTP_OK && claims)
        status = exchange_add(form, "claims", claims, err);
    return status;
}

int exchange_form(const struct exchange *exchange, int scope, struct acsmtp_secret **form,
                  struct acsmtp_error *err)
{
    ACSMTP_AUTO_SECRET struct acsmtp_secret *made = NULL;
    int status = exchange_check(&exchange->entra, err);

    if (status != ACSMTP_OK)
        return status;
    made = acsmtp_secret_new("", 0, err);
    status = made ? exchange_fill(exchange, scope, made, err) : ACSMTP_SYSTEM;
    if (status == ACSMTP_OK)
        *form = ACSMTP_STEAL(struct acsmtp_secret, made);
    return status;
}

int exchange_url(const struct exchange *exchange, const char *word, char url[ENTRA_ENDPOINT_MAX],
                 struct acsmtp_error *err)
{
    int status = entra_endpoint(&exchange->entra, url, err);
    size_t size;

    if (status != ACSMTP_OK)
        return status;
    size = (size_t)(strrchr(url, '/') + 1 - url);
    if (size + strlen(word) >= ENTRA_ENDPOINT_MAX)
        return acsmtp_fail(err, ACSMTP_CONFIG, "authority_host and tenant are too long");
    memcpy(url + size, word, strlen(word) + 1);
    return ACSMTP_OK;
}

/* ---- answers ---- */

/* A challenge that is too long to be passed on is left out; Entra then asks for it again. */
static void exchange_keep_challenge(struct exchange *exchange, const struct acsmtp_secret *body)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *json =
        acsmtp_json_parse(acsmtp_secret_data(body), acsmtp_secret_size(body), NULL);
    const char *claims = acsmtp_json_string(json, "claims");

    if (claims && strlen(claims) < sizeof exchange->claims)
        (void)snprintf(exchange->claims, sizeof exchange->claims, "%s", claims);
}

static int exchange_refuse(struct exchange *exchange, const struct acsmtp_http_response *response,
                           const char *url, struct exchange_refusal *refusal,
                           struct acsmtp_error *err)
{
    struct azure_error said = {.kind = ""};

    (void)azure_error_read(acsmtp_http_body(response), &said);
    (void)snprintf(refusal->kind, sizeof refusal->kind, "%s", said.kind);
    (void)snprintf(refusal->code, sizeof refusal->code, "%s", said.code);
    exchange_keep_challenge(exchange, acsmtp_http_body(response));
    return entra_refusal(response, url, err);
}

static int exchange_read(const struct acsmtp_secret *body, int64_t requested_at,
                         struct acsmtp_credential *out, struct acsmtp_secret **refresh_token,
                         struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *json =
        acsmtp_json_parse(acsmtp_secret_data(body), acsmtp_secret_size(body), err);
    int status = json
                     ? acsmtp_token_parse(body, &acsmtp_token_format_oauth2, requested_at, out, err)
                     : err->status;

    if (status == ACSMTP_OK && acsmtp_json_string(json, "refresh_token"))
        *refresh_token = acsmtp_json_take_secret(json, "refresh_token", NULL);
    return status;
}

int exchange_redeem(struct exchange *exchange, const struct acsmtp_secret *form,
                    struct acsmtp_credential *out, struct acsmtp_secret **refresh_token,
                    struct exchange_refusal *refusal, struct acsmtp_error *err)
{
    ACSMTP_AUTO_HTTP struct acsmtp_http_response *response = NULL;
    int64_t requested_at = (int64_t)time(NULL);
    char url[ENTRA_ENDPOINT_MAX];
    int status = exchange_url(exchange, "token", url, err);

    *refusal = (struct exchange_refusal){.kind = ""};
    if (status == ACSMTP_OK)
        status = entra_send(exchange->context, url, form, &response, err);
    if (status != ACSMTP_OK)
        return status;
    if (acsmtp_http_status(response) != 200)
        return exchange_refuse(exchange, response, url, refusal, err);
    status = exchange_read(acsmtp_http_body(response), requested_at, out, refresh_token, err);
    acsmtp_error_prefix(err, "POST %s", url);
    return status;
}
