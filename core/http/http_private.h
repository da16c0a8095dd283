/* SPDX-License-Identifier: MIT */
/* One HTTP exchange and what it is made of. */
#ifndef HTTP_PRIVATE_H
#define HTTP_PRIVATE_H

#include "http_header.h"
#include "transfer.h"

#include <acsmtp/http.h>

struct acsmtp_http_response {
    int status;
    struct http_headers headers;
    struct acsmtp_secret *body;
};

#define HTTP_REQUEST_FIELDS_MAX 64U

struct http_exchange {
    struct http_transfer transfer;
    struct acsmtp_context *context;
    const struct acsmtp_http_request *request;
    struct acsmtp_http_response *response; /* being received */
    struct acsmtp_error failure;           /* of a callback, which libcurl cannot pass on */
    struct acsmtp_secret *authorization;
    char *content_type;
    struct curl_slist fields[HTTP_REQUEST_FIELDS_MAX];
    size_t field_count;
    char what[300]; /* "GET https://host/path", in messages */
};

/* ---- http_request.c: the caller's words, checked and given to libcurl ---- */

int http_request_set_method(struct http_exchange *exchange, struct acsmtp_error *err) ACSMTP_CHECK;
int http_request_set_fields(struct http_exchange *exchange, struct acsmtp_error *err) ACSMTP_CHECK;

/* ---- http.c: without the retries around it ---- */

/* Check the request and make everything that its attempts share. */
int http_exchange_new(struct acsmtp_context *context, const struct acsmtp_http_request *request,
                      struct http_exchange **exchange, struct acsmtp_error *err) ACSMTP_CHECK;
void http_exchange_free(struct http_exchange *exchange);

/* One attempt; status as acsmtp_http_send(). */
int http_exchange_run(struct http_exchange *exchange, struct acsmtp_http_response **response,
                      struct acsmtp_error *err) ACSMTP_CHECK;

#endif
