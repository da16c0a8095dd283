/* SPDX-License-Identifier: MIT */
/*
 * The steps of the work, as an observer is told them; any thread may call. What is told goes to the
 * style that was chosen: see progress_private.h.
 */
#include "output.h"
#include "progress_private.h"
#include "terminal.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int64_t progress_now(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int progress_style(void)
{
    return terminal_moves(STDERR_FILENO) ? PROGRESS_TREE : PROGRESS_LINES;
}

static int has_ended(int state)
{
    return state == ACSMTP_STEP_DONE || state == ACSMTP_STEP_FAILED || state == ACSMTP_STEP_SKIPPED;
}

int64_t progress_elapsed(const struct progress_step *step)
{
    if (step->state == ACSMTP_STEP_PENDING || has_ended(step->state))
        return step->elapsed_ms;
    return progress_now() - step->begun;
}

/* ---- the steps ---- */

static struct progress_step *find(const struct progress *progress, const char *id)
{
    for (size_t i = 0; i < progress->count; i++)
        if (strcmp(progress->steps[i].id, id) == 0)
            return &progress->steps[i];
    return NULL;
}

const struct progress_step *progress_find(const struct progress *progress, const char *id)
{
    return find(progress, id);
}

static void release_needs(char **needs)
{
    for (size_t i = 0; needs && needs[i]; i++)
        free(needs[i]);
    free(needs);
}

static void release_step(struct progress_step *step)
{
    free(step->id);
    free(step->title);
    free(step->change);
    free(step->detail);
    release_needs(step->needs);
}

static char **dup_needs(const char *const *needs)
{
    size_t count = 0;
    char **copy;

    while (needs && needs[count] && count < PROGRESS_STEPS_MAX)
        count++;
    copy = calloc(count + 1, sizeof *copy);
    for (size_t i = 0; copy && i < count; i++)
        if (!(copy[i] = terminal_text_dup(needs[i]))) {
            release_needs(copy);
            return NULL;
        }
    return copy;
}

/* A display that cannot keep up is no reason to stop the work: without memory a step is not seen.
 */
static struct progress_step *add_step(struct progress *progress, const struct acsmtp_step *told,
                                      const char *id)
{
    struct progress_step step = {.id = strdup(id), .needs = dup_needs(told->needs)};
    struct progress_step *steps = NULL;

    if (step.id && step.needs && progress->count < PROGRESS_STEPS_MAX)
        steps = reallocarray(progress->steps, progress->count + 1, sizeof *steps);
    if (!steps) {
        release_step(&step);
        return NULL;
    }
    progress->steps = steps;
    progress_forget_rows(progress);
    steps[progress->count] = step;
    return &steps[progress->count++];
}

static int replace_text(char **kept, const char *told)
{
    char *copy = told ? terminal_text_dup(told) : NULL;

    if (told && !copy)
        return 0;
    free(*kept);
    *kept = copy;
    return 1;
}

static int update_step(struct progress_step *step, const struct acsmtp_step *told)
{
    if (!replace_text(&step->title, told->title) || !replace_text(&step->change, told->change) ||
        !replace_text(&step->detail, told->detail))
        return 0;
    step->state = told->state;
    step->elapsed_ms = told->elapsed_ms;
    step->begun = progress_now() - told->elapsed_ms;
    return 1;
}

/* ---- the observer ---- */

static void show(struct progress *progress, const struct progress_step *step, int before)
{
    if (progress->options.style == PROGRESS_LINES) {
        progress_print_line(progress, step, before);
        return;
    }
    progress->dirty = 1;
    (void)pthread_cond_signal(&progress->moved);
}

static void on_step(void *data, const struct acsmtp_step *told)
{
    struct progress *progress = data;
    char *id = terminal_text_dup(told->id);
    struct progress_step *step;

    (void)pthread_mutex_lock(&progress->lock);
    step = id ? find(progress, id) : NULL;
    if (id && !step)
        step = add_step(progress, told, id);
    if (step) {
        int before = step->title ? step->state : ACSMTP_STEP_PENDING;

        if (update_step(step, told) && progress->options.style != PROGRESS_EVENTS)
            show(progress, step, before);
    }
    if (progress->options.style == PROGRESS_EVENTS)
        progress_print_event(told);
    (void)pthread_mutex_unlock(&progress->lock);
    free(id);
}

const struct acsmtp_provision_observer *progress_observer(const struct progress *progress)
{
    return &progress->observer;
}

void progress_log(void *data, int level, const char *line)
{
    struct progress *progress = data;

    (void)pthread_mutex_lock(&progress->lock);
    progress_screen_erase(progress);
    talk_log(NULL, level, line);
    if (progress->running)
        progress_screen_draw(progress);
    (void)pthread_mutex_unlock(&progress->lock);
}

/* ---- begin and end ---- */

struct progress *progress_new(const struct progress_options *options, struct acsmtp_error *err)
{
    struct progress *progress = calloc(1, sizeof *progress);

    if (!progress) {
        (void)acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
        return NULL;
    }
    progress->options = *options;
    progress->observer = (struct acsmtp_provision_observer){
        .size = sizeof progress->observer, .data = progress, .step = on_step};
    progress->begun = progress_now();
    progress->utf8 = terminal_utf8();
    progress->colours = terminal_colours(STDERR_FILENO);
    progress->echoes = terminal_echoes(STDERR_FILENO);
    (void)pthread_mutex_init(&progress->lock, NULL);
    if (options->style == PROGRESS_TREE && progress_screen_start(progress, err) != ACSMTP_OK) {
        progress_free(progress);
        return NULL;
    }
    return progress;
}

void progress_end(struct progress *progress)
{
    progress_screen_end(progress);
    if (progress->options.style == PROGRESS_LINES && !progress->options.reads_only &&
        progress->count)
        progress_print_totals(progress);
    progress->options.style = 0;
}

size_t progress_count(const struct progress *progress, int state, const char *change)
{
    size_t count = 0;

    for (size_t i = 0; i < progress->count; i++) {
        const struct progress_step *step = &progress->steps[i];

        count += step->state == state &&
                 (!change || (step->change && strcmp(step->change, change) == 0));
    }
    return count;
}

void progress_free(struct progress *progress)
{
    if (!progress)
        return;
    progress_end(progress);
    progress_forget_rows(progress);
    for (size_t i = 0; i < progress->count; i++)
        release_step(&progress->steps[i]);
    free(progress->steps);
    free(progress->screen.widths);
    (void)pthread_mutex_destroy(&progress->lock);
    free(progress);
}
