/* SPDX-License-Identifier: MIT */
/* Steps with dependencies: in which order, how many at once, and what a failure leaves undone. */
#include "cunit_main.h"
#include "schedule_fixture.h"

#include <time.h>

/* ---- order ---- */

/*      a
 *     / \
 *    b   c     e
 *     \ /
 *      d       */
static const char *const needs_a[] = {"a", NULL};
static const char *const needs_bc[] = {"b", "c", NULL};

static const struct schedule_item *diamond(struct book *book)
{
    static struct schedule_item items[5];
    static const struct schedule_item plain[] = {{"d", "step d", needs_bc, note_run, NULL},
                                                 {"b", "step b", needs_a, note_run, NULL},
                                                 {"a", "step a", NULL, note_run, NULL},
                                                 {"c", "step c", needs_a, note_run, NULL},
                                                 {"e", "step e", NULL, note_run, NULL}};

    memcpy(items, plain, sizeof items);
    for (size_t i = 0; i < 5; i++)
        items[i].data = book;
    return items;
}

static void steps_wait_for_those_they_need(void)
{
    struct book book = BOOK_INIT;

    CU_ASSERT_EQUAL(book_run(&book, diamond(&book), 5, 0), ACSMTP_OK);
    CU_ASSERT(before(&book, "done a", "running b") && before(&book, "done a", "running c"));
    CU_ASSERT(before(&book, "done b", "running d") && before(&book, "done c", "running d"));
    CU_ASSERT(before(&book, "pending e", "running e") && before(&book, "running e", "done e"));
    CU_ASSERT_EQUAL(count_of(&book, "pending"), 5);
    CU_ASSERT_EQUAL(count_of(&book, "done"), 5);
    CU_ASSERT_EQUAL(book.line_count, 15);
    book_release(&book);
}

static void reversed_the_arrows_point_the_other_way(void)
{
    struct book book = BOOK_INIT;

    CU_ASSERT_EQUAL(book_run(&book, diamond(&book), 5, 1), ACSMTP_OK);
    CU_ASSERT(before(&book, "done d", "running b") && before(&book, "done d", "running c"));
    CU_ASSERT(before(&book, "done b", "running a") && before(&book, "done c", "running a"));
    CU_ASSERT_STRING_EQUAL(book_needs(&book, "a"), "b c ");
    CU_ASSERT_STRING_EQUAL(book_needs(&book, "b"), "d ");
    CU_ASSERT_STRING_EQUAL(book_needs(&book, "d"), "");
    book_release(&book);
}

static void nothing_to_do_is_done(void)
{
    struct book book = BOOK_INIT;

    CU_ASSERT_EQUAL(book_run(&book, NULL, 0, 0), ACSMTP_OK);
    CU_ASSERT_EQUAL(book.line_count, 0);
    book_release(&book);
}

static void the_longest_list_is_done(void)
{
    static char ids[SCHEDULE_STEPS_MAX + 1][8];
    static const char *needs[SCHEDULE_STEPS_MAX + 1][2];
    struct schedule_item items[SCHEDULE_STEPS_MAX + 1];
    struct book book = BOOK_INIT;

    for (size_t i = 0; i <= SCHEDULE_STEPS_MAX; i++) {
        (void)snprintf(ids[i], sizeof ids[i], "s%zu", i);
        needs[i][0] = i > 0 ? ids[i - 1] : NULL;
        items[i] = (struct schedule_item){ids[i], ids[i], needs[i], note_run, &book};
    }
    CU_ASSERT_EQUAL(book_run(&book, items, SCHEDULE_STEPS_MAX, 0), ACSMTP_OK);
    CU_ASSERT_EQUAL(count_of(&book, "done"), SCHEDULE_STEPS_MAX);
    CU_ASSERT(before(&book, "done s62", "running s63"));
    CU_ASSERT_EQUAL(book_run(&book, items, SCHEDULE_STEPS_MAX + 1, 0), ACSMTP_SYSTEM);
    book_release(&book);
}

static void defects_are_found_before_anything_runs(void)
{
    static const char *const needs_x[] = {"x", NULL};
    static const char *const needs_d[] = {"d", NULL};
    struct schedule_item items[5];
    struct book book = BOOK_INIT;

    memcpy(items, diamond(&book), sizeof items);
    items[2].needs = needs_x;
    CU_ASSERT_EQUAL(book_run(&book, items, 5, 0), ACSMTP_SYSTEM);
    CU_ASSERT_PTR_NOT_NULL(strstr(book.err.message, "'a' needs 'x'"));
    acsmtp_error_clear(&book.err);
    items[2].needs = needs_d;
    CU_ASSERT_EQUAL(book_run(&book, items, 5, 0), ACSMTP_SYSTEM);
    CU_ASSERT_PTR_NOT_NULL(strstr(book.err.message, "circle"));
    acsmtp_error_clear(&book.err);
    items[2] = items[3];
    CU_ASSERT_EQUAL(book_run(&book, items, 5, 0), ACSMTP_SYSTEM);
    CU_ASSERT_PTR_NOT_NULL(strstr(book.err.message, "two steps are called 'c'"));
    CU_ASSERT_EQUAL(book.line_count, 0);
    book_release(&book);
}

/* ---- at the same time ---- */

static int meet(void *data, struct acsmtp_context *context, struct schedule_step *step,
                struct acsmtp_error *err)
{
    struct book *book = data;
    int arrived;

    (void)context;
    (void)step;
    (void)pthread_mutex_lock(&book->lock);
    arrived = ++book->arrived;
    (void)pthread_cond_broadcast(&book->met);
    while (book->arrived < book->expected) {
        struct timespec until;

        (void)clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += 10;
        if (pthread_cond_timedwait(&book->met, &book->lock, &until) != 0)
            break;
    }
    arrived = book->arrived;
    (void)pthread_mutex_unlock(&book->lock);
    return arrived >= book->expected ? ACSMTP_OK
                                     : acsmtp_fail(err, ACSMTP_TEMPORARY, "nobody came");
}

/* Nobody gets past the meeting point before all are there: so many were running at once. */
static void independent_steps_run_at_the_same_time(void)
{
    static char ids[SCHEDULE_THREADS_MAX][8];
    struct schedule_item items[SCHEDULE_THREADS_MAX];
    struct book book = BOOK_INIT;

    book.expected = SCHEDULE_THREADS_MAX;
    for (size_t i = 0; i < SCHEDULE_THREADS_MAX; i++) {
        (void)snprintf(ids[i], sizeof ids[i], "s%zu", i);
        items[i] = (struct schedule_item){ids[i], ids[i], NULL, meet, &book};
    }
    CU_ASSERT_EQUAL(book_run(&book, items, SCHEDULE_THREADS_MAX, 0), ACSMTP_OK);
    CU_ASSERT_EQUAL(book.most_running, SCHEDULE_THREADS_MAX);
    CU_ASSERT_EQUAL(book.most_telling, 1);
    book_release(&book);
}

static void threads_are_bounded(void)
{
    static char ids[SCHEDULE_STEPS_MAX][8];
    struct schedule_item items[SCHEDULE_STEPS_MAX];
    struct book book = BOOK_INIT;

    for (size_t i = 0; i < SCHEDULE_STEPS_MAX; i++) {
        (void)snprintf(ids[i], sizeof ids[i], "s%zu", i);
        items[i] = (struct schedule_item){ids[i], ids[i], NULL, nap_run, &book};
    }
    CU_ASSERT_EQUAL(book_run(&book, items, SCHEDULE_STEPS_MAX, 0), ACSMTP_OK);
    CU_ASSERT(book.most_running > 1 && book.most_running <= (int)SCHEDULE_THREADS_MAX);
    book_release(&book);
}

/* ---- what goes wrong ---- */

static int fail_run(void *data, struct acsmtp_context *context, struct schedule_step *step,
                    struct acsmtp_error *err)
{
    (void)data;
    (void)context;
    schedule_changed(step, "create", NULL);
    acsmtp_error_server(err, 403, "AuthorizationFailed", "the client may not");
    return acsmtp_fail(err, ACSMTP_DENIED, "may not");
}

static void a_failure_skips_what_stands_behind_it(void)
{
    struct schedule_item items[5];
    struct book book = BOOK_INIT;

    memcpy(items, diamond(&book), sizeof items);
    items[1].run = fail_run; /* b */
    CU_ASSERT_EQUAL(book_run(&book, items, 5, 0), ACSMTP_DENIED);
    CU_ASSERT_STRING_EQUAL(book.err.message, "step b: may not");
    CU_ASSERT_STRING_EQUAL(book.err.code, "AuthorizationFailed");
    CU_ASSERT_STRING_EQUAL(book.err.server_text, "the client may not");
    CU_ASSERT_EQUAL(book.err.server_code, 403);
    CU_ASSERT(has(&book, "failed b create may not") && has(&book, "skipped d"));
    CU_ASSERT(has(&book, "done a") && has(&book, "done c") && has(&book, "done e"));
    CU_ASSERT(!has(&book, "running d"));
    book_release(&book);
}

static int silent_run(void *data, struct acsmtp_context *context, struct schedule_step *step,
                      struct acsmtp_error *err)
{
    (void)data;
    (void)context;
    (void)step;
    (void)err;
    return ACSMTP_PROTOCOL;
}

static void a_failure_without_words_is_a_failure(void)
{
    const struct schedule_item item = {"x", "step x", NULL, silent_run, NULL};
    struct book book = BOOK_INIT;

    CU_ASSERT_EQUAL(book_run(&book, &item, 1, 0), ACSMTP_PROTOCOL);
    CU_ASSERT_PTR_NOT_NULL(strstr(book.err.message, "step x: "));
    book_release(&book);
}

static int cancel_run(void *data, struct acsmtp_context *context, struct schedule_step *step,
                      struct acsmtp_error *err)
{
    struct book *book = data;

    (void)step;
    (void)err;
    (void)context;
    acsmtp_context_cancel(book->context);
    return ACSMTP_OK;
}

static int sleep_run(void *data, struct acsmtp_context *context, struct schedule_step *step,
                     struct acsmtp_error *err)
{
    (void)data;
    schedule_waiting(step, "a long sleep");
    return acsmtp_context_sleep(context, 60000, err);
}

static void a_cancellation_ends_waits_and_begins_nothing(void)
{
    struct schedule_item items[5];
    struct book book = BOOK_INIT;
    int64_t began = now_ms();

    memcpy(items, diamond(&book), sizeof items);
    items[2].run = cancel_run; /* a */
    items[4].run = sleep_run;  /* e */
    CU_ASSERT_EQUAL(book_run(&book, items, 5, 0), ACSMTP_CANCELLED);
    CU_ASSERT(now_ms() - began < 10000);
    CU_ASSERT(has(&book, "done a") && has(&book, "skipped b") && has(&book, "skipped d"));
    /* Whether the sleeper had begun is a matter of luck; it has not been done. */
    CU_ASSERT(!has(&book, "done e"));
    book_release(&book);
}

static void a_deadline_leaves_steps_out(void)
{
    struct schedule_item items[5];
    struct book book = BOOK_INIT;

    memcpy(items, diamond(&book), sizeof items);
    acsmtp_context_set_timeout(book_context(&book), 0);
    CU_ASSERT_EQUAL(book_run(&book, items, 5, 0), ACSMTP_TEMPORARY);
    CU_ASSERT_EQUAL(count_of(&book, "skipped"), 5);
    CU_ASSERT_EQUAL(count_of(&book, "running"), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(book.err.message, "the time is up"));
    book_release(&book);
}

/* ---- what is shown ---- */

static int wait_run(void *data, struct acsmtp_context *context, struct schedule_step *step,
                    struct acsmtp_error *err)
{
    (void)data;
    schedule_waiting(step, "one");
    schedule_waiting(step, "one");
    schedule_waiting(step, "two");
    (void)acsmtp_context_sleep(context, 30, err);
    schedule_waiting(step, NULL);
    schedule_changed(step, "create", "made anew");
    return ACSMTP_OK;
}

static void waits_are_told_once(void)
{
    const struct schedule_item item = {"x", "step x", NULL, wait_run, NULL};
    struct book book = BOOK_INIT;

    CU_ASSERT_EQUAL(book_run(&book, &item, 1, 0), ACSMTP_OK);
    CU_ASSERT_STRING_EQUAL(book.text, "pending x\nrunning x\nwaiting x one\nwaiting x two\n"
                                      "running x\ndone x create made anew\n");
    CU_ASSERT(book.last_elapsed_ms >= 30 && book.last_elapsed_ms < 5000);
    book_release(&book);
}

static void nobody_needs_to_watch(void)
{
    struct book book = BOOK_INIT;

    CU_ASSERT_EQUAL(schedule_run(diamond(&book), 5, 0, book_context(&book), NULL, &book.err),
                    ACSMTP_OK);
    book_release(&book);
}

CUNIT_MAIN("acs schedule", T(steps_wait_for_those_they_need),
           T(reversed_the_arrows_point_the_other_way), T(nothing_to_do_is_done),
           T(the_longest_list_is_done), T(defects_are_found_before_anything_runs),
           T(independent_steps_run_at_the_same_time), T(threads_are_bounded),
           T(a_failure_skips_what_stands_behind_it), T(a_failure_without_words_is_a_failure),
           T(a_cancellation_ends_waits_and_begins_nothing), T(a_deadline_leaves_steps_out),
           T(waits_are_told_once), T(nobody_needs_to_watch))
