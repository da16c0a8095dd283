/* SPDX-License-Identifier: MIT */
/* The client as callers see it: one request, one resource, one change, who is asking. */
#include "client_private.h"

#include <acsmtp/token.h>
#include <azure.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

int client_new(const struct acsmtp_settings *settings, struct client **client,
               struct acsmtp_error *err)
{
    struct client *made = calloc(1, sizeof *made);

    if (!made)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    made->settings = settings;
    atomic_init(&made->is_read_only, 0);
    (void)pthread_mutex_init(&made->lock, NULL);
    *client = made;
    return ACSMTP_OK;
}

void client_free(struct client *client)
{
    if (!client)
        return;
    client_audiences_free(client);
    (void)pthread_mutex_destroy(&client->lock);
    free(client);
}

void client_set_read_only(struct client *client, int read_only)
{
    atomic_store(&client->is_read_only, read_only != 0);
}

/* ---- one request ---- */

static int check_read_only(struct client *client, const struct client_request *request,
                           struct acsmtp_error *err)
{
    if (!atomic_load(&client->is_read_only) || strcmp(request->method, "GET") == 0 ||
        strcmp(request->method, "HEAD") == 0)
        return ACSMTP_OK;
    return acsmtp_fail(err, ACSMTP_SYSTEM, "a change was about to be sent while only reading");
}

/* A token that was refused is asked for once more, fresh. */
static int exchange_twice(struct client *client, struct acsmtp_context *context,
                          const struct client_request *request, struct audience *audience,
                          const char *url, struct acsmtp_http_response **response,
                          struct acsmtp_error *err)
{
    CLIENT_AUTO_TOKEN struct client_token token = {.credential = NULL};
    ACSMTP_AUTO_HTTP struct acsmtp_http_response *refusal = NULL;
    int status = client_token_get(client, context, audience, url, &token, err);

    if (status == ACSMTP_OK)
        status = client_exchange(context, request, url, &token, response, err);
    if (status != ACSMTP_OK || acsmtp_http_status(*response) != 401)
        return status;
    acsmtp_log(context, ACSMTP_LOG_INFO, "acs: the token was refused; once more with a fresh one");
    refusal = ACSMTP_STEAL(struct acsmtp_http_response, *response);
    status = client_token_renew(client, context, audience, refusal, &token, err);
    return status == ACSMTP_OK ? client_exchange(context, request, url, &token, response, err)
                               : status;
}

/* With what Azure finds the exchange by, should its support ask. */
static void log_exchange(const struct acsmtp_context *context, const char *what,
                         const struct acsmtp_http_response *response)
{
    const char *id = acsmtp_http_header(response, "x-ms-correlation-request-id", 0);

    if (!id)
        id = acsmtp_http_header(response, "request-id", 0);
    if (!id)
        id = acsmtp_http_header(response, "x-ms-request-id", 0);
    acsmtp_log(context, ACSMTP_LOG_DEBUG, "acs: %s: %d%s%.80s", what, acsmtp_http_status(response),
               id ? ", request id " : "", id ? id : "");
}

static int is_failure(const struct client_reply *reply)
{
    return reply->status == 401 || reply->status == 403 || azure_is_temporary(reply->status) ||
           reply->status < 200 || (reply->status >= 300 && reply->status < 400) ||
           (reply->status < 300 && reply->is_foreign);
}

static int send_request(struct client *client, struct acsmtp_context *context,
                        const struct client_request *request,
                        struct acsmtp_http_response **response, struct acsmtp_error *err)
{
    char host[CLIENT_HOST_MAX];
    struct audience *audience;
    char *url = NULL;
    int status = check_read_only(client, request, err);

    if (status == ACSMTP_OK)
        status = client_url(context, request, &url, host, err);
    if (status != ACSMTP_OK)
        return status;
    audience = client_audience(client, request->service, host, err);
    status = audience ? exchange_twice(client, context, request, audience, url, response, err)
                      : ACSMTP_SYSTEM;
    free(url);
    return status;
}

int client_send(struct client *client, struct acsmtp_context *context,
                const struct client_request *request, struct client_reply *reply,
                struct acsmtp_error *err)
{
    ACSMTP_AUTO_HTTP struct acsmtp_http_response *response = NULL;
    char what[CLIENT_WHAT_MAX];
    int status;

    *reply = (struct client_reply){.retry_after = -1};
    client_what(request, what);
    status = send_request(client, context, request, &response, err);
    if (status == ACSMTP_OK) {
        log_exchange(context, what, response);
        status = client_reply_read(response, reply, err);
    }
    if (status != ACSMTP_OK) {
        acsmtp_error_prefix(err, "%s", what);
        return status;
    }
    return is_failure(reply) ? client_fail(reply, what, err) : ACSMTP_OK;
}

/* ---- one resource ---- */

/* A 404 of the resource, not of what it stands in: a wrong subscription has nothing in it. */
static int is_absent(const struct client_reply *reply)
{
    static const char *const others[] = {"SubscriptionNotFound", "InvalidSubscriptionId",
                                         "InvalidResourceType", "NoRegisteredProviderFound",
                                         "Directory_ObjectNotFound"};
    struct client_failure failure;

    if (reply->status != 404 || reply->is_foreign)
        return 0;
    (void)client_failure_read(reply->json, &failure);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (strcasecmp(failure.code, others[i]) == 0)
            return 0;
    }
    return 1;
}

int client_get(struct client *client, struct acsmtp_context *context, enum client_service service,
               const char *target, struct acsmtp_json **json, struct acsmtp_error *err)
{
    const struct client_request request = {.service = service, .method = "GET", .target = target};
    CLIENT_AUTO_REPLY struct client_reply reply = {.retry_after = -1};
    char what[CLIENT_WHAT_MAX];
    int status = client_send(client, context, &request, &reply, err);

    *json = NULL;
    if (status != ACSMTP_OK || is_absent(&reply))
        return status;
    client_what(&request, what);
    if (reply.status >= 400)
        return client_fail(&reply, what, err);
    *json = ACSMTP_STEAL(struct acsmtp_json, reply.json);
    if (!*json)
        return acsmtp_fail(err, ACSMTP_PROTOCOL, "%s: HTTP %d without a body", what, reply.status);
    return ACSMTP_OK;
}

/* ---- one change ---- */

int client_change(struct client *client, struct acsmtp_context *context,
                  const struct client_change *change, struct acsmtp_json **json,
                  struct acsmtp_error *err)
{
    CLIENT_AUTO_REPLY struct client_reply reply = {.retry_after = -1};
    char what[CLIENT_WHAT_MAX];
    int status = client_send(client, context, &change->request, &reply, err);

    *json = NULL;
    if (status != ACSMTP_OK)
        return status;
    client_what(&change->request, what);
    if (reply.status == 404 && strcmp(change->request.method, "DELETE") == 0 && !reply.is_foreign)
        return ACSMTP_OK;
    if (reply.status >= 400)
        return client_fail(&reply, what, err);
    status = client_operation_follow(client, context, change, &reply, err);
    if (status == ACSMTP_OK)
        *json = ACSMTP_STEAL(struct acsmtp_json, reply.json);
    return status;
}

/* ---- who is asking ---- */

static int copy_claim(const struct acsmtp_claims *claims, const char *name, char *out,
                      size_t capacity)
{
    const char *value = acsmtp_claims_string(claims, name);

    return value && azure_is_word(value, ".-") &&
           snprintf(out, capacity, "%s", value) < (int)capacity;
}

/*
 * "idtyp" is an optional claim; where it is missing, only a token that a person stands behind has
 * scopes ("scp").
 */
static int read_caller(const struct acsmtp_claims *claims, struct client_caller *caller)
{
    const char *type = acsmtp_claims_string(claims, "idtyp");
    int is_user = type ? strcasecmp(type, "app") != 0 : acsmtp_claims_string(claims, "scp") != NULL;

    (void)snprintf(caller->type, sizeof caller->type, "%s", is_user ? "User" : "ServicePrincipal");
    if (!copy_claim(claims, "appid", caller->application_id, sizeof caller->application_id) &&
        !copy_claim(claims, "azp", caller->application_id, sizeof caller->application_id))
        caller->application_id[0] = '\0';
    return copy_claim(claims, "oid", caller->object_id, sizeof caller->object_id) &&
           copy_claim(claims, "tid", caller->tenant_id, sizeof caller->tenant_id);
}

int client_caller(struct client *client, struct acsmtp_context *context,
                  struct client_caller *caller, struct acsmtp_error *err)
{
    CLIENT_AUTO_TOKEN struct client_token token = {.credential = NULL};
    ACSMTP_AUTO_CLAIMS struct acsmtp_claims *claims = NULL;
    struct audience *audience = client_audience(client, CLIENT_ARM, "", err);
    int status =
        audience ? client_token_get(client, context, audience, NULL, &token, err) : ACSMTP_SYSTEM;

    *caller = (struct client_caller){.object_id = ""};
    if (status != ACSMTP_OK)
        return status;
    claims = acsmtp_claims_parse(acsmtp_credential_secret(token.credential), NULL);
    if (claims && read_caller(claims, caller))
        return ACSMTP_OK;
    return acsmtp_fail(err, ACSMTP_PROTOCOL,
                       "the token for Resource Manager does not tell whose it is (no claims 'oid' "
                       "and 'tid'): credentials must come from Entra");
}
