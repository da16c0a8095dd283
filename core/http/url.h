/* SPDX-License-Identifier: MIT */
/* Which hosts are ours to talk to without TLS and without a proxy, and which URLs are allowed. */
#ifndef HTTP_URL_H
#define HTTP_URL_H

#include "net/place.h"

#include <acsmtp/error.h>
#include <curl/curl.h>

#define HTTP_URL_MAX 16384U

struct http_url {
    char host[NET_HOST_MAX + 1]; /* without brackets */
    long port;
    int place;       /* enum net_place */
    char shown[288]; /* scheme, host, unusual port and path: what may stand in a message */
};

/* CONFIG unless `url` is https, or http to a place other than NET_REMOTE. */
int http_url_check(const char *url, struct http_url *parts, struct acsmtp_error *err) ACSMTP_CHECK;

/*
 * Keep traffic to the own machine on it: no proxy for places other than NET_REMOTE, names under
 * localhost resolved without asking anybody. *pins must live as long as the transfer and is freed
 * with curl_slist_free_all().
 */
int http_route(CURL *easy, const char *host, long port, struct curl_slist **pins,
               struct acsmtp_error *err) ACSMTP_CHECK;

#endif
