/* SPDX-License-Identifier: MIT */
/* TLS of an HTTP exchange: what is trusted, from which version on, and no stalls. */
#ifndef HTTP_TLS_H
#define HTTP_TLS_H

#include "connections.h"
#include "tls_pin.h"

#include <acsmtp/context.h>
#include <acsmtp/error.h>
#include <curl/curl.h>

/* Of one transfer. */
struct http_tls {
    struct http_connections *connections;
    struct tls_pin pin; /* set before http_tls_setup() */
};

/*
 * Trust the cloud's "ca_file" if there is one, else the system. `tls` must stay where it is as long
 * as `easy` lives.
 */
int http_tls_setup(CURL *easy, struct http_tls *tls, const struct acsmtp_context *context,
                   struct acsmtp_error *err) ACSMTP_CHECK;

#endif
