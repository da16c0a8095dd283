/* SPDX-License-Identifier: MIT */
/* From a host name to addresses, without waiting for the resolver longer than is wanted. */
#ifndef SMTP_RESOLVE_H
#define SMTP_RESOLVE_H

#include "smtp_wait.h"

#include <acsmtp/error.h>
#include <netinet/in.h>
#include <sys/socket.h>

#define SMTP_ADDRESSES_MAX 16U

struct smtp_address {
    union {
        struct sockaddr any;
        struct sockaddr_in ipv4;
        struct sockaddr_in6 ipv6;
    } name;
    socklen_t size;
};

/* In the order in which they are to be tried (RFC 8305 section 4). */
struct smtp_addresses {
    size_t count;
    struct smtp_address list[SMTP_ADDRESSES_MAX];
};

/*
 * The addresses of a name or literal (without brackets). Names under localhost and literals are
 * known here; for others the system is asked. TEMPORARY with the code "dns" or "timeout", or what
 * smtp_wait() fails with.
 */
int smtp_resolve(const char *host, int port, const struct smtp_limit *limit,
                 struct smtp_addresses *addresses, struct acsmtp_error *err) ACSMTP_CHECK;

/* Let the families take turns, the one of the first address first; within one the order stays. */
void smtp_addresses_interleave(struct smtp_addresses *addresses);

#endif
