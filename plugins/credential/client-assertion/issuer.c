/* SPDX-License-Identifier: MIT */
/*
 * GitHub Actions: GET $ACTIONS_ID_TOKEN_REQUEST_URL&audience=..., {"value": JWT}.
 * Azure Pipelines: POST $SYSTEM_OIDCREQUESTURI?api-version=7.1&serviceConnectionId=...,
 * {"oidcToken": JWT}. Both want the job's own token as bearer.
 */
#include "issuer.h"

#include <acsmtp/http.h>
#include <acsmtp/json.h>
#include <azure.h>
#include <string.h>

/* One question to a service. Texts are borrowed. */
struct question {
    const char *service; /* in messages */
    const char *method;
    const char *url;
    const char *header;       /* one more, or NULL */
    const char *token_option; /* SECRET option: the bearer */
    const char *member;       /* of the reply */
};

static int read_reply(const struct question *question, const struct acsmtp_http_response *response,
                      struct acsmtp_secret **assertion, struct acsmtp_error *err)
{
    const struct acsmtp_secret *body = acsmtp_http_body(response);
    int code = acsmtp_http_status(response);
    ACSMTP_AUTO_JSON struct acsmtp_json *reply = NULL;

    if (code == 401 || code == 403) {
        acsmtp_error_server(err, code, NULL, NULL);
        return acsmtp_fail(err, ACSMTP_DENIED,
                           "%s refuses the job's own token (HTTP %d); may this job ask for an "
                           "identity token?",
                           question->service, code);
    }
    if (code != 200) {
        acsmtp_error_server(err, code, NULL, NULL);
        return acsmtp_fail(err, azure_is_temporary(code) ? ACSMTP_TEMPORARY : ACSMTP_PROTOCOL,
                           "%s gives no identity token: HTTP %d", question->service, code);
    }
    reply = acsmtp_json_parse(acsmtp_secret_data(body), acsmtp_secret_size(body), err);
    *assertion = reply ? acsmtp_json_take_secret(reply, question->member, err) : NULL;
    return *assertion ? ACSMTP_OK
                      : acsmtp_fail(err, ACSMTP_PROTOCOL, "the reply of %s has no \"%s\"",
                                    question->service, question->member);
}

static int ask(const struct question *question, const struct acsmtp_settings *settings,
               struct acsmtp_context *context, struct acsmtp_secret **assertion,
               struct acsmtp_error *err)
{
    const char *const headers[] = {"Accept: application/json", question->header, NULL};
    ACSMTP_AUTO_HTTP struct acsmtp_http_response *response = NULL;
    ACSMTP_AUTO_SECRET struct acsmtp_secret *bearer = NULL;
    struct acsmtp_http_request request = {
        .size = sizeof request,
        .method = question->method,
        .url = question->url,
        .headers = headers,
        .timeout_ms = -1,
        .connect_timeout_ms = -1,
    };
    int status = acsmtp_settings_secret(settings, context, question->token_option, &bearer, err);

    if (status == ACSMTP_OK && !bearer)
        status = acsmtp_fail(err, ACSMTP_CONFIG, "%s is not set: the job has no right to ask %s",
                             question->token_option, question->service);
    request.bearer = bearer;
    if (status == ACSMTP_OK)
        status = acsmtp_http_send(context, &request, &response, err);
    return status == ACSMTP_OK ? read_reply(question, response, assertion, err) : status;
}

/* `base` with the pairs of `query` behind it: a base may have a query of its own. */
static struct acsmtp_secret *url_with(const char *base, const struct acsmtp_secret *query,
                                      struct acsmtp_error *err)
{
    struct acsmtp_secret *url = acsmtp_secret_new(base, strlen(base), err);
    int status =
        url ? acsmtp_secret_append(url, strchr(base, '?') ? "&" : "?", 1, err) : ACSMTP_SYSTEM;

    if (status == ACSMTP_OK)
        status =
            acsmtp_secret_append(url, acsmtp_secret_data(query), acsmtp_secret_size(query), err);
    if (status == ACSMTP_OK)
        return url;
    acsmtp_secret_free(url);
    return NULL;
}

int issuer_github(const struct acsmtp_settings *settings, struct acsmtp_context *context,
                  struct acsmtp_secret **assertion, struct acsmtp_error *err)
{
    const char *audience = acsmtp_settings_string(settings, "audience");
    const char *base = acsmtp_settings_string(settings, "github_request_url");
    ACSMTP_AUTO_SECRET struct acsmtp_secret *query = acsmtp_secret_new("", 0, err);
    ACSMTP_AUTO_SECRET struct acsmtp_secret *url = NULL;
    struct question question = {
        .service = "GitHub",
        .method = "GET",
        .token_option = "github_request_token",
        .member = "value",
    };

    if (!base)
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "ACTIONS_ID_TOKEN_REQUEST_URL is not set: the job needs "
                           "'permissions: id-token: write'");
    if (query &&
        acsmtp_http_form_add(query, "audience", audience, strlen(audience), err) == ACSMTP_OK)
        url = url_with(base, query, err);
    if (!url)
        return ACSMTP_SYSTEM;
    question.url = acsmtp_secret_data(url);
    return ask(&question, settings, context, assertion, err);
}

int issuer_azure_pipelines(const struct acsmtp_settings *settings, struct acsmtp_context *context,
                           struct acsmtp_secret **assertion, struct acsmtp_error *err)
{
    const char *connection = acsmtp_settings_string(settings, "service_connection_id");
    const char *base = acsmtp_settings_string(settings, "pipelines_request_url");
    ACSMTP_AUTO_SECRET struct acsmtp_secret *query = acsmtp_secret_new("", 0, err);
    ACSMTP_AUTO_SECRET struct acsmtp_secret *url = NULL;
    struct question question = {
        .service = "Azure Pipelines",
        .method = "POST",
        .header = "X-TFS-FedAuthRedirect: Suppress",
        .token_option = "pipelines_token",
        .member = "oidcToken",
    };

    if (!base || !connection)
        return acsmtp_fail(err, ACSMTP_CONFIG, "%s is not set%s",
                           base ? "service_connection_id" : "SYSTEM_OIDCREQUESTURI",
                           base ? "" : ": is this a job of Azure Pipelines?");
    if (query && acsmtp_http_form_add(query, "api-version", "7.1", 3, err) == ACSMTP_OK &&
        acsmtp_http_form_add(query, "serviceConnectionId", connection, strlen(connection), err) ==
            ACSMTP_OK)
        url = url_with(base, query, err);
    if (!url)
        return ACSMTP_SYSTEM;
    question.url = acsmtp_secret_data(url);
    return ask(&question, settings, context, assertion, err);
}
