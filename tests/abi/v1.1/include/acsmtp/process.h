/* SPDX-License-Identifier: MIT */
/*
 * Running a helper program: no shell, an explicit environment, bounded output, and an end. The
 * child gets its own process group; when the deadline passes or the context is cancelled the whole
 * group is killed. It inherits no descriptor but its three standard ones.
 */
#ifndef ACSMTP_PROCESS_H
#define ACSMTP_PROCESS_H

#include <acsmtp/context.h>
#include <acsmtp/error.h>
#include <acsmtp/secret.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ACSMTP_PROCESS_OUTPUT_MAX (256U * 1024U)

struct acsmtp_process {
    uint32_t size;           /* sizeof(struct acsmtp_process) */
    const char *const *argv; /* ended by NULL; argv[0] is an absolute path */
    const char *const
        *environment;      /* "NAME=value", ended by NULL; NULL: acsmtp_process_environment */
    const char *directory; /* working directory, NULL: "/" */
    const struct acsmtp_secret *input; /* written to its standard input; NULL: /dev/null */
    int64_t timeout_ms;                /* below 0: the context's deadline alone */
};

struct acsmtp_process_result {
    uint32_t size;                /* sizeof(struct acsmtp_process_result) */
    int32_t exit_status;          /* 0 to 255; 128 + signal if it was killed by one */
    struct acsmtp_secret *output; /* standard output, at most ACSMTP_PROCESS_OUTPUT_MAX bytes */
    char errors[4096]; /* the end of standard error, printable, redacted, lines kept by '\n' */
};

/*
 * Run to the end. OK when the program ran, whatever its exit status; the caller releases `result`.
 * TEMPORARY when time ran out (the message names the program and the timeout), CANCELLED,
 * UNAVAILABLE when the program cannot be executed, PROTOCOL when it wrote too much, SYSTEM else. A
 * child that leaves a grandchild holding its output does not make the caller wait for that one.
 */
int acsmtp_process_run(struct acsmtp_context *context, const struct acsmtp_process *process,
                       struct acsmtp_process_result *result, struct acsmtp_error *err) ACSMTP_CHECK;
void acsmtp_process_result_release(struct acsmtp_process_result *result);

/*
 * Absolute path of a program: `name` itself when it is absolute, else the first executable file of
 * that name in the absolute folders of $PATH (a relative one is skipped: nothing is run from the
 * working directory), or of the system's own in a process that has more rights than its caller
 * (AT_SECURE). For the caller to free(3). NULL and ACSMTP_UNAVAILABLE when there is none.
 */
char *acsmtp_process_find(const char *name, struct acsmtp_error *err);

/*
 * A copy of this process's environment that holds only the named variables ("HOME", "AZURE_*": a
 * trailing star stands for any rest), plus PATH, HOME, LANG, LC_*, TZ, USER, LOGNAME, TMPDIR and
 * XDG_*, plus `extra` assignments that override. All lists end with NULL and may be NULL. For
 * the caller to free(3) in one piece. NULL when memory fails.
 */
char **acsmtp_process_environment(const char *const *names, const char *const *extra);

#ifdef __cplusplus
}
#endif

#endif
