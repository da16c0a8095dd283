/* SPDX-License-Identifier: MIT */
/*
 * For the tests of processes: a script for /bin/sh, run once, with all that came back and how long
 * it took. The library itself never uses a shell.
 */
#ifndef PROCESS_FIXTURE_H
#define PROCESS_FIXTURE_H

#include <CUnit/Basic.h>
#include <acsmtp/process.h>
#include <string.h>
#include <time.h>

struct fixture {
    struct acsmtp_context *context;
    struct acsmtp_process process;
    struct acsmtp_process_result result;
    struct acsmtp_error err;
    const char *argv[8];
    int64_t elapsed_ms;
    int status;
};

static inline void set_up(struct fixture *f, const char *script)
{
    memset(f, 0, sizeof *f);
    f->err = (struct acsmtp_error)ACSMTP_ERROR_INIT;
    CU_ASSERT_EQUAL_FATAL(acsmtp_context_new(&f->context, NULL), ACSMTP_OK);
    f->argv[0] = "/bin/sh";
    f->argv[1] = "-c";
    f->argv[2] = script;
    f->process =
        (struct acsmtp_process){.size = sizeof f->process, .argv = f->argv, .timeout_ms = 20000};
    f->result.size = sizeof f->result;
}

static inline int run(struct fixture *f)
{
    struct timespec a, b;

    (void)clock_gettime(CLOCK_MONOTONIC, &a);
    f->status = acsmtp_process_run(f->context, &f->process, &f->result, &f->err);
    (void)clock_gettime(CLOCK_MONOTONIC, &b);
    f->elapsed_ms = (b.tv_sec - a.tv_sec) * 1000 + (b.tv_nsec - a.tv_nsec) / 1000000;
    return f->status;
}

static inline void tear_down(struct fixture *f)
{
    acsmtp_process_result_release(&f->result);
    acsmtp_context_free(f->context);
}

static inline const char *output(const struct fixture *f)
{
    return acsmtp_secret_data(f->result.output);
}

#endif
