/* SPDX-License-Identifier: MIT */
/*
 * Past its host it talks to whom it can find, and tells what became of it. Nothing of the contract
 * is broken by that: the battery sees to it that nobody is reached.
 */
#include "brought.h"
#include "sound.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

/* 192.0.2.0/24 is for documents (RFC 5737): nobody is there. */
static struct sockaddr_in address_of(const char *host, unsigned short port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};

    (void)inet_pton(AF_INET, host, &address.sin_addr);
    return address;
}

static const char *try_connect(int fd, const char *host, unsigned short port)
{
    const struct sockaddr_in address = address_of(host, port);

    return connect(fd, (const struct sockaddr *)&address, sizeof address) == 0 ? "made"
                                                                               : strerror(errno);
}

static const char *try_send(int fd)
{
    const struct sockaddr_in address = address_of("192.0.2.1", 9);

    return sendto(fd, "", 0, 0, (const struct sockaddr *)&address, sizeof address) == 0
               ? "made"
               : strerror(errno);
}

static const char *try_name(void)
{
    struct addrinfo *found = NULL;

    if (getaddrinfo("kit.example.com", "80", NULL, &found) == EAI_NONAME)
        return "not looked up";
    if (found)
        freeaddrinfo(found);
    return "looked up";
}

static int acquire(void *instance, struct acsmtp_context *context,
                   const struct acsmtp_credential_request *request, struct acsmtp_credential *out,
                   struct acsmtp_error *err)
{
    int stream = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int datagrams = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    (void)instance;
    (void)context;
    (void)request;
    (void)out;
    (void)acsmtp_fail(err, ACSMTP_UNAVAILABLE,
                      "connect %s, sendto %s, resolver %s, name %s, loopback %s, library %s and %s",
                      try_connect(stream, "192.0.2.1", 9), try_send(datagrams),
                      try_connect(datagrams, "127.0.0.53", 53), try_name(),
                      try_connect(stream, "127.0.0.1", 1), brought_connect("192.0.2.1", 9),
                      brought_connect("127.0.0.1", 9));
    (void)close(stream);
    (void)close(datagrams);
    return ACSMTP_UNAVAILABLE;
}

SOUND_OPERATIONS(.acquire = acquire);
SOUND_DESCRIPTOR(.threads = ACSMTP_THREADS_ANY);
