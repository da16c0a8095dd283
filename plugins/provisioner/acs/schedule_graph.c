/* SPDX-License-Identifier: MIT */
/* The arrows between steps, from ids to bits, checked before anything runs. */
#include "schedule_private.h"

#include <string.h>

/* SCHEDULE_STEPS_MAX when no step has that id. */
static size_t find(const struct schedule *schedule, const char *id)
{
    for (size_t i = 0; i < schedule->count; i++) {
        if (strcmp(schedule->steps[i].item->id, id) == 0)
            return i;
    }
    return SCHEDULE_STEPS_MAX;
}

static int check_ids(const struct schedule *schedule, struct acsmtp_error *err)
{
    for (size_t i = 0; i < schedule->count; i++) {
        const char *id = schedule->steps[i].item->id;

        if (find(schedule, id) != i)
            return acsmtp_fail(err, ACSMTP_SYSTEM, "two steps are called '%s'", id);
    }
    return ACSMTP_OK;
}

static int draw_arrows(struct schedule *schedule, int reversed, struct acsmtp_error *err)
{
    for (size_t i = 0; i < schedule->count; i++) {
        const char *const *need = schedule->steps[i].item->needs;

        for (; need && *need; need++) {
            size_t other = find(schedule, *need);
            size_t from = reversed ? other : i;
            size_t to = reversed ? i : other;

            if (other == SCHEDULE_STEPS_MAX)
                return acsmtp_fail(err, ACSMTP_SYSTEM, "step '%s' needs '%s', which is no step",
                                   schedule->steps[i].item->id, *need);
            schedule->steps[from].needs |= schedule->steps[to].bit;
        }
    }
    return ACSMTP_OK;
}

static void name_needs(struct schedule *schedule)
{
    for (size_t i = 0; i < schedule->count; i++) {
        struct schedule_step *step = &schedule->steps[i];
        size_t used = 0;

        for (size_t j = 0; j < schedule->count; j++) {
            if (step->needs & schedule->steps[j].bit)
                step->need_ids[used++] = schedule->steps[j].item->id;
        }
    }
}

/* Take away what needs nothing that is left, until nothing is left or nothing can be taken. */
static int check_circles(const struct schedule *schedule, struct acsmtp_error *err)
{
    uint64_t taken = 0;
    uint64_t before;

    do {
        before = taken;
        for (size_t i = 0; i < schedule->count; i++) {
            if ((schedule->steps[i].needs & ~taken) == 0)
                taken |= schedule->steps[i].bit;
        }
    } while (taken != before);
    for (size_t i = 0; i < schedule->count; i++) {
        if (!(taken & schedule->steps[i].bit))
            return acsmtp_fail(err, ACSMTP_SYSTEM, "step '%s' waits for itself in a circle",
                               schedule->steps[i].item->id);
    }
    return ACSMTP_OK;
}

int schedule_graph(struct schedule *schedule, const struct schedule_item *items, size_t count,
                   int reversed, struct acsmtp_error *err)
{
    int status;

    if (count > SCHEDULE_STEPS_MAX)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "%zu steps are more than %u", count,
                           SCHEDULE_STEPS_MAX);
    schedule->count = count;
    for (size_t i = 0; i < count; i++) {
        schedule->steps[i].schedule = schedule;
        schedule->steps[i].item = &items[i];
        schedule->steps[i].bit = UINT64_C(1) << i;
        schedule->steps[i].error = (struct acsmtp_error)ACSMTP_ERROR_INIT;
    }
    status = check_ids(schedule, err);
    if (status == ACSMTP_OK)
        status = draw_arrows(schedule, reversed, err);
    if (status == ACSMTP_OK)
        status = check_circles(schedule, err);
    if (status == ACSMTP_OK)
        name_needs(schedule);
    return status;
}
