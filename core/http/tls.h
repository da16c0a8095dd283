/* SPDX-License-Identifier: MIT */
/* TLS of an HTTP exchange: what is trusted, from which version on, and no stalls. */
#ifndef HTTP_TLS_H
#define HTTP_TLS_H

#include "connections.h"
#include "tls_client.h"
#include "tls_pin.h"

#include <acsmtp/error.h>
#include <curl/curl.h>

/* Of one transfer. */
struct http_tls {
    struct http_connections *connections;
    struct tls_pin pin; /* this and the next are set before http_tls_setup() */
    struct tls_client client;
};

/*
 * Trust `ca_file`, or the system where it is NULL. `tls` must stay where it is as long as `easy`
 * lives.
 */
int http_tls_setup(CURL *easy, struct http_tls *tls, const char *ca_file,
                   struct acsmtp_error *err) ACSMTP_CHECK;

#endif
