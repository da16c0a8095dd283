/* SPDX-License-Identifier: MIT */
/* Waiting for descriptors, under a time limit, a deadline and a cancellation at once. */
#ifndef SMTP_WAIT_H
#define SMTP_WAIT_H

#include <acsmtp/context.h>
#include <acsmtp/error.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>

#define SMTP_NEVER INT64_MAX

/* What is waited for, and how long. Times are those of net_now(). */
struct smtp_limit {
    const struct acsmtp_context *context;
    const char *missing; /* in messages: "no <missing> within 30 s" */
    int64_t since, until;
};

/* `timeout_ms` from now on. */
struct smtp_limit smtp_limit_from_now(const struct acsmtp_context *context, const char *missing,
                                      int64_t timeout_ms);

/*
 * Wait until one of `count` descriptors is ready, or until `wake`, which is no failure. `fds` has
 * room for one more, the cancel descriptor. CANCELLED, or TEMPORARY with the code "timeout" at the
 * limit and at the context's deadline.
 */
int smtp_wait(struct pollfd *fds, size_t count, const struct smtp_limit *limit, int64_t wake,
              struct acsmtp_error *err) ACSMTP_CHECK;

#endif
