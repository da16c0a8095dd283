/* SPDX-License-Identifier: MIT */
/*
 * Method, header fields and body of a request: nothing that could end a line goes out, and no
 * secret is copied on its way to libcurl.
 */
#include "http_private.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define METHOD_MAX 16U

static int is_field_name_char(unsigned char c)
{
    return c > 0x20 && c < 0x7f && !strchr("\"(),/:;<=>?@[\\]{}", c);
}

/* "Name: value" without anything that could end the line. */
static int check_field(const char *field, struct acsmtp_error *err)
{
    const char *at = field;

    while (is_field_name_char((unsigned char)*at))
        at++;
    if (at == field || *at != ':')
        return acsmtp_fail(err, ACSMTP_CONFIG, "an HTTP header field has no name");
    for (const char *c = at; *c; c++)
        if (((unsigned char)*c < 0x20 && *c != '\t') || *c == 0x7f)
            return acsmtp_fail(err, ACSMTP_CONFIG,
                               "HTTP header field %.*s holds a control character",
                               (int)(at - field), field);
    return ACSMTP_OK;
}

/*
 * The list is made here, not by curl_slist_append(), which would copy the text: a field may be a
 * secret, and libcurl only reads the list. curl_slist wants char *.
 */
static int add_field(struct http_exchange *exchange, const char *field, struct acsmtp_error *err)
{
    struct curl_slist *item = &exchange->fields[exchange->field_count];

    if (exchange->field_count == HTTP_REQUEST_FIELDS_MAX)
        return acsmtp_fail(err, ACSMTP_CONFIG, "more than %u HTTP header fields",
                           HTTP_REQUEST_FIELDS_MAX);
    item->data = (char *)(uintptr_t)field;
    item->next = NULL;
    if (exchange->field_count > 0)
        item[-1].next = item;
    exchange->field_count++;
    return ACSMTP_OK;
}

static int add_bearer(struct http_exchange *exchange, struct acsmtp_error *err)
{
    static const char name[] = "Authorization: Bearer ";
    const struct acsmtp_secret *bearer = exchange->request->bearer;
    int status;

    exchange->authorization = acsmtp_secret_new(name, sizeof name - 1, err);
    if (!exchange->authorization)
        return ACSMTP_SYSTEM;
    status = acsmtp_secret_append(exchange->authorization, acsmtp_secret_data(bearer),
                                  acsmtp_secret_size(bearer), err);
    if (status == ACSMTP_OK && strlen(acsmtp_secret_data(bearer)) != acsmtp_secret_size(bearer))
        status = acsmtp_fail(err, ACSMTP_CONFIG, "the bearer token holds a NUL");
    if (status == ACSMTP_OK)
        status = check_field(acsmtp_secret_data(exchange->authorization), err);
    return status == ACSMTP_OK
               ? add_field(exchange, acsmtp_secret_data(exchange->authorization), err)
               : status;
}

/* Without a type of its own a body would get libcurl's guess. */
static int add_content_type(struct http_exchange *exchange, struct acsmtp_error *err)
{
    const char *type = exchange->request->content_type;
    int status;

    if (!exchange->request->body)
        return ACSMTP_OK;
    if (asprintf(&exchange->content_type, "Content-Type:%s%s", type ? " " : "", type ? type : "") <
        0) {
        exchange->content_type = NULL;
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    }
    status = check_field(exchange->content_type, err);
    if (status == ACSMTP_OK)
        status = add_field(exchange, exchange->content_type, err);
    /* No 100-continue: one round trip more, and several services do not answer it. */
    return status == ACSMTP_OK ? add_field(exchange, "Expect:", err) : status;
}

int http_request_set_fields(struct http_exchange *exchange, struct acsmtp_error *err)
{
    const char *const *field = exchange->request->headers;
    int status = ACSMTP_OK;

    for (; status == ACSMTP_OK && field && *field; field++) {
        status = check_field(*field, err);
        if (status == ACSMTP_OK)
            status = add_field(exchange, *field, err);
    }
    if (status == ACSMTP_OK && exchange->request->bearer)
        status = add_bearer(exchange, err);
    if (status == ACSMTP_OK)
        status = add_content_type(exchange, err);
    if (status == ACSMTP_OK && exchange->field_count > 0)
        (void)curl_easy_setopt(exchange->transfer.easy, CURLOPT_HTTPHEADER, exchange->fields);
    return status;
}

static int is_method(const char *method)
{
    size_t size = method ? strlen(method) : 0;

    return size > 0 && size <= METHOD_MAX && strspn(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == size;
}

static int sends_body(const struct acsmtp_http_request *request)
{
    return request->body || strcmp(request->method, "POST") == 0 ||
           strcmp(request->method, "PUT") == 0 || strcmp(request->method, "PATCH") == 0;
}

/*
 * libcurl repeats a request by itself when a connection that it used before is lost without a word.
 * The server may have seen what it did not answer, so only reads (RFC 9110, 9.2.1) take the risk.
 */
static int is_repeatable(const char *method)
{
    return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
}

int http_request_set_method(struct http_exchange *exchange, struct acsmtp_error *err)
{
    const char *method = exchange->request->method;
    const struct acsmtp_secret *body = exchange->request->body;
    CURL *easy = exchange->transfer.easy;

    if (!is_method(method))
        return acsmtp_fail(err, ACSMTP_CONFIG, "not an HTTP method");
    if (strcmp(method, "HEAD") == 0)
        (void)curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    if (!is_repeatable(method))
        (void)curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    /* libcurl keeps the pointer and copies nothing. */
    if (sends_body(exchange->request)) {
        (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body ? acsmtp_secret_data(body) : "");
        (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                               (curl_off_t)(body ? acsmtp_secret_size(body) : 0));
    }
    if (curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method) != CURLE_OK)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    return ACSMTP_OK;
}
