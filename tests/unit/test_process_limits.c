/* SPDX-License-Identifier: MIT */
/*
 * Where a child's freedom ends: how much it may write, how long it may run, who is waited for, and
 * that nothing of it stays behind.
 */
#include "cunit_main.h"
#include "process_fixture.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void too_much_output_is_refused(void)
{
    struct fixture f;

    set_up(&f, "exec head -c 262144 /dev/zero");
    CU_ASSERT_EQUAL(run(&f), ACSMTP_OK);
    CU_ASSERT_EQUAL(acsmtp_secret_size(f.result.output), ACSMTP_PROCESS_OUTPUT_MAX);
    tear_down(&f);
    set_up(&f, "yes");
    CU_ASSERT_EQUAL(run(&f), ACSMTP_PROTOCOL);
    CU_ASSERT_PTR_NOT_NULL(strstr(f.err.message, "/bin/sh"));
    CU_ASSERT_TRUE(f.elapsed_ms < 10000);
    tear_down(&f);
}

static void a_flood_of_errors_keeps_its_end(void)
{
    struct fixture f;

    set_up(&f, "i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i+1)); done >&2; echo ok");
    CU_ASSERT_EQUAL(run(&f), ACSMTP_OK);
    CU_ASSERT_STRING_EQUAL(output(&f), "ok\n");
    CU_ASSERT_TRUE(strlen(f.result.errors) > 3900);
    CU_ASSERT_PTR_NOT_NULL(strstr(f.result.errors, "line 2999\n"));
    CU_ASSERT_PTR_NULL(strstr(f.result.errors, "line 1000\n"));
    tear_down(&f);
}

static void the_deadline_ends_the_whole_group(void)
{
    char folder[] = "/tmp/acsmtp-process-XXXXXX", script[256], path[64];
    struct fixture f;

    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/alive", folder);
    (void)snprintf(script, sizeof script,
                   "trap '' TERM; (trap '' TERM; sleep 1.5; touch %s) & sleep 30", path);
    set_up(&f, script);
    f.process.timeout_ms = 200;
    CU_ASSERT_EQUAL(run(&f), ACSMTP_TEMPORARY);
    CU_ASSERT_PTR_NOT_NULL(strstr(f.err.message, "/bin/sh"));
    CU_ASSERT_PTR_NOT_NULL(strstr(f.err.message, "200 ms"));
    CU_ASSERT_TRUE(f.elapsed_ms >= 200);
    CU_ASSERT_TRUE(f.elapsed_ms < 5000);
    tear_down(&f);
    (void)usleep(1700000);
    CU_ASSERT_NOT_EQUAL(access(path, F_OK), 0);
    (void)unlink(path);
    (void)rmdir(folder);
}

static void a_child_that_obeys_is_not_killed(void)
{
    struct fixture f;

    set_up(&f, "trap 'echo bye >&2; exit 0' TERM; sleep 30 & wait");
    f.process.timeout_ms = 300;
    CU_ASSERT_EQUAL(run(&f), ACSMTP_TEMPORARY);
    CU_ASSERT_EQUAL(f.result.exit_status, 0);
    CU_ASSERT_TRUE(f.elapsed_ms < 5000);
    tear_down(&f);
}

static void the_contexts_deadline_counts_too(void)
{
    struct fixture f;

    set_up(&f, "sleep 30");
    f.process.timeout_ms = -1;
    acsmtp_context_set_timeout(f.context, 100);
    CU_ASSERT_EQUAL(run(&f), ACSMTP_TEMPORARY);
    CU_ASSERT_TRUE(f.elapsed_ms < 5000);
    /* Nothing is started when the time is up. */
    acsmtp_process_result_release(&f.result);
    acsmtp_error_clear(&f.err);
    CU_ASSERT_EQUAL(run(&f), ACSMTP_TEMPORARY);
    CU_ASSERT_TRUE(f.elapsed_ms < 100);
    tear_down(&f);
}

static void *cancel_soon(void *data)
{
    (void)usleep(100000);
    acsmtp_context_cancel(data);
    return NULL;
}

static void cancelling_ends_the_child(void)
{
    pthread_t thread;
    struct fixture f;

    set_up(&f, "sleep 30");
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, cancel_soon, f.context), 0);
    CU_ASSERT_EQUAL(run(&f), ACSMTP_CANCELLED);
    CU_ASSERT_TRUE(f.elapsed_ms < 5000);
    (void)pthread_join(thread, NULL);
    tear_down(&f);
}

static void a_grandchild_that_holds_the_output_is_not_waited_for(void)
{
    struct fixture f;

    set_up(&f, "sleep 3 & echo ready");
    CU_ASSERT_EQUAL(run(&f), ACSMTP_OK);
    CU_ASSERT_STRING_EQUAL(output(&f), "ready\n");
    CU_ASSERT_EQUAL(f.result.exit_status, 0);
    CU_ASSERT_TRUE(f.elapsed_ms < 2000);
    tear_down(&f);
}

static void a_child_that_closes_its_output_is_waited_for(void)
{
    struct fixture f;

    set_up(&f, "exec >&- 2>&-; sleep 0.3; exit 5");
    CU_ASSERT_EQUAL(run(&f), ACSMTP_OK);
    CU_ASSERT_EQUAL(f.result.exit_status, 5);
    CU_ASSERT_TRUE(f.elapsed_ms >= 290);
    tear_down(&f);
}

static int count_descriptors(void)
{
    int count = 0;

    for (int fd = 0; fd < 256; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

static void nothing_is_left_behind(void)
{
    int before = count_descriptors();
    struct fixture f;

    for (int i = 0; i < 5; i++) {
        set_up(&f, i % 2 ? "exit 1" : "sleep 30");
        f.process.timeout_ms = i % 2 ? 10000 : 20;
        (void)run(&f);
        tear_down(&f);
    }
    CU_ASSERT_EQUAL(count_descriptors(), before);
    CU_ASSERT_EQUAL(waitpid(-1, NULL, WNOHANG), -1);
    CU_ASSERT_EQUAL(errno, ECHILD);
}

CUNIT_MAIN("process_limits", T(too_much_output_is_refused), T(a_flood_of_errors_keeps_its_end),
           T(the_deadline_ends_the_whole_group), T(a_child_that_obeys_is_not_killed),
           T(the_contexts_deadline_counts_too), T(cancelling_ends_the_child),
           T(a_grandchild_that_holds_the_output_is_not_waited_for),
           T(a_child_that_closes_its_output_is_waited_for), T(nothing_is_left_behind))
