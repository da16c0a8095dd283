/* SPDX-License-Identifier: MIT */
/* One libcurl transfer under a context: it ends at the deadline and when it is cancelled. */
#ifndef NET_TRANSFER_H
#define NET_TRANSFER_H

#include "tls.h"

#include <acsmtp/context.h>
#include <acsmtp/error.h>
#include <curl/curl.h>
#include <stdint.h>

struct net_transfer {
    CURLM *multi;
    CURL *easy;
    struct curl_slist *pins; /* of net_route() */
    const struct acsmtp_context *context;
    const char *protocol; /* "http" or "smtp", in trace lines */
    struct net_tls tls;
    int64_t started_at; /* of net_now() */
    char text[CURL_ERROR_SIZE];
};

/* `transfer` must stay where it is until release(), which accepts one that is all zero. */
int net_transfer_init(struct net_transfer *transfer, const struct acsmtp_context *context,
                      const char *protocol, struct acsmtp_error *err) ACSMTP_CHECK;
void net_transfer_release(struct net_transfer *transfer);

/*
 * Run until libcurl is done; *code is what it says then. `connect_ms` bounds the time until TCP is
 * connected, below 0: no bound of its own. `what` is named in messages.
 */
int net_transfer_run(struct net_transfer *transfer, int64_t connect_ms, const char *what,
                     CURLcode *code, struct acsmtp_error *err) ACSMTP_CHECK;

/* Describe a libcurl failure: its class, one of the codes of http.h, in words that a user knows. */
int net_transfer_fail(const struct net_transfer *transfer, CURLcode code, const char *what,
                      struct acsmtp_error *err);

/* Milliseconds of the monotonic clock. */
int64_t net_now(void);

/* A time for people: "30 s", "0.3 s". */
#define NET_SECONDS_MAX 32
void net_seconds(int64_t ms, char text[NET_SECONDS_MAX]);

#endif
