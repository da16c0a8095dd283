/* SPDX-License-Identifier: MIT */
/* One libcurl transfer under a context: it ends at the deadline and when it is cancelled. */
#ifndef HTTP_TRANSFER_H
#define HTTP_TRANSFER_H

#include "tls.h"

#include <acsmtp/context.h>
#include <acsmtp/error.h>
#include <curl/curl.h>
#include <stdint.h>

struct http_transfer {
    CURL *easy;
    int is_ready; /* the request goes over a connection, which may have been used before */
    int is_over;  /* the last run came to its end: its connection is as good as new */
    struct curl_slist *pins; /* of http_route() */
    const struct acsmtp_context *context;
    struct http_tls tls;
    int64_t started_at; /* of net_now() */
    char text[CURL_ERROR_SIZE];
};

/* `transfer` must stay where it is until release(), which accepts one that is all zero. */
int http_transfer_init(struct http_transfer *transfer, const struct acsmtp_context *context,
                       struct acsmtp_error *err) ACSMTP_CHECK;
void http_transfer_release(struct http_transfer *transfer);

/* Run until libcurl is done; *code is what it says then. `what` is named in messages. */
int http_transfer_run(struct http_transfer *transfer, const char *what, CURLcode *code,
                      struct acsmtp_error *err) ACSMTP_CHECK;

/* Describe a libcurl failure: its class, one of the codes of http.h, in words that a user knows. */
int http_transfer_fail(const struct http_transfer *transfer, CURLcode code, const char *what,
                       struct acsmtp_error *err);

#endif
