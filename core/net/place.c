/* SPDX-License-Identifier: MIT */
/*
 * No name is resolved here: a host is judged by how it is spelt. RFC 6761 section 6.3 keeps the
 * names under localhost for the loopback.
 */
#include "place.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

static int is_localhost_name(const char *host)
{
    static const char suffix[] = ".localhost";
    size_t size = strlen(host);

    if (strcasecmp(host, suffix + 1) == 0)
        return 1;
    return size > sizeof suffix - 1 && strcasecmp(host + size - (sizeof suffix - 1), suffix) == 0;
}

static int place_of_ipv4(uint32_t address)
{
    if (address >> 24 == 127)
        return NET_LOOPBACK;
    return address >> 16 == 0xa9fe ? NET_LINK_LOCAL : NET_REMOTE;
}

static int place_of_ipv6(const struct in6_addr *address)
{
    struct in6_addr metadata;

    if (IN6_IS_ADDR_LOOPBACK(address))
        return NET_LOOPBACK;
    /* The IPv6 form of the metadata address that AWS introduced and others took over. */
    (void)inet_pton(AF_INET6, "fd00:ec2::254", &metadata);
    return IN6_ARE_ADDR_EQUAL(address, &metadata) ? NET_LINK_LOCAL : NET_REMOTE;
}

int net_place(const char *host)
{
    struct in_addr ipv4;
    struct in6_addr ipv6;

    if (inet_pton(AF_INET, host, &ipv4) == 1)
        return place_of_ipv4(ntohl(ipv4.s_addr));
    if (inet_pton(AF_INET6, host, &ipv6) == 1)
        return place_of_ipv6(&ipv6);
    return is_localhost_name(host) ? NET_LOCALHOST : NET_REMOTE;
}
