/* SPDX-License-Identifier: MIT */
/* Inside the schedule: its steps, and who needs whom as bits (step n is bit n). */
#ifndef ACS_SCHEDULE_PRIVATE_H
#define ACS_SCHEDULE_PRIVATE_H

#include "schedule.h"

#include <pthread.h>
#include <stdint.h>

#define SCHEDULE_DETAIL_MAX 1024

struct schedule;

struct schedule_step {
    struct schedule *schedule;
    const struct schedule_item *item;
    uint64_t bit, needs;
    const char *need_ids[SCHEDULE_STEPS_MAX + 1]; /* the same for the observer */
    int state;                                    /* enum acsmtp_step_state */
    const char *change;
    char detail[SCHEDULE_DETAIL_MAX];  /* of the change, or the failure */
    char waiting[SCHEDULE_DETAIL_MAX]; /* for what, "" while it does not */
    int64_t began_ms, ended_ms;        /* 0: not yet */
    struct acsmtp_error error;
};

/* Everything but the items and the graph is guarded by `lock`, under which the observer is told. */
struct schedule {
    struct acsmtp_context *context;
    const struct acsmtp_provision_observer *observer;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t count;
    uint64_t done, lost; /* lost: failed or skipped */
    const struct schedule_step *first_failure;
    struct schedule_step steps[SCHEDULE_STEPS_MAX];
};

/* Fill in who needs whom; SYSTEM for a defect. */
int schedule_graph(struct schedule *schedule, const struct schedule_item *items, size_t count,
                   int reversed, struct acsmtp_error *err);

int64_t schedule_now_ms(void);

#endif
