/* SPDX-License-Identifier: MIT */
/* See smtp_dial.h. */
#include "smtp_dial.h"

#include "net/clock.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

#define STAGGER_MS 250 /* RFC 8305 section 5 */
#define KEEPALIVE_S 60 /* below the time after which NATs forget a connection */

struct dial {
    const struct acsmtp_context *context;
    const struct smtp_addresses *addresses;
    size_t next;         /* the address to try next */
    int64_t next_at;     /* and when, of net_now() */
    size_t count;        /* attempts under way */
    int fd;              /* of the one that connected, -1 */
    int is_refused, why; /* errno of the last failure */
    struct pollfd fds[SMTP_ADDRESSES_MAX + 1];
};

static void note_failure(struct dial *dial, int number)
{
    dial->why = number;
    dial->is_refused |= number == ECONNREFUSED;
    dial->next_at = 0;
}

static void trace(const struct dial *dial, const struct smtp_address *address)
{
    char host[NI_MAXHOST], port[NI_MAXSERV];

    if (acsmtp_context_logs(dial->context, ACSMTP_LOG_TRACE) &&
        getnameinfo(&address->name.any, address->size, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) == 0)
        acsmtp_log(dial->context, ACSMTP_LOG_TRACE, "smtp * trying %s, port %s", host, port);
}

static void start_attempt(struct dial *dial)
{
    const struct smtp_address *address = &dial->addresses->list[dial->next++];
    int fd = socket(address->name.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    trace(dial, address);
    dial->next_at = net_now() + STAGGER_MS;
    if (fd < 0) {
        note_failure(dial, errno);
    } else if (connect(fd, &address->name.any, address->size) == 0) {
        dial->fd = fd;
    } else if (errno == EINPROGRESS) {
        dial->fds[dial->count++] = (struct pollfd){.fd = fd, .events = POLLOUT};
    } else {
        note_failure(dial, errno);
        (void)close(fd);
    }
}

/* What has come of the attempts that poll(2) tells about. */
static void look(struct dial *dial)
{
    size_t kept = 0;

    for (size_t i = 0; i < dial->count; i++) {
        struct pollfd *attempt = &dial->fds[i];
        int number = 0;
        socklen_t size = sizeof number;

        if (!attempt->revents || dial->fd >= 0) {
            dial->fds[kept++] = *attempt;
        } else if (getsockopt(attempt->fd, SOL_SOCKET, SO_ERROR, &number, &size) != 0 || number) {
            note_failure(dial, number ? number : errno);
            (void)close(attempt->fd);
        } else {
            dial->fd = attempt->fd;
        }
    }
    dial->count = kept;
}

static void start_due(struct dial *dial)
{
    while (dial->fd < 0 && dial->next < dial->addresses->count && net_now() >= dial->next_at)
        start_attempt(dial);
}

static int fail(const struct dial *dial, struct acsmtp_error *err)
{
    char reason[128];

    if (dial->is_refused) {
        acsmtp_error_server(err, 0, "connect_refused", NULL);
        return acsmtp_fail(err, ACSMTP_TEMPORARY, "connection refused");
    }
    acsmtp_error_server(err, 0, "connect_unreachable", NULL);
    return acsmtp_fail(err, ACSMTP_TEMPORARY, "the host cannot be reached: %s",
                       strerror_r(dial->why, reason, sizeof reason));
}

static int run(struct dial *dial, const struct smtp_limit *limit, struct acsmtp_error *err)
{
    for (;;) {
        int status;

        start_due(dial);
        if (dial->fd >= 0)
            return ACSMTP_OK;
        if (dial->count == 0)
            return fail(dial, err);
        status = smtp_wait(dial->fds, dial->count, limit,
                           dial->next < dial->addresses->count ? dial->next_at : SMTP_NEVER, err);
        if (status != ACSMTP_OK)
            return status;
        look(dial);
    }
}

/* A session may idle for long between mails: a peer that has gone must show. */
static void set_options(int fd)
{
    const int on = 1;
    const int seconds = KEEPALIVE_S;

    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &seconds, sizeof seconds);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &seconds, sizeof seconds);
}

int smtp_dial(const struct smtp_addresses *addresses, const struct smtp_limit *limit, int *fd,
              struct acsmtp_error *err)
{
    struct dial dial = {.context = limit->context, .addresses = addresses, .fd = -1};
    int status = run(&dial, limit, err);

    for (size_t i = 0; i < dial.count; i++)
        (void)close(dial.fds[i].fd);
    if (status != ACSMTP_OK)
        return status;
    set_options(dial.fd);
    *fd = dial.fd;
    return ACSMTP_OK;
}
