/* SPDX-License-Identifier: MIT */
/*
 * struct acsmtp_context: deadline, cancellation and endpoints. A limited context shares the
 * cancellation and the endpoints of the one it was made from.
 */
#include "claims_challenge.h"
#include "context_private.h"
#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define NO_DEADLINE INT64_MAX

struct endpoint {
    struct endpoint *next;
    char *name, *value;
};

struct acsmtp_context {
    struct acsmtp_context *root; /* itself, or the context whose cancellation and endpoints count */
    int64_t deadline;            /* milliseconds of the monotonic clock */
    int in_chain;
    struct context_log log;
    struct context_report report;
    char *claims; /* of the last refusal, NULL if it named none */
    /* Of a root only: */
    atomic_int cancelled;
    int cancel_fd;
    struct endpoint *endpoints;
    int64_t clock_skew;
    int knows_clock;
};

static int64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t deadline_after(int64_t timeout_ms)
{
    int64_t now = now_ms();

    if (timeout_ms < 0 || timeout_ms >= NO_DEADLINE - now)
        return NO_DEADLINE;
    return now + timeout_ms;
}

int acsmtp_context_new(struct acsmtp_context **context, struct acsmtp_error *err)
{
    struct acsmtp_context *made = calloc(1, sizeof *made);

    if (!made)
        return acsmtp_fail_errno(err, ENOMEM, "cannot make a context");
    made->cancel_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (made->cancel_fd < 0) {
        int status = acsmtp_fail_errno(err, errno, "cannot make a context");

        free(made);
        return status;
    }
    made->root = made;
    made->deadline = NO_DEADLINE;
    atomic_init(&made->cancelled, 0);
    *context = made;
    return ACSMTP_OK;
}

static void endpoint_free(struct endpoint *endpoint)
{
    free(endpoint->name);
    free(endpoint->value);
    free(endpoint);
}

void acsmtp_context_free(struct acsmtp_context *context)
{
    if (!context)
        return;
    while (context->endpoints) {
        struct endpoint *endpoint = context->endpoints;

        context->endpoints = endpoint->next;
        endpoint_free(endpoint);
    }
    if (context->root == context)
        (void)close(context->cancel_fd);
    free(context->claims);
    free(context);
}

struct acsmtp_context *acsmtp_context_limit(struct acsmtp_context *parent, int64_t timeout_ms)
{
    struct acsmtp_context *made = calloc(1, sizeof *made);
    int64_t own = deadline_after(timeout_ms);

    if (!made)
        return NULL;
    made->root = parent->root;
    made->deadline = own < parent->deadline ? own : parent->deadline;
    made->in_chain = parent->in_chain;
    made->log = parent->log;
    made->report = parent->report;
    made->cancel_fd = -1;
    return made;
}

struct context_report context_report(const struct acsmtp_context *context)
{
    return context->report;
}

struct context_report context_set_report(struct acsmtp_context *context,
                                         struct context_report report)
{
    struct context_report before = context->report;

    context->report = report;
    return before;
}

void acsmtp_context_set_timeout(struct acsmtp_context *context, int64_t timeout_ms)
{
    context->deadline = deadline_after(timeout_ms);
}

int64_t acsmtp_context_remaining(const struct acsmtp_context *context)
{
    int64_t left;

    if (!context || context->deadline == NO_DEADLINE)
        return INT64_MAX;
    left = context->deadline - now_ms();
    return left > 0 ? left : 0;
}

int64_t acsmtp_context_clock_skew(const struct acsmtp_context *context, int *known)
{
    if (known)
        *known = context->root->knows_clock;
    return context->root->clock_skew;
}

void acsmtp_context_note_clock_skew(struct acsmtp_context *context, int64_t seconds)
{
    context->root->clock_skew = seconds;
    context->root->knows_clock = 1;
}

int acsmtp_context_check(const struct acsmtp_context *context, const char *what,
                         struct acsmtp_error *err)
{
    if (acsmtp_context_cancelled(context))
        return acsmtp_fail(err, ACSMTP_CANCELLED, "%s: cancelled", what);
    if (acsmtp_context_remaining(context) == 0)
        return acsmtp_fail(err, ACSMTP_TEMPORARY, "%s: the time is up", what);
    return ACSMTP_OK;
}

void acsmtp_context_cancel(struct acsmtp_context *context)
{
    static const uint64_t one = 1;
    int saved = errno;

    if (!context)
        return;
    atomic_store(&context->root->cancelled, 1);
    /* Only fails when the counter is full: then the descriptor is readable already. */
    if (write(context->root->cancel_fd, &one, sizeof one) < 0)
        errno = saved;
    errno = saved;
}

int acsmtp_context_cancelled(const struct acsmtp_context *context)
{
    return context && atomic_load(&context->root->cancelled);
}

int acsmtp_context_cancel_fd(const struct acsmtp_context *context)
{
    return context ? context->root->cancel_fd : -1;
}

int acsmtp_context_sleep(const struct acsmtp_context *context, int64_t milliseconds,
                         struct acsmtp_error *err)
{
    struct pollfd cancel = {.fd = acsmtp_context_cancel_fd(context), .events = POLLIN};
    int64_t end = deadline_after(milliseconds < 0 ? 0 : milliseconds);
    int64_t left = end - now_ms();
    int status = acsmtp_context_check(context, "waiting", err);

    while (status == ACSMTP_OK && left > 0) {
        int64_t remaining = acsmtp_context_remaining(context);
        int64_t wait = left < remaining ? left : remaining;

        (void)poll(&cancel, 1, wait < 3600000 ? (int)wait : 3600000);
        left = end - now_ms();
        status = acsmtp_context_check(context, "waiting", err);
    }
    return status;
}

int acsmtp_context_in_chain(const struct acsmtp_context *context)
{
    return context && context->in_chain;
}

void acsmtp_context_set_in_chain(struct acsmtp_context *context, int in_chain)
{
    context->in_chain = in_chain != 0;
}

static struct endpoint **find(struct acsmtp_context *root, const char *name)
{
    struct endpoint **at = &root->endpoints;

    while (*at && strcmp((*at)->name, name) != 0)
        at = &(*at)->next;
    return at;
}

const char *acsmtp_context_endpoint(const struct acsmtp_context *context, const char *name)
{
    struct endpoint *found;

    if (!context || !name)
        return NULL;
    found = *find(context->root, name);
    return found ? found->value : NULL;
}

int acsmtp_context_set_endpoint(struct acsmtp_context *context, const char *name, const char *value,
                                struct acsmtp_error *err)
{
    struct endpoint **at = find(context->root, name), *made = NULL, *old = *at;

    if (value) {
        made = calloc(1, sizeof *made);
        if (made) {
            made->name = strdup(name);
            made->value = strdup(value);
        }
        if (!made || !made->name || !made->value) {
            if (made)
                endpoint_free(made);
            return acsmtp_fail_errno(err, ENOMEM, "cannot keep endpoint '%s'", name);
        }
        made->next = old ? old->next : NULL;
    }
    *at = made ? made : old ? old->next : NULL;
    if (old)
        endpoint_free(old);
    return ACSMTP_OK;
}

int context_endpoint_at(const struct acsmtp_context *context, size_t index, const char **name,
                        const char **value)
{
    const struct endpoint *endpoint = context->root->endpoints;

    while (endpoint && index-- > 0)
        endpoint = endpoint->next;
    if (!endpoint)
        return 0;
    *name = endpoint->name;
    *value = endpoint->value;
    return 1;
}

void acsmtp_context_set_claims(struct acsmtp_context *context, const char *claims)
{
    free(context->claims);
    context->claims = claims_challenge_read(claims);
}

char *context_take_claims(struct acsmtp_context *context)
{
    char *claims = context->claims;

    context->claims = NULL;
    return claims;
}

void acsmtp_context_set_log(struct acsmtp_context *context, acsmtp_log_sink sink, void *data,
                            int level)
{
    context->log = (struct context_log){sink, data, level};
}

const struct context_log *context_log(const struct acsmtp_context *context)
{
    return &context->log;
}

int context_branch(const struct acsmtp_context *from, struct acsmtp_context **made,
                   struct acsmtp_error *err)
{
    const struct endpoint *endpoint;
    struct acsmtp_context *branch = NULL;
    int status = acsmtp_context_new(&branch, err);

    if (!branch)
        return status;
    for (endpoint = from->root->endpoints; status == ACSMTP_OK && endpoint;
         endpoint = endpoint->next)
        status = acsmtp_context_set_endpoint(branch, endpoint->name, endpoint->value, err);
    if (status == ACSMTP_OK)
        *made = branch;
    else
        acsmtp_context_free(branch);
    return status;
}
