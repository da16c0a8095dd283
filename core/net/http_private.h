/* SPDX-License-Identifier: MIT */
/* One HTTP exchange, without the retries around it. */
#ifndef NET_HTTP_PRIVATE_H
#define NET_HTTP_PRIVATE_H

#include "http_header.h"

#include <acsmtp/http.h>

struct acsmtp_http_response {
    int status;
    struct http_headers headers;
    struct acsmtp_secret *body;
};

struct http_exchange;

/* Check the request and make everything that its attempts share. */
int http_exchange_new(struct acsmtp_context *context, const struct acsmtp_http_request *request,
                      struct http_exchange **exchange, struct acsmtp_error *err) ACSMTP_CHECK;
void http_exchange_free(struct http_exchange *exchange);

/* One attempt; status as acsmtp_http_send(). */
int http_exchange_run(struct http_exchange *exchange, struct acsmtp_http_response **response,
                      struct acsmtp_error *err) ACSMTP_CHECK;

#endif
