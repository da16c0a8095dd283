/* SPDX-License-Identifier: MIT */
/*
 * The sets that nobody uses at the moment: a list, the last one given back first. libcurl itself
 * sees to it that a connection serves only requests with the same trust, and to those that the
 * server has closed.
 */
#include "connections.h"

#include "net/clock.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define IDLE_MAX_MS 60000 /* servers of Azure close after two minutes and more */
#define IDLE_SETS_MAX 8

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct http_connections *idle;
static pid_t owner;

/* ---- sockets ---- */

static void note_socket(struct http_connections *connections, int from, int to)
{
    for (size_t i = 0; i < HTTP_SOCKETS_MAX; i++) {
        if (connections->sockets[i] == from) {
            connections->sockets[i] = to;
            break;
        }
    }
}

static curl_socket_t on_open(void *data, curlsocktype purpose, struct curl_sockaddr *address)
{
    int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);

    (void)purpose;
    if (fd < 0)
        return CURL_SOCKET_BAD;
    note_socket(data, -1, fd);
    return fd;
}

static int on_close(void *data, curl_socket_t fd)
{
    note_socket(data, fd, -1);
    return close(fd);
}

void http_connections_setup(struct http_connections *connections, CURL *easy)
{
    (void)curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, connections);
    (void)curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open);
    (void)curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, connections);
    (void)curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close);
}

void http_connections_quick_ack(const struct http_connections *connections)
{
    const int on = 1;

    for (size_t i = 0; i < HTTP_SOCKETS_MAX; i++)
        if (connections->sockets[i] >= 0)
            (void)setsockopt(connections->sockets[i], IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
}

/* ---- sets ---- */

static struct http_connections *make(struct acsmtp_error *err)
{
    struct http_connections *made = calloc(1, sizeof *made);

    if (made)
        made->multi = curl_multi_init();
    if (!made || !made->multi) {
        free(made);
        (void)acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
        return NULL;
    }
    for (size_t i = 0; i < HTTP_SOCKETS_MAX; i++)
        made->sockets[i] = -1;
    (void)curl_multi_setopt(made->multi, CURLMOPT_MAXCONNECTS, (long)HTTP_CONNECTIONS_MAX);
    return made;
}

void http_connections_close(struct http_connections *connections)
{
    if (!connections)
        return;
    (void)curl_multi_cleanup(connections->multi);
    free(connections);
}

/*
 * After fork() they are the parent's: two processes that speak over one TLS connection would spoil
 * it for each other, and closing it would end it for both. So they are forgotten.
 */
static void forget_inherited(void)
{
    if (owner == getpid())
        return;
    owner = getpid();
    idle = NULL;
}

/* Take those out that were idle for too long, and all but the first IDLE_SETS_MAX. */
static struct http_connections *take_old(void)
{
    struct http_connections **at = &idle;
    struct http_connections *old;
    int64_t oldest = net_now() - IDLE_MAX_MS;

    for (int count = 0; *at && count < IDLE_SETS_MAX && (*at)->idle_since >= oldest; count++)
        at = &(*at)->next;
    old = *at;
    *at = NULL;
    return old;
}

struct http_connections *http_connections_take(struct acsmtp_error *err)
{
    struct http_connections *taken;

    (void)pthread_mutex_lock(&lock);
    forget_inherited();
    taken = idle;
    if (taken)
        idle = taken->next;
    (void)pthread_mutex_unlock(&lock);
    return taken ? taken : make(err);
}

void http_connections_give(struct http_connections *connections)
{
    struct http_connections *old;

    (void)pthread_mutex_lock(&lock);
    forget_inherited();
    connections->idle_since = net_now();
    connections->next = idle;
    idle = connections;
    old = take_old();
    (void)pthread_mutex_unlock(&lock);
    while (old) {
        struct http_connections *next = old->next;

        http_connections_close(old);
        old = next;
    }
}
