/* SPDX-License-Identifier: MIT */
/* Where to ask: the address of a name server as people write it. Pure. */
#ifndef ACS_DNS_SERVER_H
#define ACS_DNS_SERVER_H

#include <acsmtp/error.h>
#include <netinet/in.h>

#define DNS_PORT 53

struct dns_server {
    int family; /* AF_INET or AF_INET6 */
    union {
        struct in_addr v4;
        struct in6_addr v6;
    } address;
    int port;
};

/*
 * ADDRESS[:PORT], or [ADDRESS]:PORT where the address has colons of its own; numbers only, since a
 * name would need a name server. CONFIG.
 */
int dns_server_read(struct dns_server *server, const char *text,
                    struct acsmtp_error *err) ACSMTP_CHECK;

#endif
