/* SPDX-License-Identifier: MIT */
/* Which hosts are this machine or its neighbourhood: ours to reach without asking anybody. */
#ifndef NET_PLACE_H
#define NET_PLACE_H

#define NET_HOST_MAX 255

enum net_place {
    NET_REMOTE = 0,
    NET_LINK_LOCAL, /* 169.254.0.0/16 and fd00:ec2::254, where metadata services live */
    NET_LOOPBACK,   /* 127.0.0.0/8, ::1 */
    NET_LOCALHOST   /* the name localhost or one under .localhost (RFC 6761) */
};

/* The place of a host name or a literal address (without brackets). */
int net_place(const char *host);

#endif
