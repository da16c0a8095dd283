/* SPDX-License-Identifier: MIT */
/*
 * getaddrinfo(3) knows neither a time limit nor a cancellation, so it runs in a thread of its own
 * that nobody joins. Whoever of the two is the last to look at the answer frees it: the one who
 * asks may have left long before it comes. The library is linked with -z nodelete, for the code
 * that the thread returns to must still be there then.
 */
#include "smtp_resolve.h"

#include "net/place.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* ---- addresses ---- */

static void add(struct smtp_addresses *addresses, const void *name, size_t size, int port)
{
    struct smtp_address *address = &addresses->list[addresses->count];

    if (addresses->count == SMTP_ADDRESSES_MAX || size > sizeof address->name)
        return;
    *address = (struct smtp_address){.size = (socklen_t)size};
    memcpy(&address->name, name, size);
    if (address->name.any.sa_family == AF_INET)
        address->name.ipv4.sin_port = htons((uint16_t)port);
    else if (address->name.any.sa_family == AF_INET6)
        address->name.ipv6.sin6_port = htons((uint16_t)port);
    else
        return;
    addresses->count++;
}

static int add_literal(struct smtp_addresses *addresses, const char *host, int port)
{
    struct sockaddr_in ipv4 = {.sin_family = AF_INET};
    struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6};

    if (inet_pton(AF_INET, host, &ipv4.sin_addr) == 1)
        add(addresses, &ipv4, sizeof ipv4, port);
    else if (inet_pton(AF_INET6, host, &ipv6.sin6_addr) == 1)
        add(addresses, &ipv6, sizeof ipv6, port);
    return addresses->count > 0;
}

/* The first address from `from` on of another family; count when there is none. */
static size_t find_other(const struct smtp_addresses *addresses, size_t from, int family)
{
    while (from < addresses->count && addresses->list[from].name.any.sa_family == family)
        from++;
    return from;
}

void smtp_addresses_interleave(struct smtp_addresses *addresses)
{
    for (size_t i = 1; i < addresses->count; i++) {
        size_t next = find_other(addresses, i, addresses->list[i - 1].name.any.sa_family);
        struct smtp_address address;

        if (next == addresses->count)
            return;
        address = addresses->list[next];
        memmove(&addresses->list[i + 1], &addresses->list[i], (next - i) * sizeof address);
        addresses->list[i] = address;
    }
}

/* ---- asking the system ---- */

struct lookup {
    atomic_int users; /* the thread and the one who asks */
    atomic_int is_done;
    int event;  /* readable when is_done */
    int result; /* of getaddrinfo(3) */
    struct addrinfo *found;
    char host[NET_HOST_MAX + 1];
};

static void leave(struct lookup *lookup)
{
    if (atomic_fetch_sub(&lookup->users, 1) > 1)
        return;
    if (lookup->found)
        freeaddrinfo(lookup->found);
    (void)close(lookup->event);
    free(lookup);
}

static void *look_up(void *data)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    const uint64_t one = 1;
    struct lookup *lookup = data;

    lookup->result = getaddrinfo(lookup->host, NULL, &hints, &lookup->found);
    if (lookup->result != 0)
        lookup->found = NULL;
    atomic_store(&lookup->is_done, 1);
    (void)!write(lookup->event, &one, sizeof one);
    leave(lookup);
    return NULL;
}

/* Signals are for the threads of the program, which know what to do about them. */
static int start_thread(struct lookup *lookup)
{
    pthread_attr_t attributes;
    pthread_t thread;
    sigset_t all, before;
    int failure = pthread_attr_init(&attributes);

    if (failure != 0)
        return failure;
    (void)pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    failure = pthread_create(&thread, &attributes, look_up, lookup);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    (void)pthread_attr_destroy(&attributes);
    return failure;
}

/* NULL and `err` on failure. */
static struct lookup *start_lookup(const char *host, struct acsmtp_error *err)
{
    struct lookup *lookup = calloc(1, sizeof *lookup);
    int failure;

    if (!lookup) {
        (void)acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
        return NULL;
    }
    (void)snprintf(lookup->host, sizeof lookup->host, "%s", host);
    atomic_init(&lookup->users, 2);
    atomic_init(&lookup->is_done, 0);
    lookup->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    failure = lookup->event < 0 ? errno : start_thread(lookup);
    if (failure == 0)
        return lookup;
    if (lookup->event >= 0)
        (void)close(lookup->event);
    free(lookup);
    (void)acsmtp_fail_errno(err, failure, "asking for the address of the host");
    return NULL;
}

static int fail_lookup(int result, struct acsmtp_error *err)
{
    acsmtp_error_server(err, 0, "dns", NULL);
    if (result == 0 || result == EAI_NONAME || result == EAI_NODATA)
        return acsmtp_fail(err, ACSMTP_TEMPORARY, "the host name cannot be resolved");
    return acsmtp_fail(err, ACSMTP_TEMPORARY, "the host name cannot be resolved (%s)",
                       gai_strerror(result));
}

static int read_answer(const struct lookup *lookup, int port, struct smtp_addresses *addresses,
                       struct acsmtp_error *err)
{
    for (const struct addrinfo *at = lookup->found; at; at = at->ai_next)
        add(addresses, at->ai_addr, at->ai_addrlen, port);
    smtp_addresses_interleave(addresses);
    return addresses->count > 0 ? ACSMTP_OK : fail_lookup(lookup->result, err);
}

static int ask(const char *host, int port, const struct smtp_limit *limit,
               struct smtp_addresses *addresses, struct acsmtp_error *err)
{
    struct smtp_limit answer = *limit;
    struct pollfd fds[2];
    struct lookup *lookup = start_lookup(host, err);
    int status = ACSMTP_OK;

    if (!lookup)
        return ACSMTP_SYSTEM;
    answer.missing = "answer about the host name";
    fds[0] = (struct pollfd){.fd = lookup->event, .events = POLLIN};
    while (status == ACSMTP_OK && !atomic_load(&lookup->is_done))
        status = smtp_wait(fds, 1, &answer, SMTP_NEVER, err);
    if (status == ACSMTP_OK)
        status = read_answer(lookup, port, addresses, err);
    leave(lookup);
    return status;
}

int smtp_resolve(const char *host, int port, const struct smtp_limit *limit,
                 struct smtp_addresses *addresses, struct acsmtp_error *err)
{
    addresses->count = 0;
    if (net_place(host) == NET_LOCALHOST) {
        (void)add_literal(addresses, "127.0.0.1", port);
        (void)add_literal(addresses, "::1", port);
        return ACSMTP_OK;
    }
    if (add_literal(addresses, host, port))
        return ACSMTP_OK;
    return ask(host, port, limit, addresses, err);
}
