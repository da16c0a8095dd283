/* SPDX-License-Identifier: MIT */
/* Patience: what is tried again, for how long, and what is said in the end. */
#include "cunit_main.h"
#include "schedule_fixture.h"

/* An attempt that fails `failures` times, and what it was tried with. */
struct trial {
    int failures, attempts;
    int status;
    int32_t retry_after;
    const char *code;
    int64_t wait_ms, poll_ms;
    int64_t gaps_ms[64], last_ms;
};

static int attempt(void *data, struct acsmtp_context *context, struct acsmtp_error *err)
{
    struct trial *trial = data;
    int64_t now = now_ms();

    (void)context;
    if (trial->attempts > 0 && trial->attempts < 64)
        trial->gaps_ms[trial->attempts - 1] = now - trial->last_ms;
    trial->last_ms = now;
    if (trial->attempts++ >= trial->failures)
        return ACSMTP_OK;
    acsmtp_error_server(err, 400, trial->code, "words");
    (void)acsmtp_fail(err, trial->status, "not yet");
    err->retry_after = trial->retry_after;
    return trial->status;
}

static int is_transient(const struct acsmtp_error *err)
{
    return strcmp(err->code, "PrincipalNotFound") == 0;
}

static int retry_run(void *data, struct acsmtp_context *context, struct schedule_step *step,
                     struct acsmtp_error *err)
{
    struct trial *trial = data;
    const struct schedule_retry retry = {.what = "the principal",
                                         .attempt = attempt,
                                         .is_transient = is_transient,
                                         .data = data,
                                         .wait_ms = trial->wait_ms,
                                         .poll_ms = trial->poll_ms};

    return schedule_retry(step, context, &retry, err);
}

static int run_trial(struct book *book, struct trial *trial)
{
    const struct schedule_item item = {"x", "step x", NULL, retry_run, trial};

    if (!trial->code)
        trial->code = "PrincipalNotFound";
    trial->status = trial->status ? trial->status : ACSMTP_CONFIG;
    trial->retry_after = trial->retry_after ? trial->retry_after : -1;
    return book_run(book, &item, 1, 0);
}

static void success_at_once_shows_no_wait(void)
{
    struct trial trial = {.wait_ms = 1000, .poll_ms = 10};
    struct book book = BOOK_INIT;

    CU_ASSERT_EQUAL(run_trial(&book, &trial), ACSMTP_OK);
    CU_ASSERT_EQUAL(trial.attempts, 1);
    CU_ASSERT_STRING_EQUAL(book.text, "pending x\nrunning x\ndone x\n");
    book_release(&book);
}

static void transient_failures_are_waited_out(void)
{
    struct trial trial = {.failures = 4, .wait_ms = 10000, .poll_ms = 20};
    struct book book = BOOK_INIT;

    CU_ASSERT_EQUAL(run_trial(&book, &trial), ACSMTP_OK);
    CU_ASSERT_EQUAL(trial.attempts, 5);
    CU_ASSERT_STRING_EQUAL(book.text,
                           "pending x\nrunning x\nwaiting x the principal\nrunning x\ndone x\n");
    /* 20, 31, 47, 71 with a fifth less at most. */
    CU_ASSERT(trial.gaps_ms[0] >= 16 && trial.gaps_ms[3] >= 56);
    book_release(&book);
}

static void other_failures_are_final(void)
{
    struct trial trial = {
        .failures = 4, .wait_ms = 10000, .poll_ms = 10, .code = "Other", .status = ACSMTP_DENIED};
    struct book book = BOOK_INIT;

    CU_ASSERT_EQUAL(run_trial(&book, &trial), ACSMTP_DENIED);
    CU_ASSERT_EQUAL(trial.attempts, 1);
    CU_ASSERT_STRING_EQUAL(book.err.message, "step x: not yet");
    book_release(&book);
}

static void patience_ends(void)
{
    struct trial trial = {.failures = 1000, .wait_ms = 1200, .poll_ms = 300};
    struct book book = BOOK_INIT;
    int64_t began = now_ms();

    CU_ASSERT_EQUAL(run_trial(&book, &trial), ACSMTP_CONFIG);
    CU_ASSERT(now_ms() - began >= 1190 && now_ms() - began < 6000);
    CU_ASSERT(trial.attempts >= 3 && trial.attempts <= 6);
    CU_ASSERT_STRING_EQUAL(book.err.message, "step x: after 1 s of trying: not yet");
    CU_ASSERT_STRING_EQUAL(book.err.code, "PrincipalNotFound");
    CU_ASSERT_STRING_EQUAL(book.err.server_text, "words");
    book_release(&book);
}

static void what_azure_asks_for_is_kept(void)
{
    struct trial trial = {.failures = 1, .wait_ms = 10000, .poll_ms = 10, .retry_after = 1};
    struct trial far = {.failures = 1, .wait_ms = 10000, .poll_ms = 10, .retry_after = 60};
    struct book book = BOOK_INIT;

    CU_ASSERT_EQUAL(run_trial(&book, &trial), ACSMTP_OK);
    CU_ASSERT(trial.gaps_ms[0] >= 990);
    CU_ASSERT_EQUAL(run_trial(&book, &far), ACSMTP_CONFIG);
    CU_ASSERT_EQUAL(far.attempts, 1);
    CU_ASSERT_EQUAL(book.err.retry_after, 60);
    book_release(&book);
}

static void the_deadline_is_not_slept_into(void)
{
    struct trial trial = {.failures = 1000, .wait_ms = 60000, .poll_ms = 50000};
    struct book book = BOOK_INIT;
    int64_t began = now_ms();

    acsmtp_context_set_timeout(book_context(&book), 5000);
    CU_ASSERT_EQUAL(run_trial(&book, &trial), ACSMTP_CONFIG);
    CU_ASSERT(now_ms() - began < 2000);
    CU_ASSERT_EQUAL(trial.attempts, 1);
    book_release(&book);
}

static void *cancel_soon(void *data)
{
    const struct timespec soon = {.tv_nsec = 100000000};

    (void)nanosleep(&soon, NULL);
    acsmtp_context_cancel(data);
    return NULL;
}

static void a_cancellation_ends_patience(void)
{
    struct trial trial = {.failures = 1000, .wait_ms = 60000, .poll_ms = 20000};
    struct book book = BOOK_INIT;
    int64_t began = now_ms();
    pthread_t thread;

    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, cancel_soon, book_context(&book)), 0);
    CU_ASSERT_EQUAL(run_trial(&book, &trial), ACSMTP_CANCELLED);
    CU_ASSERT(now_ms() - began < 5000);
    (void)pthread_join(thread, NULL);
    book_release(&book);
}

CUNIT_MAIN("acs retry", T(success_at_once_shows_no_wait), T(transient_failures_are_waited_out),
           T(other_failures_are_final), T(patience_ends), T(what_azure_asks_for_is_kept),
           T(the_deadline_is_not_slept_into), T(a_cancellation_ends_patience))
