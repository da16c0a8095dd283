/* SPDX-License-Identifier: MIT */
/*
 * Steps with dependencies, run at the same time as far as they allow: a step is begun as soon as
 * the steps it needs are done and one of SCHEDULE_THREADS_MAX threads is free. What a step wrote is
 * visible to those that need it; nothing else is shared. After a failure the steps behind it are
 * skipped, independent ones go on.
 */
#ifndef ACS_SCHEDULE_H
#define ACS_SCHEDULE_H

#include <acsmtp/context.h>
#include <acsmtp/error.h>
#include <acsmtp/provision.h>
#include <stddef.h>

#define SCHEDULE_STEPS_MAX 64U
#define SCHEDULE_THREADS_MAX 16U

struct schedule_step;

struct schedule_item {
    const char *id, *title;
    const char *const *needs; /* ids, ended by NULL */
    /* Does the work; says what was done with schedule_changed(). */
    int (*run)(void *data, struct acsmtp_context *context, struct schedule_step *step,
               struct acsmtp_error *err);
    void *data;
};

/*
 * Run all items; with `reversed` the arrows point the other way (destroy). The result is that of
 * the first step that failed, prefixed by its title; OK when all are done. A context that is
 * cancelled or out of time ends waits, and no step is begun any more. SYSTEM when an id is unknown
 * or there twice, when steps wait for each other in a circle, and when there are too many: a defect
 * of the caller, found before anything runs. Items are borrowed for the call.
 */
int schedule_run(const struct schedule_item *items, size_t count, int reversed,
                 struct acsmtp_context *context, const struct acsmtp_provision_observer *observer,
                 struct acsmtp_error *err) ACSMTP_CHECK;

/*
 * From within run(): what was done ("create", "keep", ...; static text) with a detail or NULL, and
 * what is waited for (NULL: the wait is over). The observer hears of the first when the step is
 * done, of the second when it is news.
 */
void schedule_changed(struct schedule_step *step, const char *change, const char *detail);
void schedule_waiting(struct schedule_step *step, const char *what);

/*
 * Try again what Azure refuses for a while: calls `attempt` until it succeeds, fails with something
 * that `is_transient` does not know, the deadline would pass or `wait_ms` is over (then the last
 * failure is the result, prefixed by how long it was tried). Waits grow from `poll_ms` by half each
 * time up to 30 s, with jitter of 20 % either way, or are what Azure asks for if that is longer.
 * The step shows `what` in the meantime.
 */
struct schedule_retry {
    const char *what; /* "waiting for the new principal to be known" */
    int (*attempt)(void *data, struct acsmtp_context *context, struct acsmtp_error *err);
    int (*is_transient)(const struct acsmtp_error *err);
    void *data;
    int64_t wait_ms, poll_ms;
};
int schedule_retry(struct schedule_step *step, struct acsmtp_context *context,
                   const struct schedule_retry *retry, struct acsmtp_error *err) ACSMTP_CHECK;

#endif
