/* SPDX-License-Identifier: MIT */
/* An observer that keeps a book of what it is told, one line an event, and counts who runs. */
#ifndef SCHEDULE_FIXTURE_H
#define SCHEDULE_FIXTURE_H

#include "schedule.h"

#include <CUnit/CUnit.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct book {
    struct acsmtp_context *context;
    struct acsmtp_error err;
    char text[32768]; /* "done a create made anew\n" */
    size_t line_count;
    int64_t last_elapsed_ms;
    char needs[512][32];
    int running, most_running;
    atomic_int telling;
    int most_telling;
    /* For steps that meet each other. */
    pthread_mutex_t lock;
    pthread_cond_t met;
    int arrived, expected;
};

#define BOOK_INIT                                                                                  \
    {                                                                                              \
        .err = ACSMTP_ERROR_INIT, .lock = PTHREAD_MUTEX_INITIALIZER,                               \
        .met = PTHREAD_COND_INITIALIZER                                                            \
    }

static const char *const state_names[] = {"pending", "running", "waiting",
                                          "done",    "failed",  "skipped"};

static inline int64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static inline void book_count(struct book *book, const struct acsmtp_step *step)
{
    if (step->state == ACSMTP_STEP_RUNNING)
        book->running++;
    if (step->state == ACSMTP_STEP_DONE || step->state == ACSMTP_STEP_FAILED)
        book->running--;
    if (book->running > book->most_running)
        book->most_running = book->running;
}

static inline void book_step(void *data, const struct acsmtp_step *step)
{
    struct book *book = data;
    int telling = atomic_fetch_add(&book->telling, 1) + 1;
    size_t used = strlen(book->text);
    char *needs = book->needs[book->line_count];

    if (telling > book->most_telling)
        book->most_telling = telling;
    book_count(book, step);
    (void)snprintf(book->text + used, sizeof book->text - used, "%s %s%s%s%s%s\n",
                   state_names[step->state], step->id, step->change ? " " : "",
                   step->change ? step->change : "", step->detail ? " " : "",
                   step->detail ? step->detail : "");
    for (const char *const *need = step->needs; *need; need++)
        (void)snprintf(needs + strlen(needs), sizeof book->needs[0] - strlen(needs), "%s ", *need);
    book->last_elapsed_ms = step->elapsed_ms;
    book->line_count++;
    (void)atomic_fetch_sub(&book->telling, 1);
}

static inline struct acsmtp_context *book_context(struct book *book)
{
    if (!book->context)
        CU_ASSERT_EQUAL_FATAL(acsmtp_context_new(&book->context, &book->err), 0);
    return book->context;
}

static inline int book_run(struct book *book, const struct schedule_item *items, size_t count,
                           int reversed)
{
    const struct acsmtp_provision_observer observer = {
        .size = sizeof observer, .data = book, .step = book_step};

    return schedule_run(items, count, reversed, book_context(book), &observer, &book->err);
}

static inline void book_release(struct book *book)
{
    acsmtp_context_free(book->context);
}

/* Where the line is that begins so; NULL when there is none. */
static inline const char *find_line(const struct book *book, const char *line)
{
    const char *at = strstr(book->text, line);

    while (at && at != book->text && at[-1] != '\n')
        at = strstr(at + 1, line);
    return at;
}

static inline int has(const struct book *book, const char *line)
{
    return find_line(book, line) != NULL;
}

static inline int before(const struct book *book, const char *first, const char *second)
{
    const char *one = find_line(book, first);
    const char *two = find_line(book, second);

    return one && two && one < two;
}

static inline size_t count_of(const struct book *book, const char *state)
{
    size_t count = 0;

    for (const char *at = strstr(book->text, state); at; at = strstr(at + 1, state))
        count += at == book->text || at[-1] == '\n';
    return count;
}

/* Ids that a step is said to need, each with a blank behind it. */
static inline const char *book_needs(const struct book *book, const char *id)
{
    char line[64];
    const char *at;
    size_t index = 0;

    (void)snprintf(line, sizeof line, "pending %s\n", id);
    at = find_line(book, line);
    for (const char *c = book->text; at && c < at; c++)
        index += *c == '\n';
    return at ? book->needs[index] : "?";
}

static inline int note_run(void *data, struct acsmtp_context *context, struct schedule_step *step,
                           struct acsmtp_error *err)
{
    (void)data;
    (void)context;
    (void)step;
    (void)err;
    return ACSMTP_OK;
}

static inline int nap_run(void *data, struct acsmtp_context *context, struct schedule_step *step,
                          struct acsmtp_error *err)
{
    (void)data;
    (void)step;
    return acsmtp_context_sleep(context, 10, err);
}

#endif
