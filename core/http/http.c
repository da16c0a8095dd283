/* SPDX-License-Identifier: MIT */
/*
 * One HTTP exchange on libcurl: it is set up once, then run as often as http_retry.c asks. The
 * reply's body goes straight into a secret, for it may hold one.
 */
#include "http_private.h"

#include "url.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TIMEOUT_DEFAULT_MS 30000

/* ---- receiving ---- */

static size_t on_header(char *line, size_t unit, size_t size, void *data)
{
    struct http_exchange *exchange = data;
    int result =
        http_headers_add(&exchange->response->headers, line, unit * size, (int64_t)time(NULL));

    if (result == HTTP_HEADER_OK)
        return unit * size;
    if (result == HTTP_HEADER_NO_MEMORY)
        (void)acsmtp_fail(&exchange->failure, ACSMTP_SYSTEM, "out of memory");
    else
        (void)acsmtp_fail(&exchange->failure, ACSMTP_PROTOCOL, "%s: the reply's header is %s",
                          exchange->what,
                          result == HTTP_HEADER_TOO_LARGE ? "too large" : "malformed");
    return 0;
}

static size_t on_body(char *bytes, size_t unit, size_t size, void *data)
{
    struct http_exchange *exchange = data;
    struct acsmtp_secret *body = exchange->response->body;

    if (acsmtp_secret_size(body) + unit * size > (size_t)ACSMTP_HTTP_BODY_MAX) {
        (void)acsmtp_fail(&exchange->failure, ACSMTP_PROTOCOL,
                          "%s: the reply is larger than %u bytes", exchange->what,
                          ACSMTP_HTTP_BODY_MAX);
        return 0;
    }
    if (acsmtp_secret_append(body, bytes, unit * size, &exchange->failure) != ACSMTP_OK)
        return 0;
    return unit * size;
}

/* ---- the request ---- */

static int set_target(struct http_exchange *exchange, struct acsmtp_error *err)
{
    const struct acsmtp_http_request *request = exchange->request;
    CURL *easy = exchange->transfer.easy;
    struct http_url parts;
    int status = http_url_check(request->url, &parts, err);

    if (status != ACSMTP_OK)
        return status;
    (void)snprintf(exchange->what, sizeof exchange->what, "%s %s", request->method, parts.shown);
    (void)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR,
                           parts.place == NET_REMOTE ? "https" : "http,https");
    if (curl_easy_setopt(easy, CURLOPT_URL, request->url) != CURLE_OK)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    return http_route(easy, parts.host, parts.port, &exchange->transfer.pins, err);
}

static void set_transfer(struct http_exchange *exchange)
{
    CURL *easy = exchange->transfer.easy;

    (void)curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    /* Small single exchanges gain nothing from HTTP/2. */
    (void)curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    (void)curl_easy_setopt(easy, CURLOPT_USERAGENT, "acsmtp");
    (void)curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    (void)curl_easy_setopt(easy, CURLOPT_HEADERDATA, exchange);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, exchange);
}

/* Whom the server must be, and who this side is. */
static int set_identities(struct http_exchange *exchange, struct acsmtp_error *err)
{
    const struct acsmtp_http_request *request = exchange->request;
    struct http_tls *tls = &exchange->transfer.tls;
    const char *ca_file =
        request->ca_file ? request->ca_file : acsmtp_context_endpoint(exchange->context, "ca_file");
    int status = ACSMTP_OK;

    if (request->peer_sha1)
        status = tls_pin_parse(request->peer_sha1, &tls->pin, err);
    if (status == ACSMTP_OK && request->client_certificate)
        status = tls_client_parse(request->client_certificate, &tls->client, err);
    return status == ACSMTP_OK ? http_tls_setup(exchange->transfer.easy, tls, ca_file, err)
                               : status;
}

static int prepare(struct http_exchange *exchange, struct acsmtp_error *err)
{
    struct http_transfer *transfer = &exchange->transfer;
    int status = http_transfer_init(transfer, exchange->context, err);

    if (status == ACSMTP_OK)
        status = http_request_set_method(exchange, err);
    if (status == ACSMTP_OK)
        status = set_target(exchange, err);
    if (status == ACSMTP_OK)
        status = set_identities(exchange, err);
    if (status == ACSMTP_OK)
        status = http_request_set_fields(exchange, err);
    if (status == ACSMTP_OK)
        set_transfer(exchange);
    return status;
}

int http_exchange_new(struct acsmtp_context *context, const struct acsmtp_http_request *request,
                      struct http_exchange **exchange, struct acsmtp_error *err)
{
    struct http_exchange *made = calloc(1, sizeof *made);
    int status;

    if (!made)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    made->context = context;
    made->request = request;
    made->failure.size = sizeof made->failure;
    status = prepare(made, err);
    if (status == ACSMTP_OK)
        *exchange = made;
    else
        http_exchange_free(made);
    return status;
}

void http_exchange_free(struct http_exchange *exchange)
{
    if (!exchange)
        return;
    http_transfer_release(&exchange->transfer);
    acsmtp_http_response_free(exchange->response);
    acsmtp_secret_free(exchange->authorization);
    free(exchange->content_type);
    free(exchange);
}

/* ---- one attempt ---- */

/* libcurl takes 0 for "no limit", and long milliseconds. */
static long limit_ms(int64_t timeout, int64_t remaining)
{
    int64_t limit = timeout < remaining ? timeout : remaining;

    return limit < 1 ? 1 : (long)(limit < 86400000 ? limit : 86400000);
}

static void set_timeouts(const struct http_exchange *exchange)
{
    const struct acsmtp_http_request *request = exchange->request;
    int64_t timeout = request->timeout_ms < 0 ? TIMEOUT_DEFAULT_MS : request->timeout_ms;
    int64_t connect = request->connect_timeout_ms < 0 ? timeout : request->connect_timeout_ms;
    int64_t remaining = acsmtp_context_remaining(exchange->context);
    CURL *easy = exchange->transfer.easy;

    (void)curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, limit_ms(timeout, remaining));
    (void)curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, limit_ms(connect, remaining));
}

static struct acsmtp_http_response *response_new(struct acsmtp_error *err)
{
    struct acsmtp_http_response *response = calloc(1, sizeof *response);

    if (!response) {
        (void)acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
        return NULL;
    }
    response->body = acsmtp_secret_new("", 0, err);
    if (response->body)
        return response;
    acsmtp_http_response_free(response);
    return NULL;
}

static int run(struct http_exchange *exchange, struct acsmtp_error *err)
{
    struct acsmtp_error reason = ACSMTP_ERROR_INIT;
    CURLcode result = CURLE_OK;
    long code = 0;
    int status;

    acsmtp_error_clear(&exchange->failure);
    set_timeouts(exchange);
    status = http_transfer_run(&exchange->transfer, exchange->what, &result, &reason);
    if (status == ACSMTP_OK && result != CURLE_OK)
        status = http_transfer_fail(&exchange->transfer, result, exchange->what, &reason);
    if (exchange->failure.status != ACSMTP_OK)
        reason = exchange->failure;
    if (reason.status != ACSMTP_OK) {
        acsmtp_error_server(err, reason.server_code, reason.code, NULL);
        return acsmtp_fail(err, reason.status, "%s", reason.message);
    }
    (void)curl_easy_getinfo(exchange->transfer.easy, CURLINFO_RESPONSE_CODE, &code);
    exchange->response->status = (int)code;
    acsmtp_log(exchange->context, ACSMTP_LOG_DEBUG, "http: %s: %ld", exchange->what, code);
    if (code < 100 || code > 999)
        return acsmtp_fail(err, ACSMTP_PROTOCOL, "%s: the reply has no status", exchange->what);
    return status;
}

int http_exchange_run(struct http_exchange *exchange, struct acsmtp_http_response **response,
                      struct acsmtp_error *err)
{
    int status;

    exchange->response = response_new(err);
    if (!exchange->response)
        return ACSMTP_SYSTEM;
    status = run(exchange, err);
    if (status == ACSMTP_OK && acsmtp_http_header(exchange->response, "Date", 0))
        acsmtp_context_note_clock_skew(exchange->context,
                                       acsmtp_http_clock_skew(exchange->response));
    if (status == ACSMTP_OK)
        *response = exchange->response;
    else
        acsmtp_http_response_free(exchange->response);
    exchange->response = NULL;
    return status;
}
