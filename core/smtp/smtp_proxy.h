/* SPDX-License-Identifier: MIT */
/* Which proxy the environment wants between here and a server. */
#ifndef SMTP_PROXY_H
#define SMTP_PROXY_H

#include "net/place.h"

#include <acsmtp/error.h>
#include <acsmtp/secret.h>

enum smtp_proxy_kind {
    SMTP_PROXY_NONE = 0,
    SMTP_PROXY_HTTP,  /* CONNECT (RFC 9110 section 9.3.6) */
    SMTP_PROXY_SOCKS5 /* RFC 1928; the proxy resolves names */
};

struct smtp_proxy {
    int kind; /* enum smtp_proxy_kind */
    int port;
    char host[NET_HOST_MAX + 1]; /* without brackets */
    struct acsmtp_secret *user;  /* NULL: none; the same with password */
    struct acsmtp_secret *password;
};

/* "[SCHEME://][USER[:PASSWORD]@]HOST[:PORT][/]", user and password percent-encoded. CONFIG. */
int smtp_proxy_parse(const char *text, struct smtp_proxy *proxy,
                     struct acsmtp_error *err) ACSMTP_CHECK;

/*
 * Whether a list like that of no_proxy holds the host: "*", names (which hold for those under them,
 * too), addresses and networks ("10.0.0.0/8"), between commas or blanks.
 */
int smtp_proxy_is_bypassed(const char *list, const char *host);

/*
 * $smtp_proxy ($smtps_proxy with implicit TLS), else $all_proxy, in small or capital letters,
 * unless $no_proxy excepts the host. Places other than NET_REMOTE are never reached through a
 * proxy. `proxy` is released by the caller in any case.
 */
int smtp_proxy_find(const char *host, int is_implicit, struct smtp_proxy *proxy,
                    struct acsmtp_error *err) ACSMTP_CHECK;

void smtp_proxy_release(struct smtp_proxy *proxy);

#endif
