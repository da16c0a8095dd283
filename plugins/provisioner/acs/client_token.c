/* SPDX-License-Identifier: MIT */
/*
 * One token per audience. The chain of the settings keeps and renews tokens by itself; what is kept
 * here is which token each audience wants, and how often one was refused, so that of many threads
 * that meet the same refusal only the first asks for a fresh one.
 */
#include "client_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define TOKEN_VALIDITY 60 /* seconds; one exchange with its retries */

/* ---- audiences ---- */

struct audience *client_audience(struct client *client, enum client_service service,
                                 const char *host, struct acsmtp_error *err)
{
    struct audience *audience;

    (void)pthread_mutex_lock(&client->lock);
    for (audience = client->audiences; audience; audience = audience->next) {
        if (audience->service == service && strcasecmp(audience->host, host) == 0)
            break;
    }
    if (!audience) {
        audience = calloc(1, sizeof *audience);
        if (audience) {
            audience->service = service;
            (void)snprintf(audience->host, sizeof audience->host, "%s", host);
            (void)pthread_mutex_init(&audience->lock, NULL);
            audience->next = client->audiences;
            client->audiences = audience;
        }
    }
    (void)pthread_mutex_unlock(&client->lock);
    if (!audience)
        (void)acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    return audience;
}

void client_audiences_free(struct client *client)
{
    while (client->audiences) {
        struct audience *audience = client->audiences;

        client->audiences = audience->next;
        (void)pthread_mutex_destroy(&audience->lock);
        free(audience);
    }
}

/* ---- what they want ---- */

static int want_endpoint(const struct acsmtp_context *context, struct audience *audience,
                         struct acsmtp_error *err)
{
    const char *name = audience->service == CLIENT_ARM ? "resource_manager" : "graph";
    const char *base = acsmtp_context_endpoint(context, name);
    char *scope = audience->wanted.scope;

    if (!base)
        return acsmtp_fail(err, ACSMTP_CONFIG, "the cloud does not say where that is (%s)", name);
    if (snprintf(scope, sizeof audience->wanted.scope, "%s/.default", base) >=
        (int)sizeof audience->wanted.scope)
        return acsmtp_fail(err, ACSMTP_CONFIG, "%s of the cloud is too long", name);
    return ACSMTP_OK;
}

/*
 * A vault that is asked without a token names the tenant it belongs to. Nothing of the request that
 * comes next is shown to it before that.
 */
static int want_challenge(struct acsmtp_context *context, struct audience *audience,
                          const char *url, struct acsmtp_error *err)
{
    const struct client_request request = {.service = CLIENT_VAULT, .method = "GET", .target = url};
    ACSMTP_AUTO_HTTP struct acsmtp_http_response *response = NULL;
    CLIENT_AUTO_REPLY struct client_reply reply = {0};
    int status = client_exchange(context, &request, url, NULL, &response, err);

    if (status != ACSMTP_OK)
        return status;
    if (acsmtp_http_status(response) == 401)
        return azure_challenge_read(response, audience->host, &audience->wanted, err);
    if (acsmtp_http_status(response) < 400)
        return acsmtp_fail(err, ACSMTP_PROTOCOL,
                           "'%s' answers without asking for a token: this is not a vault",
                           audience->host);
    status = client_reply_read(response, &reply, err);
    return status == ACSMTP_OK ? client_fail(&reply, audience->host, err) : status;
}

static int find_out(struct acsmtp_context *context, struct audience *audience, const char *url,
                    struct acsmtp_error *err)
{
    int status;

    if (audience->is_known)
        return ACSMTP_OK;
    status = audience->service == CLIENT_VAULT ? want_challenge(context, audience, url, err)
                                               : want_endpoint(context, audience, err);
    audience->is_known = status == ACSMTP_OK;
    return status;
}

/* ---- asking ---- */

static int ask(struct client *client, struct acsmtp_context *context,
               const struct audience *audience, int is_refused, struct client_token *token,
               struct acsmtp_error *err)
{
    const struct azure_challenge *wanted = &audience->wanted;
    const struct acsmtp_credential_request request = {
        .size = sizeof request,
        .flags = is_refused ? ACSMTP_REQUEST_REFRESH : 0,
        .scope = wanted->scope,
        .tenant = wanted->tenant[0] ? wanted->tenant : NULL,
        .claims = wanted->claims[0] ? wanted->claims : NULL,
        .min_validity = TOKEN_VALIDITY,
    };
    int status;

    acsmtp_credential_free(token->credential);
    token->credential = acsmtp_credential_new(err);
    if (!token->credential)
        return ACSMTP_SYSTEM;
    token->generation = audience->generation;
    status = acsmtp_settings_credential(client->settings, context, "credentials", &request,
                                        token->credential, err);
    if (status == ACSMTP_OK && acsmtp_credential_kind(token->credential) != ACSMTP_CREDENTIAL_TOKEN)
        status = acsmtp_fail(err, ACSMTP_CONFIG,
                             "the credentials for %s gave no token but a password", wanted->scope);
    return status;
}

int client_token_get(struct client *client, struct acsmtp_context *context,
                     struct audience *audience, const char *url, struct client_token *token,
                     struct acsmtp_error *err)
{
    int status;

    (void)pthread_mutex_lock(&audience->lock);
    status = find_out(context, audience, url, err);
    if (status == ACSMTP_OK)
        status = ask(client, context, audience, 0, token, err);
    (void)pthread_mutex_unlock(&audience->lock);
    return status;
}

int client_token_renew(struct client *client, struct acsmtp_context *context,
                       struct audience *audience, const struct acsmtp_http_response *refusal,
                       struct client_token *token, struct acsmtp_error *err)
{
    struct azure_challenge newer;
    int is_first;
    int status;

    (void)pthread_mutex_lock(&audience->lock);
    is_first = token->generation == audience->generation;
    /* The refusal may name claims that the next token must satisfy (continuous access evaluation).
     */
    if (is_first && audience->service == CLIENT_VAULT &&
        azure_challenge_read(refusal, audience->host, &newer, NULL) == ACSMTP_OK)
        audience->wanted = newer;
    if (is_first)
        audience->generation++;
    status = ask(client, context, audience, is_first, token, err);
    (void)pthread_mutex_unlock(&audience->lock);
    return status;
}

void client_token_release(struct client_token *token)
{
    acsmtp_credential_free(token->credential);
    token->credential = NULL;
}
