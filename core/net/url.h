/* SPDX-License-Identifier: MIT */
/* Which hosts are ours to talk to without TLS and without a proxy, and which URLs are allowed. */
#ifndef NET_URL_H
#define NET_URL_H

#include <acsmtp/error.h>
#include <curl/curl.h>

#define NET_HOST_MAX 255
#define NET_URL_MAX 16384U

enum net_place {
    NET_REMOTE = 0,
    NET_LINK_LOCAL, /* 169.254.0.0/16 and fd00:ec2::254, where metadata services live */
    NET_LOOPBACK,   /* 127.0.0.0/8, ::1 */
    NET_LOCALHOST   /* the name localhost or one under .localhost (RFC 6761) */
};

struct net_url {
    char host[NET_HOST_MAX + 1]; /* without brackets */
    long port;
    int place;       /* enum net_place */
    char shown[256]; /* scheme, host, unusual port and path: what may stand in a message */
};

/* The place of a host name or a literal address (without brackets). */
int net_place(const char *host);

/* CONFIG unless `url` is https, or http to a place other than NET_REMOTE. */
int net_url_check(const char *url, struct net_url *parts, struct acsmtp_error *err) ACSMTP_CHECK;

/*
 * Keep traffic to the own machine on it: no proxy for places other than NET_REMOTE, names under
 * localhost resolved without asking anybody. *pins must live as long as the transfer and is freed
 * with curl_slist_free_all().
 */
int net_route(CURL *easy, const char *host, long port, struct curl_slist **pins,
              struct acsmtp_error *err) ACSMTP_CHECK;

#endif
