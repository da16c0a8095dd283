/* SPDX-License-Identifier: MIT */
/* Counting, cancelling and failing where a plugin calls its host, see probe.h. */
#include "probe.h"
#include "verdict.h"
#include <pthread.h>
#include <stdint.h>
#include <time.h>

enum { MEETING_MS = 20, SLACK_MS = 1000 };

static _Thread_local struct probe *current;

struct probe *probe_current(void)
{
    return current;
}

void probe_enter(struct probe *probe)
{
    current = probe;
}

void probe_leave(void)
{
    current = NULL;
}

/* ---- threads that meet ---- */

static pthread_mutex_t meeting = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t arrived = PTHREAD_COND_INITIALIZER;
static unsigned expected, waiting, round_number;

void probe_meet(unsigned threads)
{
    (void)pthread_mutex_lock(&meeting);
    expected = threads;
    waiting = 0;
    (void)pthread_mutex_unlock(&meeting);
}

static struct timespec until(long milliseconds)
{
    struct timespec end;

    (void)clock_gettime(CLOCK_REALTIME, &end);
    end.tv_nsec += milliseconds * 1000000L;
    end.tv_sec += end.tv_nsec / 1000000000L;
    end.tv_nsec %= 1000000000L;
    return end;
}

/* All go on together when the last one is there; nobody waits long for one that does not come. */
static void meet(void)
{
    struct timespec end = until(MEETING_MS);
    unsigned mine;
    int late = 0;

    (void)pthread_mutex_lock(&meeting);
    mine = round_number;
    if (expected > 1 && ++waiting >= expected) {
        waiting = 0;
        round_number++;
        (void)pthread_cond_broadcast(&arrived);
    }
    while (expected > 1 && mine == round_number && !late)
        late = pthread_cond_timedwait(&arrived, &meeting, &end);
    if (late && waiting)
        waiting--;
    (void)pthread_mutex_unlock(&meeting);
}

/* ---- services ---- */

static void check_context(const char *name, const struct acsmtp_context *context)
{
    if (!current->context)
        return;
    if (!context) {
        (void)verdict_fail(RULE_DEADLINE, "%s() was called without a context", name);
        return;
    }
    /* One of the plugin's own making would know neither the deadline nor the cancellation. */
    if (acsmtp_context_remaining(current->context) != INT64_MAX &&
        acsmtp_context_remaining(context) > acsmtp_context_remaining(current->context) + SLACK_MS)
        (void)verdict_fail(RULE_DEADLINE, "%s() got a context that ends later than the operation's",
                           name);
}

void probe_service(const char *name, const struct acsmtp_context *context, int waits)
{
    if (!current)
        return;
    current->services++;
    if (waits && !current->may_wait && !current->waited)
        current->waited = name;
    if (waits)
        check_context(name, context);
    if (current->cancel_at && current->services == current->cancel_at && current->context)
        acsmtp_context_cancel(current->context);
    meet();
}

int probe_fails(void)
{
    if (!current)
        return 0;
    current->allocations++;
    if (current->allocations != current->fail_at)
        return 0;
    current->failed = 1;
    return 1;
}

enum script probe_next_script(unsigned *count)
{
    unsigned number = ++*count;

    return number >= current->script_from ? current->script : SCRIPT_GOOD;
}
