/* SPDX-License-Identifier: MIT */
/*
 * Open connections, which outlive the exchange that opened them: the next one that reads from the
 * same place spares itself a TCP and a TLS handshake. An exchange takes a set of them, so that no
 * two threads ever share one, and gives it back.
 */
#ifndef HTTP_CONNECTIONS_H
#define HTTP_CONNECTIONS_H

#include <acsmtp/error.h>
#include <curl/curl.h>
#include <stdint.h>

#define HTTP_CONNECTIONS_MAX 4                      /* that a set keeps open */
#define HTTP_SOCKETS_MAX (2 * HTTP_CONNECTIONS_MAX) /* happy eyeballs tries several at once */

struct http_connections {
    CURLM *multi; /* libcurl keeps connections in it, with what they were verified against */
    int sockets[HTTP_SOCKETS_MAX]; /* open ones; -1 when free */
    int alert;                     /* the last that a server sent (RFC 8446 section 6), -1: none */
    int64_t idle_since;            /* of net_now() */
    struct http_connections *next;
};

/* A set that nobody uses, else a new one without connections. NULL with `err` set. Any thread. */
struct http_connections *http_connections_take(struct acsmtp_error *err);

/* Back for the next one. Only after an exchange that came to its end; else close. */
void http_connections_give(struct http_connections *connections);

/* Close them all. NULL is nothing. */
void http_connections_close(struct http_connections *connections);

/* Have `easy` open its sockets here, close-on-exec. */
void http_connections_setup(struct http_connections *connections, CURL *easy);

/* Acknowledge at once what has come in. */
void http_connections_quick_ack(const struct http_connections *connections);

#endif
