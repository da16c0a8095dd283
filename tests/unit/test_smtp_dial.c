/* SPDX-License-Identifier: MIT */
/*
 * Happy eyeballs on the loopback, whose 127.0.0.0/8 gives as many hosts as are wanted. One that
 * does not answer is a listener whose queue is full: it drops the first packet of further
 * connections.
 */
#include "cunit_main.h"
#include "loopback.h"
#include "net/clock.h"
#include "smtp/smtp_dial.h"

#include <dirent.h>
#include <fcntl.h>

struct silent {
    int listener, fillers[3];
};

static struct sockaddr_in host_of(int number, int port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
                                .sin_addr = {.s_addr = htonl(0x7f000000U + (unsigned)number)}};
}

/* On 127.0.0.`number` and this port, 0 for any; the port. */
static int listen_on(int number, int port, int queue, int *listener)
{
    struct sockaddr_in address = host_of(number, port);
    socklen_t size = sizeof address;

    *listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    loopback_need(*listener >= 0 &&
                      bind(*listener, (struct sockaddr *)&address, sizeof address) == 0 &&
                      listen(*listener, queue) == 0 &&
                      getsockname(*listener, (struct sockaddr *)&address, &size) == 0,
                  "a listener");
    return ntohs(address.sin_port);
}

static void be_silent(struct silent *silent, int number, int port)
{
    struct sockaddr_in address = host_of(number, port);

    (void)listen_on(number, port, 0, &silent->listener);
    for (size_t i = 0; i < 3; i++) {
        silent->fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        (void)connect(silent->fillers[i], (struct sockaddr *)&address, sizeof address);
    }
}

static void stop(struct silent *silent)
{
    for (size_t i = 0; i < 3; i++)
        (void)close(silent->fillers[i]);
    (void)close(silent->listener);
}

static int count_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int count = 0;

    loopback_need(folder != NULL, "/proc/self/fd");
    while (readdir(folder))
        count++;
    (void)closedir(folder);
    return count;
}

/* ---- dialling ---- */

struct dialled {
    struct acsmtp_context *context;
    struct acsmtp_error err;
    int status, fd;
    int64_t took;
};

/* 127.0.0.x for each character of `numbers`. */
static void dial(struct dialled *dialled, const char *numbers, int port, int64_t timeout_ms)
{
    struct smtp_addresses addresses = {.count = 0};
    struct smtp_limit limit;

    *dialled = (struct dialled){.err = ACSMTP_ERROR_INIT, .fd = -1};
    loopback_need(acsmtp_context_new(&dialled->context, &dialled->err) == ACSMTP_OK, "a context");
    for (; *numbers; numbers++)
        addresses.list[addresses.count++] = (struct smtp_address){
            .name = {.ipv4 = host_of(*numbers - '0', port)}, .size = sizeof(struct sockaddr_in)};
    limit = smtp_limit_from_now(dialled->context, "connection", timeout_ms);
    dialled->status = smtp_dial(&addresses, &limit, &dialled->fd, &dialled->err);
    dialled->took = net_now() - limit.since;
}

static void hang_up(struct dialled *dialled)
{
    if (dialled->fd >= 0)
        (void)close(dialled->fd);
    acsmtp_context_free(dialled->context);
}

static int peer_of(const struct dialled *dialled)
{
    struct sockaddr_in peer = {.sin_family = AF_INET};
    socklen_t size = sizeof peer;

    if (getpeername(dialled->fd, (struct sockaddr *)&peer, &size) != 0)
        return -1;
    return (int)(ntohl(peer.sin_addr.s_addr) & 255);
}

static void the_socket_is_as_a_session_needs_it(void)
{
    struct dialled dialled;
    int listener;
    int port = listen_on(1, 0, 4, &listener);
    int on = 0;
    socklen_t size = sizeof on;

    dial(&dialled, "1", port, 5000);
    CU_ASSERT_EQUAL(dialled.status, ACSMTP_OK);
    CU_ASSERT(fcntl(dialled.fd, F_GETFD) & FD_CLOEXEC);
    CU_ASSERT(fcntl(dialled.fd, F_GETFL) & O_NONBLOCK);
    CU_ASSERT(getsockopt(dialled.fd, IPPROTO_TCP, TCP_NODELAY, &on, &size) == 0 && on);
    CU_ASSERT(getsockopt(dialled.fd, SOL_SOCKET, SO_KEEPALIVE, &on, &size) == 0 && on);
    hang_up(&dialled);
    (void)close(listener);
}

static void after_a_refusal_the_next_is_tried_at_once(void)
{
    struct dialled dialled;
    int listener;
    int port = listen_on(3, 0, 4, &listener);

    dial(&dialled, "123", port, 5000);
    CU_ASSERT_EQUAL(dialled.status, ACSMTP_OK);
    CU_ASSERT_EQUAL(peer_of(&dialled), 3);
    CU_ASSERT(dialled.took < 200);
    hang_up(&dialled);
    (void)close(listener);
}

static void silence_is_given_250_ms(void)
{
    int before = count_descriptors();
    struct dialled dialled;
    struct silent silent;
    int listener;
    int port = listen_on(2, 0, 4, &listener);

    be_silent(&silent, 1, port);
    dial(&dialled, "12", port, 5000);
    CU_ASSERT_EQUAL(dialled.status, ACSMTP_OK);
    CU_ASSERT_EQUAL(peer_of(&dialled), 2);
    CU_ASSERT(dialled.took >= 250 && dialled.took < 900);
    hang_up(&dialled);
    stop(&silent);
    (void)close(listener);
    CU_ASSERT_EQUAL(count_descriptors(), before);
}

static void refusals_by_all_are_told(void)
{
    struct dialled dialled;
    int listener;
    int port = listen_on(1, 0, 4, &listener);

    (void)close(listener);
    dial(&dialled, "123", port, 5000);
    CU_ASSERT_EQUAL(dialled.status, ACSMTP_TEMPORARY);
    CU_ASSERT_STRING_EQUAL(dialled.err.code, "connect_refused");
    CU_ASSERT_STRING_EQUAL(dialled.err.message, "connection refused");
    hang_up(&dialled);
}

static void what_cannot_be_reached_is_told(void)
{
    struct smtp_addresses addresses = {.count = 1,
                                       .list = {{.name = {.ipv4 = host_of(1, 1)}, .size = 4}}};
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct acsmtp_context *context;
    struct smtp_limit limit;
    int fd = -1;

    loopback_need(acsmtp_context_new(&context, &err) == ACSMTP_OK, "a context");
    limit = smtp_limit_from_now(context, "connection", 1000);
    /* An address that is too short for its family: the system refuses it at once. */
    CU_ASSERT_EQUAL(smtp_dial(&addresses, &limit, &fd, &err), ACSMTP_TEMPORARY);
    CU_ASSERT_STRING_EQUAL(err.code, "connect_unreachable");
    CU_ASSERT_STRING_EQUAL(err.message, "the host cannot be reached: Invalid argument");
    acsmtp_context_free(context);
}

static void silence_of_all_ends_at_the_limit(void)
{
    int before = count_descriptors();
    struct dialled dialled;
    struct silent first, second;
    int listener;
    int port = listen_on(9, 0, 4, &listener);

    be_silent(&first, 1, port);
    be_silent(&second, 2, port);
    dial(&dialled, "12", port, 400);
    CU_ASSERT_EQUAL(dialled.status, ACSMTP_TEMPORARY);
    CU_ASSERT_STRING_EQUAL(dialled.err.code, "timeout");
    CU_ASSERT_STRING_EQUAL(dialled.err.message, "no connection within 0.4 s");
    CU_ASSERT(dialled.took >= 400 && dialled.took < 900);
    hang_up(&dialled);
    stop(&first);
    stop(&second);
    (void)close(listener);
    CU_ASSERT_EQUAL(count_descriptors(), before);
}

CUNIT_MAIN("smtp_dial", T(the_socket_is_as_a_session_needs_it),
           T(after_a_refusal_the_next_is_tried_at_once), T(silence_is_given_250_ms),
           T(refusals_by_all_are_told), T(what_cannot_be_reached_is_told),
           T(silence_of_all_ends_at_the_limit))
