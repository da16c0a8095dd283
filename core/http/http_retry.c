/* SPDX-License-Identifier: MIT */
/*
 * When to ask again: the attempts around one HTTP exchange. A wait that would pass the deadline is
 * never begun, so that the caller gets the server's last answer instead of a timeout.
 */
#include "http_private.h"
#include "net/clock.h"

#include <stddef.h>
#include <string.h>
#include <sys/random.h>

/* A server that wants more patience is told to the caller instead: nobody waits for hours. */
#define RETRY_AFTER_WAIT_MAX_MS 60000
#define NOTICED_WAIT_MS 3000

static const int32_t default_delays[] = {800, 1600, 3200};

const struct acsmtp_http_retry acsmtp_http_retry_default = {
    .size = sizeof(struct acsmtp_http_retry),
    .attempts = 4,
    .delays_ms = default_delays,
    .delay_count = sizeof default_delays / sizeof default_delays[0],
    .connection_errors = 1,
};

const struct acsmtp_http_retry acsmtp_http_retry_none = {
    .size = sizeof(struct acsmtp_http_retry),
    .attempts = 1,
};

static int is_retried_status(const struct acsmtp_http_retry *retry, int code)
{
    static const int16_t usual[] = {408, 429, 500, 502, 503, 504, 0};

    for (const int16_t *status = retry->statuses ? retry->statuses : usual; *status; status++)
        if (*status == code)
            return 1;
    return 0;
}

/* Up to a fifth more or less, so that many clients do not come back at once. */
static int64_t with_jitter(int64_t delay)
{
    uint32_t random = 0;
    int64_t spread = delay / 5;

    if (spread <= 0 || getrandom(&random, sizeof random, GRND_NONBLOCK) != sizeof random)
        return delay;
    return delay - spread + (int64_t)(random % (uint64_t)(2 * spread + 1));
}

static int64_t delay_after(const struct acsmtp_http_retry *retry, uint32_t attempt)
{
    uint32_t index = attempt - 1;

    if (!retry->delays_ms || retry->delay_count == 0)
        return 0;
    return with_jitter(
        retry->delays_ms[index < retry->delay_count ? index : retry->delay_count - 1]);
}

/* Milliseconds to wait before the next attempt, -1 when there must be none. */
static int64_t next_wait(const struct acsmtp_context *context,
                         const struct acsmtp_http_retry *retry, uint32_t attempt, int status,
                         const struct acsmtp_http_response *response)
{
    int64_t wait;
    int64_t asked;

    if (attempt >= retry->attempts)
        return -1;
    if (status == ACSMTP_OK ? !is_retried_status(retry, response->status)
                            : !(status == ACSMTP_TEMPORARY && retry->connection_errors))
        return -1;
    wait = delay_after(retry, attempt);
    asked = response ? (int64_t)acsmtp_http_retry_after(response) * 1000 : -1;
    if (asked > RETRY_AFTER_WAIT_MAX_MS)
        return -1;
    if (asked > wait)
        wait = asked;
    return wait < acsmtp_context_remaining(context) ? wait : -1;
}

/* A wait that people notice is told to those who asked for more than results. */
static void tell_wait(const struct http_exchange *exchange, uint32_t attempt,
                      const struct acsmtp_http_response *reply, const struct acsmtp_error *reason,
                      int64_t wait)
{
    int level = wait < NOTICED_WAIT_MS ? ACSMTP_LOG_DEBUG : ACSMTP_LOG_INFO;
    char time[NET_SECONDS_MAX];

    net_seconds(wait, time);
    if (reply)
        acsmtp_log(exchange->context, level, "%s: attempt %u: %d, again in %s", exchange->what,
                   attempt, reply->status, time);
    else
        acsmtp_log(exchange->context, level, "%s, attempt %u, again in %s", reason->message,
                   attempt, time);
}

static int run_attempts(struct http_exchange *exchange, struct acsmtp_context *context,
                        struct acsmtp_http_request *request, struct acsmtp_http_response **response,
                        struct acsmtp_error *err)
{
    const struct acsmtp_http_retry *retry =
        request->retry ? request->retry : &acsmtp_http_retry_default;

    for (uint32_t attempt = 1;; attempt++) {
        struct acsmtp_error reason = ACSMTP_ERROR_INIT;
        ACSMTP_AUTO_HTTP struct acsmtp_http_response *reply = NULL;
        int status = http_exchange_run(exchange, &reply, &reason);
        int64_t wait = next_wait(context, retry, attempt, status, reply);

        request->attempts_made = attempt;
        if (wait < 0) {
            if (status == ACSMTP_OK) {
                *response = ACSMTP_STEAL(struct acsmtp_http_response, reply);
                return ACSMTP_OK;
            }
            acsmtp_error_server(err, 0, reason.code, NULL);
            return acsmtp_fail(err, status, "%s", reason.message);
        }
        tell_wait(exchange, attempt, reply, &reason, wait);
        status = acsmtp_context_sleep(context, wait, err);
        if (status != ACSMTP_OK)
            return status;
    }
}

/* Where the structure of ABI 1.0 ends. */
#define REQUEST_SIZE_MIN (offsetof(struct acsmtp_http_request, attempts_made) + sizeof(uint32_t))

int acsmtp_http_send(struct acsmtp_context *context, struct acsmtp_http_request *request,
                     struct acsmtp_http_response **response, struct acsmtp_error *err)
{
    struct acsmtp_http_request full = {.size = 0};
    struct http_exchange *exchange = NULL;
    int status;

    if (request->size < REQUEST_SIZE_MIN)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "struct acsmtp_http_request has no size");
    memcpy(&full, request, request->size < sizeof full ? request->size : sizeof full);
    full.attempts_made = 0;
    status = http_exchange_new(context, &full, &exchange, err);
    if (status == ACSMTP_OK)
        status = run_attempts(exchange, context, &full, response, err);
    http_exchange_free(exchange);
    request->attempts_made = full.attempts_made;
    return status;
}
