/* SPDX-License-Identifier: MIT */
/* See smtp_wait.h. */
#include "smtp_wait.h"

#include "net/clock.h"

#include <errno.h>
#include <limits.h>

struct smtp_limit smtp_limit_from_now(const struct acsmtp_context *context, const char *missing,
                                      int64_t timeout_ms)
{
    int64_t now = net_now();

    return (struct smtp_limit){
        .context = context, .missing = missing, .since = now, .until = now + timeout_ms};
}

static int fail_late(const struct smtp_limit *limit, struct acsmtp_error *err)
{
    char time[NET_SECONDS_MAX];

    net_seconds(net_now() - limit->since, time);
    acsmtp_error_server(err, 0, "timeout", NULL);
    return acsmtp_fail(err, ACSMTP_TEMPORARY, "no %s within %s", limit->missing, time);
}

/* Milliseconds until the limit or the deadline, not below 0. */
static int64_t left_of(const struct smtp_limit *limit, int64_t now)
{
    int64_t remaining = acsmtp_context_remaining(limit->context);
    int64_t left = limit->until > now ? limit->until - now : 0;

    return remaining < left ? remaining : left;
}

int smtp_wait(struct pollfd *fds, size_t count, const struct smtp_limit *limit, int64_t wake,
              struct acsmtp_error *err)
{
    int cancel_fd = acsmtp_context_cancel_fd(limit->context);

    fds[count] = (struct pollfd){.fd = cancel_fd, .events = POLLIN};
    for (;;) {
        int64_t now = net_now();
        int64_t left = left_of(limit, now);
        int64_t nap = wake > now ? wake - now : 0;
        int64_t most = left < nap ? left : nap;
        int ready = poll(fds, count + (cancel_fd >= 0), most < INT_MAX ? (int)most : INT_MAX);

        if (ready < 0 && errno != EINTR)
            return acsmtp_fail_errno(err, errno, "poll");
        if (acsmtp_context_cancelled(limit->context))
            return acsmtp_context_check(limit->context, "waiting for the server", err);
        if (ready > 0 || nap == 0)
            return ACSMTP_OK;
        if (left == 0)
            return fail_late(limit, err);
    }
}
