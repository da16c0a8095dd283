/* SPDX-License-Identifier: MIT */
/* Patience with what Azure refuses for a while; see schedule.h. */
#include "schedule_private.h"

#include <stdio.h>
#include <sys/random.h>

#define WAIT_MAX_MS 30000

/* Up to a fifth more or less, so that many steps do not come back at once. */
static int64_t with_jitter(int64_t wait)
{
    int64_t spread = wait / 5;
    uint32_t random = 0;

    if (spread <= 0 || getrandom(&random, sizeof random, GRND_NONBLOCK) != sizeof random)
        return wait;
    return wait - spread + (int64_t)(random % (uint64_t)(2 * spread + 1));
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/*
 * The next wait; 0 when there is no time left for another attempt. The last wait is cut short, so
 * that the end of the time sees one more attempt.
 */
static int64_t next_wait(int64_t wait, const struct acsmtp_error *failure, int64_t left,
                         const struct acsmtp_context *context)
{
    int64_t asked = (int64_t)failure->retry_after * 1000;
    int64_t now = with_jitter(wait);

    if (asked > now)
        now = asked > left ? 0 : asked;
    now = smaller(now, left);
    return now < acsmtp_context_remaining(context) ? now : 0;
}

/* The failure as the attempt told it, with how long it was tried in front. */
static int give_up(const struct acsmtp_error *failure, int64_t tried_ms, struct acsmtp_error *err)
{
    int status;

    if (tried_ms < 1000)
        status = acsmtp_fail(err, failure->status, "%s", failure->message);
    else
        status = acsmtp_fail(err, failure->status, "after %lld s of trying: %s",
                             (long long)(tried_ms / 1000), failure->message);
    acsmtp_error_server(err, failure->server_code, failure->code, failure->server_text);
    if (err)
        err->retry_after = failure->retry_after;
    return status;
}

int schedule_retry(struct schedule_step *step, struct acsmtp_context *context,
                   const struct schedule_retry *retry, struct acsmtp_error *err)
{
    int64_t began = schedule_now_ms();
    int64_t wait = retry->poll_ms > 0 ? retry->poll_ms : 1;
    int status;

    for (;;) {
        struct acsmtp_error failure = ACSMTP_ERROR_INIT;
        int64_t pause = 0;
        int64_t tried;

        status = retry->attempt(retry->data, context, &failure);
        if (status == ACSMTP_OK)
            break;
        (void)acsmtp_fail(&failure, status, "failed, and does not say why");
        tried = schedule_now_ms() - began;
        if (retry->is_transient(&failure))
            pause = next_wait(wait, &failure, retry->wait_ms - tried, context);
        if (pause <= 0) {
            status = give_up(&failure, tried, err);
            break;
        }
        schedule_waiting(step, retry->what);
        status = acsmtp_context_sleep(context, pause, err);
        if (status != ACSMTP_OK)
            break;
        wait = smaller(wait + wait / 2 + 1, WAIT_MAX_MS);
    }
    schedule_waiting(step, NULL);
    return status;
}
