/* SPDX-License-Identifier: MIT */
/* Steps in words: for the tree, and as lines where there is no terminal. */
#include "progress_private.h"
#include <inttypes.h>
#include <string.h>

/* What was done, what would be, what is being done. */
static const struct {
    const char *change, *done, *planned, *doing;
} changes[] = {
    {"create", "created", "to create", "creating"},
    {"update", "updated", "to update", "updating"},
    {"delete", "deleted", "to delete", "deleting"},
    {"keep", "unchanged", "unchanged", "checking"},
    {"absent", "not there", "not there", "checking"},
};
enum { CHANGES = sizeof changes / sizeof changes[0] };

const char *progress_word(const struct progress *progress, const struct progress_step *step)
{
    size_t i = 0;

    while (i < CHANGES && (!step->change || strcmp(step->change, changes[i].change) != 0))
        i++;
    switch (step->state) {
    case ACSMTP_STEP_DONE:
        if (i == CHANGES)
            return "done";
        return progress->options.reads_only ? changes[i].planned : changes[i].done;
    case ACSMTP_STEP_RUNNING:
        if (progress->options.reads_only || i == CHANGES)
            return "running";
        return changes[i].doing;
    case ACSMTP_STEP_WAITING:
        return "waiting";
    case ACSMTP_STEP_FAILED:
        return "failed";
    case ACSMTP_STEP_SKIPPED:
        return "not tried";
    default:
        return "";
    }
}

/* The word says already that it waits. */
const char *progress_detail(const struct progress_step *step)
{
    static const char waiting[] = "waiting ";
    const char *detail = step->detail ? step->detail : "";

    if (step->state == ACSMTP_STEP_WAITING && strncmp(detail, waiting, sizeof waiting - 1) == 0)
        detail += sizeof waiting - 1;
    return detail;
}

void progress_time(int64_t elapsed_ms, char *text, size_t capacity)
{
    int64_t seconds = elapsed_ms / 1000;

    text[0] = '\0';
    if (seconds >= 60)
        (void)snprintf(text, capacity, "%" PRId64 " min %02" PRId64 " s", seconds / 60,
                       seconds % 60);
    else if (seconds > 0)
        (void)snprintf(text, capacity, "%" PRId64 " s", seconds);
}

void progress_totals(const struct progress *progress, char *text, size_t capacity)
{
    size_t used = 0, count;
    char time[32];

    text[0] = '\0';
    for (size_t i = 0; i < CHANGES && used < capacity; i++) {
        count = progress_count(progress, ACSMTP_STEP_DONE, changes[i].change);
        if (count)
            used += (size_t)snprintf(
                text + used, capacity - used, "%s%zu %s", used ? ", " : "", count,
                progress->options.reads_only ? changes[i].planned : changes[i].done);
    }
    count = progress_count(progress, ACSMTP_STEP_FAILED, NULL);
    if (count && used < capacity)
        used +=
            (size_t)snprintf(text + used, capacity - used, "%s%zu failed", used ? ", " : "", count);
    count = progress_count(progress, ACSMTP_STEP_SKIPPED, NULL);
    if (count && used < capacity)
        used += (size_t)snprintf(text + used, capacity - used, "%s%zu not tried", used ? ", " : "",
                                 count);
    progress_time(progress_now() - progress->begun, time, sizeof time);
    if (time[0] && used < capacity)
        (void)snprintf(text + used, capacity - used, "%s(%s)", used ? " " : "", time);
}

/* ---- plain lines ---- */

/* Whether a change of a step is worth a line to somebody who reads a log afterwards. */
static int is_news(const struct progress *progress, const struct progress_step *step, int before)
{
    int changed =
        step->change && strcmp(step->change, "keep") != 0 && strcmp(step->change, "absent") != 0;

    if (step->state == ACSMTP_STEP_FAILED)
        return 1;
    if (progress->options.verbose)
        return step->state != before || step->state == ACSMTP_STEP_WAITING;
    if (progress->options.reads_only)
        return 0;
    return step->state == ACSMTP_STEP_SKIPPED || (step->state == ACSMTP_STEP_DONE && changed) ||
           (step->state == ACSMTP_STEP_WAITING && before != ACSMTP_STEP_WAITING);
}

void progress_print_line(const struct progress *progress, const struct progress_step *step,
                         int before)
{
    char time[32];

    if (!is_news(progress, step, before))
        return;
    progress_time(progress_elapsed(step), time, sizeof time);
    (void)fprintf(stderr, "%s %s%s%s%s%s%s\n", progress_word(progress, step), step->title,
                  time[0] ? " (" : "", time, time[0] ? ")" : "", step->detail ? ": " : "",
                  progress_detail(step));
}

void progress_print_totals(const struct progress *progress)
{
    char text[160];

    progress_totals(progress, text, sizeof text);
    if (text[0])
        (void)fprintf(stderr, "%s\n", text);
}
