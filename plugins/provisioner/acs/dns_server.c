/* SPDX-License-Identifier: MIT */
/* The address of a name server; see dns_server.h. */
#include "dns_server.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>

/* 0 when it is no port. */
static int read_port(const char *text)
{
    int port = 0;

    for (; isdigit((unsigned char)*text) && port <= 65535; text++)
        port = port * 10 + (*text - '0');
    return *text == '\0' && port <= 65535 ? port : 0;
}

static int read_address(struct dns_server *server, const char *text, size_t size)
{
    char address[INET6_ADDRSTRLEN];

    if (size >= sizeof address)
        return 0;
    memcpy(address, text, size);
    address[size] = '\0';
    server->family = memchr(address, ':', size) ? AF_INET6 : AF_INET;
    return inet_pton(server->family, address, &server->address) == 1;
}

int dns_server_read(struct dns_server *server, const char *text, struct acsmtp_error *err)
{
    const char *begin = text, *end = text + strlen(text), *port = NULL;
    const char *colon = strchr(text, ':');

    *server = (struct dns_server){.port = DNS_PORT};
    if (*text == '[') {
        begin = text + 1;
        end = strchr(begin, ']');
        if (end && end[1])
            port = end + 1;
    } else if (colon && !strchr(colon + 1, ':')) {
        end = port = colon;
    }
    if (port)
        server->port = *port == ':' ? read_port(port + 1) : 0;
    if (end && server->port > 0 && read_address(server, begin, (size_t)(end - begin)))
        return ACSMTP_OK;
    return acsmtp_fail(
        err, ACSMTP_CONFIG,
        "'%.100s' is not the address of a DNS server: 192.0.2.53, 192.0.2.53:5353 or "
        "[2001:db8::53]:5353",
        text);
}
