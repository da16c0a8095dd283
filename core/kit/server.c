/* SPDX-License-Identifier: MIT */
/* The scripted server: one thread that accepts, one for each connection; see server.h. */
#include "server.h"
#include <acsmtp/secret.h>
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HEAD_MAX = 65536, BACKLOG = 64 };

static const char *challenge;

void server_challenge(const char *text)
{
    challenge = text;
}

/* ---- replies ---- */

static void send_all(int fd, const char *bytes, size_t size)
{
    while (size) {
        ssize_t sent = send(fd, bytes, size, MSG_NOSIGNAL);

        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return;
        bytes += sent;
        size -= (size_t)sent;
    }
}

static void send_text(int fd, const char *text)
{
    send_all(fd, text, strlen(text));
}

/* `more` are further header fields, each with its line end. */
static void send_reply(int fd, int status, const char *more, const char *body, size_t size)
{
    char head[1536];

    (void)snprintf(head, sizeof head,
                   "HTTP/1.1 %d Kit\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n"
                   "Connection: close\r\n%s\r\n",
                   status, size, more);
    send_text(fd, head);
    send_all(fd, body, size);
}

static void send_status(int fd, int status, const char *more)
{
    static const char body[] = "{\"error\":{\"code\":\"Kit\",\"message\":\"as the script says\"},"
                               "\"error_description\":\"as the script says\"}";

    send_reply(fd, status, more, body, sizeof body - 1);
}

static void send_good(int fd, unsigned instance)
{
    char *body = reply_good(instance);

    if (!body)
        return;
    send_reply(fd, 200, "", body, strlen(body));
    acsmtp_wipe(body, strlen(body));
    free(body);
}

static void send_bad(int fd, enum script script, unsigned instance)
{
    size_t size = 0;
    char *body = reply_bad(script, instance, &size);

    if (!body)
        return;
    send_reply(fd, 200, "", body, size);
    acsmtp_wipe(body, size);
    free(body);
}

/* Nothing more comes until the other side gives up. */
static void wait_for_end(int fd)
{
    char byte;

    while (recv(fd, &byte, 1, 0) > 0)
        continue;
}

static void reset(int fd)
{
    const struct linger now = {.l_onoff = 1};

    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

static void follow(int fd, enum script script, unsigned instance)
{
    static const struct {
        int status;
        const char *fields;
    } statuses[SCRIPT_COUNT] = {
        [SCRIPT_REDIRECT] = {302, "Location: https://elsewhere.example.com/\r\n"},
        [SCRIPT_401] = {401, "WWW-Authenticate: Bearer realm=\"kit\"\r\n"},
        [SCRIPT_403] = {403, ""},
        [SCRIPT_404] = {404, ""},
        [SCRIPT_429] = {429, ""},
        [SCRIPT_429_RETRY] = {429, "Retry-After: 17\r\n"},
        [SCRIPT_500] = {500, ""},
        [SCRIPT_503_RETRY] = {503, "Retry-After: 17\r\n"},
    };

    if (statuses[script].status) {
        send_status(fd, statuses[script].status, statuses[script].fields);
        return;
    }
    switch (script) {
    case SCRIPT_GOOD:
        send_good(fd, instance);
        break;
    case SCRIPT_SHORT_BODY:
        send_text(fd, "HTTP/1.1 200 Kit\r\nContent-Length: 500\r\n\r\n{\"access_token\":\"x");
        break;
    case SCRIPT_BAD_CHUNK:
        send_text(fd,
                  "HTTP/1.1 200 Kit\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"acc\r\nzz\r\n");
        break;
    case SCRIPT_BAD_STATUS:
        send_text(fd, "HTTP/1.1 OK\r\n\r\n{}");
        break;
    case SCRIPT_SLOW:
        send_text(fd, "HTTP/1.1 200 Kit\r\nContent-Length: 500\r\n\r\n{\"access_token\":\"x");
        wait_for_end(fd);
        break;
    case SCRIPT_RESET:
        reset(fd);
        break;
    default:
        send_bad(fd, script, instance);
        break;
    }
}

static void send_challenge(int fd)
{
    char field[1024];

    (void)snprintf(field, sizeof field, "WWW-Authenticate: %s\r\n", challenge);
    send_status(fd, 401, field);
}

/* ---- requests ---- */

/* The whole of the body is read: what is closed with bytes unread is reset. */
static void read_body(int fd, const char *head, size_t have)
{
    const char *field = strcasestr(head, "\r\nContent-Length:");
    size_t left = field ? strtoul(field + 17, NULL, 10) : 0;
    char buffer[4096];

    while (left > have) {
        ssize_t got = recv(fd, buffer, sizeof buffer, 0);

        if (got <= 0)
            return;
        have += (size_t)got;
    }
    acsmtp_wipe(buffer, sizeof buffer);
}

/* Head and what came with it, NUL behind; 0, or -1 when there is no whole head. */
static int read_head(int fd, char *head)
{
    size_t size = 0;
    const char *end = NULL;

    while (!end && size < HEAD_MAX - 1) {
        ssize_t got = recv(fd, head + size, HEAD_MAX - 1 - size, 0);

        if (got <= 0)
            return -1;
        size += (size_t)got;
        head[size] = '\0';
        end = strstr(head, "\r\n\r\n");
    }
    if (!end)
        return -1;
    read_body(fd, head, size - (size_t)(end + 4 - head));
    return 0;
}

static void *serve(void *data)
{
    int fd = (int)(intptr_t)data;
    char *head = malloc(HEAD_MAX);
    unsigned script = SCRIPT_GOOD, instance = 0;

    if (head && read_head(fd, head) == 0) {
        (void)sscanf(head, "%*15s /%u/%u/", &script, &instance);
        if (script == SCRIPT_GOOD && challenge && !strcasestr(head, "\r\nAuthorization:"))
            send_challenge(fd);
        else
            follow(fd, script < SCRIPT_COUNT ? script : SCRIPT_GOOD, instance);
    }
    if (head)
        acsmtp_wipe(head, HEAD_MAX);
    free(head);
    (void)close(fd);
    return NULL;
}

static void *accept_all(void *data)
{
    int listener = (int)(intptr_t)data;

    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        pthread_t thread;

        if (fd < 0)
            continue;
        if (pthread_create(&thread, NULL, serve, (void *)(intptr_t)fd) == 0)
            (void)pthread_detach(thread);
        else
            (void)close(fd);
    }
    return NULL;
}

/* ---- the start ---- */

static unsigned port;

static void start(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    pthread_t thread;

    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(fd, BACKLOG) != 0 || getsockname(fd, (struct sockaddr *)&address, &size) != 0 ||
        pthread_create(&thread, NULL, accept_all, (void *)(intptr_t)fd) != 0)
        return;
    (void)pthread_detach(thread);
    port = ntohs(address.sin_port);
}

unsigned server_port(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    (void)pthread_once(&once, start);
    return port;
}
