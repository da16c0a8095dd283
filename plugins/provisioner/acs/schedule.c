/* SPDX-License-Identifier: MIT */
/*
 * The schedule: a few threads, the caller's among them, each taking the next step that can be
 * begun. One lock guards all that they share; it is let go while a step does its work.
 */
#include "schedule_private.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int64_t schedule_now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- telling ---- */

static const char *detail_of(const struct schedule_step *step)
{
    const char *detail = step->state == ACSMTP_STEP_WAITING ? step->waiting : step->detail;

    return detail[0] ? detail : NULL;
}

static void tell(const struct schedule_step *step)
{
    const struct acsmtp_provision_observer *observer = step->schedule->observer;
    int64_t until = step->ended_ms ? step->ended_ms : schedule_now_ms();
    const struct acsmtp_step shown = {
        .size = sizeof shown,
        .state = step->state,
        .id = step->item->id,
        .title = step->item->title,
        .change = step->change,
        .detail = detail_of(step),
        .elapsed_ms = step->began_ms ? until - step->began_ms : 0,
        .needs = step->need_ids,
    };

    if (observer && observer->step)
        observer->step(observer->data, &shown);
}

static void move_to(struct schedule_step *step, int state)
{
    step->state = state;
    tell(step);
}

void schedule_changed(struct schedule_step *step, const char *change, const char *detail)
{
    (void)pthread_mutex_lock(&step->schedule->lock);
    step->change = change;
    (void)snprintf(step->detail, sizeof step->detail, "%s", detail ? detail : "");
    (void)pthread_mutex_unlock(&step->schedule->lock);
}

void schedule_waiting(struct schedule_step *step, const char *what)
{
    char waiting[SCHEDULE_DETAIL_MAX];
    int is_news;

    (void)snprintf(waiting, sizeof waiting, "%s", what ? what : "");
    (void)pthread_mutex_lock(&step->schedule->lock);
    is_news = strcmp(waiting, step->waiting) != 0;
    memcpy(step->waiting, waiting, sizeof waiting);
    if (is_news)
        move_to(step, waiting[0] ? ACSMTP_STEP_WAITING : ACSMTP_STEP_RUNNING);
    (void)pthread_mutex_unlock(&step->schedule->lock);
}

/* ---- one step ---- */

static void end(struct schedule_step *step, int status)
{
    struct schedule *schedule = step->schedule;

    step->ended_ms = schedule_now_ms();
    if (status == ACSMTP_OK) {
        schedule->done |= step->bit;
        move_to(step, ACSMTP_STEP_DONE);
        return;
    }
    (void)acsmtp_fail(&step->error, status, "failed, and does not say why");
    (void)snprintf(step->detail, sizeof step->detail, "%s", step->error.message);
    schedule->lost |= step->bit;
    if (!schedule->first_failure)
        schedule->first_failure = step;
    move_to(step, ACSMTP_STEP_FAILED);
}

/* A step gets a context of its own, which it may limit further. */
static int run(struct schedule_step *step)
{
    struct acsmtp_context *context = acsmtp_context_limit(step->schedule->context, -1);
    int status;

    if (!context)
        return acsmtp_fail(&step->error, ACSMTP_SYSTEM, "out of memory");
    status = step->item->run(step->item->data, context, step, &step->error);
    acsmtp_context_free(context);
    return status;
}

static void begin(struct schedule_step *step)
{
    struct schedule *schedule = step->schedule;
    int status;

    step->began_ms = schedule_now_ms();
    move_to(step, ACSMTP_STEP_RUNNING);
    (void)pthread_mutex_unlock(&schedule->lock);
    status = run(step);
    (void)pthread_mutex_lock(&schedule->lock);
    end(step, status);
    (void)pthread_cond_broadcast(&schedule->changed);
}

/* ---- which one ---- */

static int is_over(const struct schedule *schedule)
{
    for (size_t i = 0; i < schedule->count; i++) {
        if (!((schedule->done | schedule->lost) & schedule->steps[i].bit))
            return 0;
    }
    return 1;
}

/* A step behind one that was skipped here may stand before it in the list: until nothing changes.
 */
static void skip_hopeless(struct schedule *schedule)
{
    int is_stopped = acsmtp_context_check(schedule->context, "", NULL) != ACSMTP_OK;
    uint64_t before;

    do {
        before = schedule->lost;
        for (size_t i = 0; i < schedule->count; i++) {
            struct schedule_step *step = &schedule->steps[i];

            if (step->state != ACSMTP_STEP_PENDING || !(is_stopped || step->needs & schedule->lost))
                continue;
            schedule->lost |= step->bit;
            move_to(step, ACSMTP_STEP_SKIPPED);
        }
    } while (schedule->lost != before);
}

static struct schedule_step *next(struct schedule *schedule)
{
    skip_hopeless(schedule);
    for (size_t i = 0; i < schedule->count; i++) {
        struct schedule_step *step = &schedule->steps[i];

        if (step->state == ACSMTP_STEP_PENDING && (step->needs & ~schedule->done) == 0)
            return step;
    }
    return NULL;
}

static void *work(void *data)
{
    struct schedule *schedule = data;

    (void)pthread_mutex_lock(&schedule->lock);
    for (;;) {
        struct schedule_step *step = next(schedule);

        if (step)
            begin(step);
        else if (is_over(schedule))
            break;
        else
            (void)pthread_cond_wait(&schedule->changed, &schedule->lock);
    }
    /* The last step may have ended by being skipped, which wakes nobody. */
    (void)pthread_cond_broadcast(&schedule->changed);
    (void)pthread_mutex_unlock(&schedule->lock);
    return NULL;
}

/* ---- all ---- */

/*
 * With fewer threads than wanted, even with the caller's alone, everything is done all the same.
 * Signals are left to the threads that were there before.
 */
static void work_together(struct schedule *schedule)
{
    pthread_t threads[SCHEDULE_THREADS_MAX];
    size_t count = 0;
    sigset_t all, before;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_BLOCK, &all, &before);
    while (count + 1 < schedule->count && count + 1 < SCHEDULE_THREADS_MAX &&
           pthread_create(&threads[count], NULL, work, schedule) == 0)
        count++;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    (void)work(schedule);
    while (count > 0)
        (void)pthread_join(threads[--count], NULL);
}

static int result(const struct schedule *schedule, struct acsmtp_error *err)
{
    const struct schedule_step *failed = schedule->first_failure;
    int status;

    if (!schedule->lost)
        return ACSMTP_OK;
    if (!failed)
        return acsmtp_context_check(schedule->context, "steps were left out", err);
    status = acsmtp_fail(err, failed->error.status, "%s: %s", failed->item->title,
                         failed->error.message);
    acsmtp_error_server(err, failed->error.server_code, failed->error.code,
                        failed->error.server_text);
    if (err)
        err->retry_after = failed->error.retry_after;
    return status;
}

int schedule_run(const struct schedule_item *items, size_t count, int reversed,
                 struct acsmtp_context *context, const struct acsmtp_provision_observer *observer,
                 struct acsmtp_error *err)
{
    struct schedule *schedule = calloc(1, sizeof *schedule);
    int status;

    if (!schedule)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    schedule->context = context;
    schedule->observer = observer;
    (void)pthread_mutex_init(&schedule->lock, NULL);
    (void)pthread_cond_init(&schedule->changed, NULL);
    status = schedule_graph(schedule, items, count, reversed, err);
    if (status == ACSMTP_OK) {
        for (size_t i = 0; i < count; i++)
            tell(&schedule->steps[i]);
        work_together(schedule);
        status = result(schedule, err);
    }
    (void)pthread_cond_destroy(&schedule->changed);
    (void)pthread_mutex_destroy(&schedule->lock);
    free(schedule);
    return status;
}
