/* SPDX-License-Identifier: MIT */
/*
 * Contexts: deadlines, cancellation (also from a signal handler), endpoints, log lines.
 */
#include "cunit_main.h"
#include <acsmtp/context.h>
#include <acsmtp/secret.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static struct acsmtp_context *make(void)
{
    struct acsmtp_context *context = NULL;

    CU_ASSERT_EQUAL_FATAL(acsmtp_context_new(&context, NULL), ACSMTP_OK);
    return context;
}

static int64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void a_fresh_context_never_ends(void)
{
    struct acsmtp_context *context = make();

    CU_ASSERT_EQUAL(acsmtp_context_remaining(context), INT64_MAX);
    CU_ASSERT_EQUAL(acsmtp_context_check(context, "x", NULL), ACSMTP_OK);
    CU_ASSERT_FALSE(acsmtp_context_cancelled(context));
    CU_ASSERT_FALSE(acsmtp_context_in_chain(context));
    CU_ASSERT_PTR_NULL(acsmtp_context_endpoint(context, "imds"));
    CU_ASSERT_FALSE(acsmtp_context_logs(context, ACSMTP_LOG_ERROR));
    acsmtp_context_free(context);
    acsmtp_context_free(NULL);
}

static void the_deadline_passes(void)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct acsmtp_context *context = make();

    acsmtp_context_set_timeout(context, 60000);
    CU_ASSERT_TRUE(acsmtp_context_remaining(context) > 50000);
    CU_ASSERT_TRUE(acsmtp_context_remaining(context) <= 60000);
    acsmtp_context_set_timeout(context, 0);
    CU_ASSERT_EQUAL(acsmtp_context_remaining(context), 0);
    CU_ASSERT_EQUAL(acsmtp_context_check(context, "GET /x", &err), ACSMTP_TEMPORARY);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.message, "GET /x"));
    acsmtp_context_set_timeout(context, -1);
    CU_ASSERT_EQUAL(acsmtp_context_remaining(context), INT64_MAX);
    acsmtp_context_set_timeout(context, INT64_MAX - 1);
    CU_ASSERT_EQUAL(acsmtp_context_remaining(context), INT64_MAX);
    acsmtp_context_free(context);
}

static void cancelling_is_seen_by_check_and_poll(void)
{
    struct acsmtp_context *context = make();
    struct pollfd fd = {.fd = acsmtp_context_cancel_fd(context), .events = POLLIN};

    CU_ASSERT_TRUE(fd.fd >= 0);
    CU_ASSERT_EQUAL(poll(&fd, 1, 0), 0);
    acsmtp_context_cancel(context);
    acsmtp_context_cancel(context);
    CU_ASSERT_EQUAL(poll(&fd, 1, 0), 1);
    CU_ASSERT_TRUE(acsmtp_context_cancelled(context));
    acsmtp_context_set_timeout(context, 0);
    CU_ASSERT_EQUAL(acsmtp_context_check(context, "x", NULL), ACSMTP_CANCELLED);
    acsmtp_context_free(context);
}

static void a_part_has_the_earlier_deadline(void)
{
    struct acsmtp_context *parent = make(), *part, *inner;

    part = acsmtp_context_limit(parent, -1);
    CU_ASSERT_EQUAL(acsmtp_context_remaining(part), INT64_MAX);
    acsmtp_context_free(part);
    acsmtp_context_set_timeout(parent, 5000);
    part = acsmtp_context_limit(parent, 100000);
    CU_ASSERT_TRUE(acsmtp_context_remaining(part) <= 5000);
    acsmtp_context_free(part);
    part = acsmtp_context_limit(parent, 100);
    inner = acsmtp_context_limit(part, -1);
    CU_ASSERT_TRUE(acsmtp_context_remaining(inner) <= 100);
    CU_ASSERT_TRUE(acsmtp_context_remaining(parent) > 1000);
    acsmtp_context_free(inner);
    acsmtp_context_free(part);
    acsmtp_context_free(parent);
}

static void a_part_shares_cancellation_and_endpoints(void)
{
    struct acsmtp_context *parent = make(), *part;

    acsmtp_context_set_in_chain(parent, 1);
    part = acsmtp_context_limit(parent, 1000);
    CU_ASSERT_TRUE(acsmtp_context_in_chain(part));
    CU_ASSERT_EQUAL(acsmtp_context_set_endpoint(parent, "imds", "http://127.0.0.1:1", NULL),
                    ACSMTP_OK);
    CU_ASSERT_STRING_EQUAL(acsmtp_context_endpoint(part, "imds"), "http://127.0.0.1:1");
    CU_ASSERT_EQUAL(acsmtp_context_cancel_fd(part), acsmtp_context_cancel_fd(parent));
    acsmtp_context_cancel(parent);
    CU_ASSERT_TRUE(acsmtp_context_cancelled(part));
    acsmtp_context_free(part);
    CU_ASSERT_STRING_EQUAL(acsmtp_context_endpoint(parent, "imds"), "http://127.0.0.1:1");
    acsmtp_context_free(parent);
}

static void endpoints_are_replaced_and_removed(void)
{
    struct acsmtp_context *context = make();

    CU_ASSERT_EQUAL(acsmtp_context_set_endpoint(context, "a", "1", NULL), ACSMTP_OK);
    CU_ASSERT_EQUAL(acsmtp_context_set_endpoint(context, "b", "2", NULL), ACSMTP_OK);
    CU_ASSERT_EQUAL(acsmtp_context_set_endpoint(context, "a", "3", NULL), ACSMTP_OK);
    CU_ASSERT_STRING_EQUAL(acsmtp_context_endpoint(context, "a"), "3");
    CU_ASSERT_STRING_EQUAL(acsmtp_context_endpoint(context, "b"), "2");
    CU_ASSERT_EQUAL(acsmtp_context_set_endpoint(context, "a", NULL, NULL), ACSMTP_OK);
    CU_ASSERT_PTR_NULL(acsmtp_context_endpoint(context, "a"));
    CU_ASSERT_STRING_EQUAL(acsmtp_context_endpoint(context, "b"), "2");
    acsmtp_context_free(context);
}

static void sleeping_ends_at_the_deadline(void)
{
    struct acsmtp_context *context = make();
    int64_t start = now_ms();

    CU_ASSERT_EQUAL(acsmtp_context_sleep(context, 30, NULL), ACSMTP_OK);
    CU_ASSERT_TRUE(now_ms() - start >= 29);
    CU_ASSERT_EQUAL(acsmtp_context_sleep(context, 0, NULL), ACSMTP_OK);
    CU_ASSERT_EQUAL(acsmtp_context_sleep(context, -5, NULL), ACSMTP_OK);
    acsmtp_context_set_timeout(context, 30);
    start = now_ms();
    CU_ASSERT_EQUAL(acsmtp_context_sleep(context, 60000, NULL), ACSMTP_TEMPORARY);
    CU_ASSERT_TRUE(now_ms() - start < 10000);
    acsmtp_context_free(context);
}

static void *cancel_soon(void *data)
{
    (void)usleep(30000);
    acsmtp_context_cancel(data);
    return NULL;
}

static void another_thread_ends_the_sleep(void)
{
    struct acsmtp_context *context = make();
    int64_t start = now_ms();
    pthread_t thread;

    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, cancel_soon, context), 0);
    CU_ASSERT_EQUAL(acsmtp_context_sleep(context, 60000, NULL), ACSMTP_CANCELLED);
    CU_ASSERT_TRUE(now_ms() - start < 10000);
    (void)pthread_join(thread, NULL);
    acsmtp_context_free(context);
}

static struct acsmtp_context *signalled;

static void on_signal(int number)
{
    (void)number;
    acsmtp_context_cancel(signalled);
}

static void a_signal_handler_may_cancel(void)
{
    struct sigaction action = {.sa_handler = on_signal}, before;
    struct acsmtp_context *context = make();

    signalled = context;
    (void)sigaction(SIGUSR1, &action, &before);
    (void)raise(SIGUSR1);
    CU_ASSERT_EQUAL(acsmtp_context_check(context, "x", NULL), ACSMTP_CANCELLED);
    (void)sigaction(SIGUSR1, &before, NULL);
    acsmtp_context_free(context);
}

struct lines {
    int count, level;
    char last[8192];
};

static void collect(void *data, int level, const char *line)
{
    struct lines *lines = data;

    lines->count++;
    lines->level = level;
    (void)snprintf(lines->last, sizeof lines->last, "%s", line);
}

static void lines_above_the_level_are_dropped(void)
{
    struct acsmtp_context *context = make(), *part;
    struct lines lines = {0};

    acsmtp_context_set_log(context, collect, &lines, ACSMTP_LOG_INFO);
    acsmtp_log(context, ACSMTP_LOG_DEBUG, "no");
    CU_ASSERT_EQUAL(lines.count, 0);
    CU_ASSERT_FALSE(acsmtp_context_logs(context, ACSMTP_LOG_DEBUG));
    acsmtp_log(context, ACSMTP_LOG_INFO, "yes %d", 1);
    CU_ASSERT_EQUAL(lines.count, 1);
    CU_ASSERT_EQUAL(lines.level, ACSMTP_LOG_INFO);
    CU_ASSERT_STRING_EQUAL(lines.last, "yes 1");
    part = acsmtp_context_limit(context, -1);
    acsmtp_log(part, ACSMTP_LOG_ERROR, "part");
    CU_ASSERT_STRING_EQUAL(lines.last, "part");
    acsmtp_log(NULL, ACSMTP_LOG_ERROR, "nobody listens");
    acsmtp_context_free(part);
    acsmtp_context_free(context);
}

static void lines_are_redacted_and_safe_for_a_terminal(void)
{
    struct acsmtp_context *context = make();
    struct acsmtp_secret *secret = acsmtp_secret_new("hunter22", 8, NULL);
    struct lines lines = {0};

    acsmtp_context_set_log(context, collect, &lines, ACSMTP_LOG_TRACE);
    acsmtp_log(context, ACSMTP_LOG_TRACE, "a\r\n\033[2J %s \xc3\xa4 \xc2\x9b \xff", "hunter22");
    CU_ASSERT_STRING_EQUAL(lines.last, "a\\x0d\\x0a\\x1b[2J <secret> \xc3\xa4 \\xc2\\x9b \\xff");
    acsmtp_secret_free(secret);
    acsmtp_context_free(context);
}

static void long_lines_are_cut(void)
{
    struct acsmtp_context *context = make();
    struct lines lines = {0};
    char text[9000];

    acsmtp_context_set_log(context, collect, &lines, ACSMTP_LOG_TRACE);
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    acsmtp_log(context, ACSMTP_LOG_INFO, "%s", text);
    CU_ASSERT_EQUAL(strlen(lines.last), 4095);
    memset(text, '\n', sizeof text - 1);
    acsmtp_log(context, ACSMTP_LOG_INFO, "%s", text);
    CU_ASSERT_EQUAL(strlen(lines.last), 4092);
    acsmtp_context_free(context);
}

CUNIT_MAIN("context", T(a_fresh_context_never_ends), T(the_deadline_passes),
           T(cancelling_is_seen_by_check_and_poll), T(a_part_has_the_earlier_deadline),
           T(a_part_shares_cancellation_and_endpoints), T(endpoints_are_replaced_and_removed),
           T(sleeping_ends_at_the_deadline), T(another_thread_ends_the_sleep),
           T(a_signal_handler_may_cancel), T(lines_above_the_level_are_dropped),
           T(lines_are_redacted_and_safe_for_a_terminal), T(long_lines_are_cut))
