/* SPDX-License-Identifier: MIT */
/*
 * The network past the host, see services.h. A plugin that makes connections of its own is let
 * through to this machine; beyond it nobody is reached, also not through a resolver here that asks
 * others. So a check harms nobody, whatever the plugin was about to say.
 */
#include "net/place.h"
#include "probe.h"
#include "services.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

enum { DNS_PORT = 53 };

/* ---- addresses ---- */

static int is_internet(const struct sockaddr *address)
{
    return address && (address->sa_family == AF_INET || address->sa_family == AF_INET6);
}

/* `host` and port of an Internet address. */
static int read_address(const struct sockaddr *address, char host[INET6_ADDRSTRLEN])
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;

    if (address->sa_family == AF_INET) {
        memcpy(&v4, address, sizeof v4);
        (void)inet_ntop(AF_INET, &v4.sin_addr, host, INET6_ADDRSTRLEN);
        return ntohs(v4.sin_port);
    }
    memcpy(&v6, address, sizeof v6);
    (void)inet_ntop(AF_INET6, &v6.sin6_addr, host, INET6_ADDRSTRLEN);
    return ntohs(v6.sin6_port);
}

static int is_reachable(const struct sockaddr *address)
{
    char host[INET6_ADDRSTRLEN];

    if (!is_internet(address))
        return 1;
    return read_address(address, host) != DNS_PORT && net_place(host) == NET_LOOPBACK;
}

static void note(const char *name)
{
    const struct probe *probe = probe_current();

    probe_service(name, probe ? probe->context : NULL, 1);
}

/* ---- the plugin's own calls ---- */

static int refuse(void)
{
    errno = EACCES;
    return -1;
}

static int our_connect(int fd, const struct sockaddr *address, socklen_t size)
{
    note("connect");
    return is_reachable(address) ? connect(fd, address, size) : refuse();
}

static ssize_t our_sendto(int fd, const void *bytes, size_t size, int flags,
                          const struct sockaddr *address, socklen_t address_size)
{
    if (is_internet(address))
        note("sendto");
    return is_reachable(address) ? sendto(fd, bytes, size, flags, address, address_size) : refuse();
}

static ssize_t our_sendmsg(int fd, const struct msghdr *message, int flags)
{
    if (is_internet(message->msg_name))
        note("sendmsg");
    return is_reachable(message->msg_name) ? sendmsg(fd, message, flags) : refuse();
}

/* Names are not looked up but those of this machine; literal addresses need nobody. */
static int our_getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                           struct addrinfo **found)
{
    struct addrinfo numeric = hints ? *hints : (struct addrinfo){.ai_family = AF_UNSPEC};

    note("getaddrinfo");
    if (node && net_place(node) != NET_LOCALHOST)
        numeric.ai_flags |= AI_NUMERICHOST;
    return getaddrinfo(node, service, &numeric, found);
}

/* ---- libraries that it brings ---- */

/* What they say to services of this machine (D-Bus) is their own business. */
static int library_connect(int fd, const struct sockaddr *address, socklen_t size)
{
    return is_internet(address) ? our_connect(fd, address, size) : connect(fd, address, size);
}

const struct image_hook network_hooks[] = {
    SERVICE_HOOK("connect", our_connect),
    SERVICE_HOOK("sendto", our_sendto),
    SERVICE_HOOK("sendmsg", our_sendmsg),
    SERVICE_HOOK("getaddrinfo", our_getaddrinfo),
};
const size_t network_hook_count = sizeof network_hooks / sizeof network_hooks[0];

const struct image_hook library_hooks[] = {
    SERVICE_HOOK("connect", library_connect),
    SERVICE_HOOK("sendto", our_sendto),
    SERVICE_HOOK("sendmsg", our_sendmsg),
    SERVICE_HOOK("getaddrinfo", our_getaddrinfo),
};
const size_t library_hook_count = sizeof library_hooks / sizeof library_hooks[0];
