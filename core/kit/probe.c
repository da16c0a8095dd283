/* SPDX-License-Identifier: MIT */
/* Counting, cancelling and failing where a plugin calls its host, see probe.h. */
#include "probe.h"
#include "verdict.h"
#include <pthread.h>
#include <stdint.h>
#include <time.h>

enum { MEETING_MS = 20, SLACK_MS = 1000 };

static _Thread_local struct probe *own;
static struct probe *_Atomic latest;

struct probe *probe_current(void)
{
    return own ? own : latest;
}

void probe_enter(struct probe *probe)
{
    own = probe;
    latest = probe;
}

void probe_leave(void)
{
    struct probe *mine = own;

    (void)atomic_compare_exchange_strong(&latest, &mine, NULL);
    own = NULL;
}

void probe_inherit(struct probe *probe)
{
    own = probe;
}

/* ---- threads that meet ---- */

static pthread_mutex_t meeting = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t arrived = PTHREAD_COND_INITIALIZER;
static unsigned expected, waiting, round_number;
static long patience = MEETING_MS; /* where threads exclude each other, nobody comes */

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
    struct timespec end;
    unsigned mine;
    int late = 0;

    (void)pthread_mutex_lock(&meeting);
    end = until(patience);
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
    patience = late ? (patience + 1) / 2 : MEETING_MS;
    (void)pthread_mutex_unlock(&meeting);
}

/* ---- services ---- */

static void check_context(const struct probe *probe, const char *name,
                          const struct acsmtp_context *context)
{
    if (!probe->context)
        return;
    if (!context) {
        (void)verdict_fail(RULE_DEADLINE, "%s() was called without a context", name);
        return;
    }
    /* One of the plugin's own making would know neither the deadline nor the cancellation. */
    if (acsmtp_context_remaining(probe->context) != INT64_MAX &&
        acsmtp_context_remaining(context) > acsmtp_context_remaining(probe->context) + SLACK_MS)
        (void)verdict_fail(RULE_DEADLINE, "%s() got a context that ends later than the operation's",
                           name);
}

void probe_service(const char *name, const struct acsmtp_context *context, int waits)
{
    struct probe *probe = probe_current();
    unsigned number;

    if (!probe)
        return;
    number = atomic_fetch_add(&probe->services, 1) + 1;
    if (waits && !probe->may_wait && !probe->waited)
        probe->waited = name;
    if (waits)
        check_context(probe, name, context);
    if (number == probe->cancel_at && probe->context)
        acsmtp_context_cancel(probe->context);
    meet();
}

int probe_fails(void)
{
    struct probe *probe = probe_current();

    return probe && atomic_fetch_add(&probe->allocations, 1) + 1 == probe->fail_at;
}

enum script probe_next_script(atomic_uint *count)
{
    const struct probe *probe = probe_current();
    unsigned number = atomic_fetch_add(count, 1) + 1;

    return probe && number >= probe->script_from ? probe->script : SCRIPT_GOOD;
}
