/* SPDX-License-Identifier: MIT */
/* One request on the wire and its reply off it. */
#include "client_private.h"

#include <stdlib.h>
#include <string.h>

#define JSON_TYPE "application/json"
#define TIMEOUT_MS 60000 /* Resource Manager itself gives up on a provider after this */

static const int32_t delays_ms[] = {500, 1000, 2000, 4000};

/*
 * What is sent twice must be the same as sent once: true of GET, PUT, DELETE (RFC 9110 section
 * 9.2.2) and of every PATCH that is sent here, since they set whole values. A POST may have been
 * done although no reply came or the reply says 5xx; only 429 says that it was not.
 */
static const struct acsmtp_http_retry *retry_for(const struct client_request *request)
{
    static const int16_t refused_unread[] = {429, 0};
    static const struct acsmtp_http_retry repeatable = {
        .size = sizeof repeatable,
        .attempts = 5,
        .delays_ms = delays_ms,
        .delay_count = sizeof delays_ms / sizeof delays_ms[0],
        .connection_errors = 1,
    };
    static const struct acsmtp_http_retry once = {
        .size = sizeof once,
        .attempts = 5,
        .delays_ms = delays_ms,
        .delay_count = sizeof delays_ms / sizeof delays_ms[0],
        .statuses = refused_unread,
    };

    return strcmp(request->method, "POST") == 0 && !request->is_repeatable ? &once : &repeatable;
}

/* The body as a secret; NULL without one. Whatever JSON it is made of, no copy of it stays. */
static int make_body(const struct client_request *request, struct acsmtp_secret **body,
                     struct acsmtp_error *err)
{
    char *text;

    *body = NULL;
    if (request->secret_body) {
        *body = acsmtp_secret_dup(request->secret_body, err);
        return *body ? ACSMTP_OK : ACSMTP_SYSTEM;
    }
    if (!request->body)
        return ACSMTP_OK;
    text = acsmtp_json_format(request->body);
    if (!text)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    *body = acsmtp_secret_new(text, strlen(text), err);
    acsmtp_wipe(text, strlen(text));
    free(text);
    return *body ? ACSMTP_OK : ACSMTP_SYSTEM;
}

int client_exchange(struct acsmtp_context *context, const struct client_request *request,
                    const char *url, const struct client_token *token,
                    struct acsmtp_http_response **response, struct acsmtp_error *err)
{
    const char *headers[4] = {"Accept: application/json"};
    ACSMTP_AUTO_SECRET struct acsmtp_secret *body = NULL;
    struct acsmtp_http_request http = {
        .size = sizeof http,
        .method = request->method,
        .url = url,
        .headers = headers,
        .bearer = token ? acsmtp_credential_secret(token->credential) : NULL,
        .timeout_ms = TIMEOUT_MS,
        .connect_timeout_ms = -1,
        .retry = retry_for(request),
    };
    int status = make_body(request, &body, err);
    size_t count = 1;

    if (status != ACSMTP_OK)
        return status;
    http.body = body;
    if (body)
        http.content_type = JSON_TYPE;
    else if (strcmp(request->method, "POST") == 0) /* else libcurl would call nothing a form */
        headers[count++] = "Content-Type: " JSON_TYPE;
    if (request->header)
        headers[count++] = request->header;
    return acsmtp_http_send(context, &http, response, err);
}

/* ---- the reply ---- */

static int copy_header(const struct acsmtp_http_response *response, const char *name, char **copy,
                       struct acsmtp_error *err)
{
    const char *value = acsmtp_http_header(response, name, 0);

    if (!value)
        return ACSMTP_OK;
    *copy = strdup(value);
    return *copy ? ACSMTP_OK : acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
}

/*
 * Some services begin with a byte order mark, which JSON forbids (RFC 8259 section 8.1). A body
 * that is no JSON is the caller's to judge, memory that runs out is nobody's reply.
 */
static int read_body(const struct acsmtp_secret *body, struct client_reply *reply,
                     struct acsmtp_error *err)
{
    static const char bom[] = "\xef\xbb\xbf";
    struct acsmtp_error failure = ACSMTP_ERROR_INIT;
    const char *text = acsmtp_secret_data(body);
    size_t size = acsmtp_secret_size(body);

    if (size >= 3 && memcmp(text, bom, 3) == 0) {
        text += 3;
        size -= 3;
    }
    while (size > 0 && strchr(" \t\r\n", *text) && *text) {
        text++;
        size--;
    }
    /* "null" is how some say that there is nothing to say. */
    if (size == 0 || (size == 4 && memcmp(text, "null", 4) == 0))
        return ACSMTP_OK;
    reply->json = acsmtp_json_parse(text, size, &failure);
    if (!reply->json && failure.status == ACSMTP_SYSTEM)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "%s", failure.message);
    reply->is_foreign = !reply->json;
    return ACSMTP_OK;
}

int client_reply_read(const struct acsmtp_http_response *response, struct client_reply *reply,
                      struct acsmtp_error *err)
{
    int status;

    client_reply_release(reply);
    reply->status = acsmtp_http_status(response);
    reply->retry_after = acsmtp_http_retry_after(response);
    status = read_body(acsmtp_http_body(response), reply, err);
    if (status == ACSMTP_OK)
        status = copy_header(response, "Azure-AsyncOperation", &reply->operation, err);
    if (status == ACSMTP_OK)
        status = copy_header(response, "Location", &reply->location, err);
    return status;
}

void client_reply_release(struct client_reply *reply)
{
    acsmtp_json_free(reply->json);
    free(reply->operation);
    free(reply->location);
    *reply = (struct client_reply){.retry_after = -1};
}
