/* SPDX-License-Identifier: MIT */
/* See brought.h. */
#include "brought.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

const char *brought_connect(const char *host, unsigned short port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int failure = 0;

    (void)inet_pton(AF_INET, host, &address.sin_addr);
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) != 0)
        failure = errno;
    (void)close(fd);
    return failure ? strerror(failure) : "made";
}
