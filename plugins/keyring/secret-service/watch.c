/* SPDX-License-Identifier: MIT */
#include "watch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

static int milliseconds_left(const struct acsmtp_context *context)
{
    int64_t left = acsmtp_context_remaining(context);

    if (left == INT64_MAX)
        return -1;
    return left < INT_MAX ? (int)left : INT_MAX;
}

static void *watch_run(void *data)
{
    struct watch *watch = data;
    struct pollfd ends[] = {
        {.fd = watch->done[0], .events = POLLIN},
        {.fd = acsmtp_context_cancel_fd(watch->context), .events = POLLIN},
    };
    int ready;

    do
        ready = poll(ends, 2, milliseconds_left(watch->context));
    while (ready < 0 && errno == EINTR);
    if (!ends[0].revents)
        g_cancellable_cancel(watch->cancellable);
    return NULL;
}

static int watch_fail(struct watch *watch, int problem, struct acsmtp_error *err)
{
    (void)close(watch->done[0]);
    (void)close(watch->done[1]);
    return acsmtp_fail_errno(err, problem, "cannot watch the time");
}

int watch_start(struct watch *watch, struct acsmtp_context *context, struct acsmtp_error *err)
{
    int problem;

    *watch = (struct watch){.context = context};
    if (pipe2(watch->done, O_CLOEXEC) != 0)
        return acsmtp_fail_errno(err, errno, "cannot watch the time");
    watch->cancellable = g_cancellable_new();
    problem = pthread_create(&watch->thread, NULL, watch_run, watch);
    if (problem == 0)
        return ACSMTP_OK;
    g_object_unref(watch->cancellable);
    return watch_fail(watch, problem, err);
}

void watch_stop(struct watch *watch)
{
    (void)close(watch->done[1]);
    (void)pthread_join(watch->thread, NULL);
    (void)close(watch->done[0]);
    g_object_unref(watch->cancellable);
}
