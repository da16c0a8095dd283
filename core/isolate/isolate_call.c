/* SPDX-License-Identifier: MIT */
/*
 * The host's side of a call. Whatever the plugin does, this ends: at the return, at the deadline
 * and a little more, when the work is cancelled and a little more, or with the process.
 */
#include "isolate_call.h"
#include "wire_value.h"
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define START_MS 30000 /* for a process to start, load or open: no network, no waiting */
#define GRACE_MS 2000  /* to return by itself once the time is up or the work is cancelled */

static int64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- waiting ---- */

static int64_t grace_of(const struct isolate_call *call)
{
    return call->grace_ms > 0 ? call->grace_ms : GRACE_MS;
}

/* A piece of work that is cancelled may still be brought to a good end by the plugin. */
static void notice_cancel(struct isolate_call *call)
{
    if (call->cancelled || !acsmtp_context_cancelled(call->context))
        return;
    call->cancelled = 1;
    isolate_child_cancel(*call->child);
    if (call->until > now_ms() + grace_of(call))
        call->until = now_ms() + grace_of(call);
}

static int poll_timeout(const struct isolate_call *call)
{
    int64_t left = call->until == INT64_MAX ? 3600000 : call->until - now_ms();

    if (left < 0)
        return 0;
    return left < 3600000 ? (int)left : 3600000;
}

static int too_late(const struct isolate_call *call, struct acsmtp_error *err)
{
    int status;

    if (call->cancelled)
        return acsmtp_context_check(call->context, "isolated plugin", err);
    status =
        acsmtp_fail(err, ACSMTP_TEMPORARY, "it did not return within its time and was stopped");
    acsmtp_error_server(err, 0, "isolated_hang", NULL);
    return status;
}

static int wait_ready(void *data, int fd, short events, struct acsmtp_error *err)
{
    struct isolate_call *call = data;

    for (;;) {
        struct pollfd fds[2] = {{fd, events, 0},
                                {acsmtp_context_cancel_fd(call->context), POLLIN, 0}};

        notice_cancel(call);
        if (now_ms() >= call->until)
            return too_late(call, err);
        if (call->cancelled)
            fds[1].fd = -1;
        if (poll(fds, 2, poll_timeout(call)) > 0 && fds[0].revents)
            return ACSMTP_OK;
    }
}

struct channel isolate_call_channel(struct isolate_call *call)
{
    return (struct channel){.fd = (*call->child)->channel, .wait = wait_ready, .data = call};
}

static void begin_time(struct isolate_call *call)
{
    int64_t left = acsmtp_context_remaining(call->context), grace = grace_of(call);

    call->until = left > INT64_MAX - grace - now_ms() ? INT64_MAX : now_ms() + left + grace;
}

/* ---- the end of a process ---- */

/* A source that cannot be trusted to work does not apply here: the others of its chain do. */
static int class_of(const struct isolate_call *call, int status)
{
    if (status == ACSMTP_CANCELLED)
        return status;
    if (call->isolate->kind == ACSMTP_KIND_CREDENTIAL)
        return ACSMTP_UNAVAILABLE;
    return status == ACSMTP_TEMPORARY ? ACSMTP_TEMPORARY : ACSMTP_SYSTEM;
}

static int fail_with(struct acsmtp_error *err, int status, const char *code, const char *before,
                     const char *what)
{
    status = acsmtp_fail(err, status, "%s%s", before, what);
    acsmtp_error_server(err, 0, code, NULL);
    return status;
}

/* Stop the process and say why, in the words of what was seen and of how it ended. */
int isolate_call_end(struct isolate_call *call, const struct acsmtp_error *problem,
                     struct acsmtp_error *err)
{
    int status = class_of(call, problem->status), sandboxed = 0;
    char how[512] = "";

    isolate_child_stop(*call->child, how, sizeof how, &sandboxed);
    *call->child = NULL;
    if (sandboxed)
        return fail_with(err, status, "isolated_sandbox",
                         "its sandbox stopped it: it made a system call that no plugin may make",
                         "");
    if (channel_has_ended(problem))
        return fail_with(err, status, "isolated_crash", "its process ended with ", how);
    if (problem->status == ACSMTP_PROTOCOL)
        return fail_with(err, status, "isolated_protocol", "it was stopped: ", problem->message);
    return fail_with(err, status, problem->code[0] ? problem->code : NULL, "", problem->message);
}

/* ---- calls ---- */

int isolate_call_start(struct isolate *isolate, struct isolate_child **child,
                       struct isolate_call *call, struct acsmtp_error *err)
{
    struct acsmtp_context *context = NULL;
    int status = acsmtp_context_new(&context, err);

    if (status != ACSMTP_OK)
        return status;
    acsmtp_context_set_timeout(context, START_MS);
    *call = (struct isolate_call){.isolate = isolate, .child = child, .context = context};
    return ACSMTP_OK;
}

struct wire_writer isolate_call_begin(struct isolate_call *call, int with_scope)
{
    struct wire_writer writer = {.out = (*call->child)->out};

    acsmtp_secret_truncate(writer.out, 0);
    if (with_scope)
        wire_put_scope(&writer, call->context);
    return writer;
}

/* The outcome of the call, and what its context learnt. */
static int read_return(struct isolate_call *call, struct wire_reader *result, int *status,
                       struct acsmtp_error *err)
{
    struct acsmtp_error problem = ACSMTP_ERROR_INIT;
    struct wire_reader reader = wire_read((*call->child)->in);
    uint32_t knows_clock;
    int64_t skew;
    const char *claims;

    *status = wire_get_outcome(&reader, err);
    knows_clock = wire_get_count(&reader, 1);
    skew = wire_get_i64(&reader);
    claims = wire_get_text(&reader, ISOLATE_TEXT_MAX);
    result->at = wire_get_bytes(&reader, &result->left);
    result->failed = 0;
    if (wire_check(&reader, "return", &problem) != ACSMTP_OK) {
        acsmtp_error_clear(err);
        return isolate_call_end(call, &problem, err);
    }
    if (knows_clock)
        acsmtp_context_note_clock_skew(call->context, skew);
    if (claims)
        acsmtp_context_set_claims(call->context, claims);
    return ACSMTP_OK;
}

static int stay_with(struct isolate_call *call, struct acsmtp_error *problem)
{
    struct channel channel = isolate_call_channel(call);
    uint32_t type = 0;
    int status = ACSMTP_OK;

    while (status == ACSMTP_OK && type != FRAME_RETURN) {
        status = channel_receive(&channel, &type, (*call->child)->in, problem);
        if (status == ACSMTP_OK && type != FRAME_RETURN)
            status = isolate_answer(call, type, problem);
    }
    return status;
}

static void close_stores(struct isolate_call *call)
{
    size_t i;

    for (i = 0; i < ISOLATE_STORES_MAX; i++) {
        acsmtp_store_close(call->stores[i]);
        call->stores[i] = NULL;
    }
}

int isolate_call_tell(struct isolate_call *call, uint32_t type, const struct wire_writer *writer,
                      struct acsmtp_error *err)
{
    struct acsmtp_error problem = ACSMTP_ERROR_INIT;
    struct channel channel = isolate_call_channel(call);
    int status;

    if (writer->failed)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "what the isolated plugin is told is too long");
    begin_time(call);
    status = channel_send(&channel, type, writer->out, &problem);
    return status == ACSMTP_OK ? ACSMTP_OK : isolate_call_end(call, &problem, err);
}

int isolate_call_run(struct isolate_call *call, uint32_t type, const struct wire_writer *writer,
                     struct wire_reader *result, struct acsmtp_error *err)
{
    struct acsmtp_error problem = ACSMTP_ERROR_INIT;
    int outcome = ACSMTP_OK;
    int status = isolate_call_tell(call, type, writer, err);

    *result = (struct wire_reader){.failed = 1};
    if (status != ACSMTP_OK || !*call->child)
        return status;
    status = stay_with(call, &problem);
    close_stores(call);
    if (status != ACSMTP_OK)
        return isolate_call_end(call, &problem, err);
    status = read_return(call, result, &outcome, err);
    return status == ACSMTP_OK ? outcome : status;
}

int isolate_call_check(struct isolate_call *call, const struct wire_reader *result,
                       const char *what, struct acsmtp_error *err)
{
    struct acsmtp_error problem = ACSMTP_ERROR_INIT;

    if (wire_check(result, what, &problem) == ACSMTP_OK)
        return ACSMTP_OK;
    return isolate_call_end(call, &problem, err);
}
