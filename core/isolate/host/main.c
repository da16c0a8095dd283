/* SPDX-License-Identifier: MIT */
/*
 * Started by libacsmtp alone, with its sockets at ISOLATE_CHANNEL_FD and ISOLATE_CONTROL_FD:
 *	acsmtp-plugin-host PROTOCOL ALLOW HOST-PID PLUGIN-FILE WRITES [FILE-TO-WRITE...] [HIDDEN...]
 */
#include "host.h"
#include "isolate/protocol.h"
#include <acsmtp/isolate.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

/* ---- the worker ---- */

static void on_terminate(int signal)
{
    (void)signal;
    acsmtp_isolate_cancel();
}

/* Cancelling is a signal: the main thread is inside the plugin and reads nothing. */
static void take_signals(void)
{
    struct sigaction terminate = {.sa_handler = on_terminate, .sa_flags = SA_RESTART};
    sigset_t none;

    (void)sigaction(SIGTERM, &terminate, NULL);
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* The host may be about to send something: the reason must be there before the socket's end is. */
static void refuse(const struct acsmtp_error *problem)
{
    char unwanted[256];

    acsmtp_isolate_refuse(ISOLATE_CHANNEL_FD, problem);
    while (recv(ISOLATE_CHANNEL_FD, unwanted, sizeof unwanted, 0) > 0)
        ;
}

/* An orphan is killed by the kernel; one that is an orphan already ends itself. */
static int follow(pid_t supervisor)
{
    return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == supervisor;
}

static _Noreturn void work(const struct sandbox *sandbox, pid_t supervisor)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    int status;

    (void)close(ISOLATE_CONTROL_FD);
    if (!follow(supervisor))
        _exit(EX_OSERR);
    take_signals();
    status = sandbox_enter(sandbox, &err);
    if (status != ACSMTP_OK) {
        refuse(&err);
        _exit(EX_OK);
    }
    status = acsmtp_isolate_serve(ISOLATE_CHANNEL_FD, &err);
    if (status != ACSMTP_OK)
        (void)fprintf(stderr, "%s\n", err.message);
    /* Nothing that the plugin registered to be done at the end is done. */
    _exit(status == ACSMTP_OK ? EX_OK : EX_SOFTWARE);
}

/* ---- the supervisor ---- */

static int is_socket(int fd)
{
    struct stat info;

    return fstat(fd, &info) == 0 && S_ISSOCK(info.st_mode);
}

static int read_number(const char *text, unsigned long most, unsigned long *number)
{
    char *end;

    errno = 0;
    *number = strtoul(text, &end, 10);
    return errno == 0 && *text && !*end && *number <= most;
}

static int read_arguments(int argc, char **argv, struct sandbox *sandbox)
{
    unsigned long allow, host, writes;

    if (argc < 6 || strcmp(argv[1], ISOLATE_PROTOCOL) != 0 ||
        !read_number(argv[2], ALLOW_ALL, &allow) || !read_number(argv[3], INT_MAX, &host) ||
        !read_number(argv[5], (unsigned long)argc - 6, &writes))
        return 0;
    sandbox->allow = (unsigned)allow;
    sandbox->host = (pid_t)host;
    sandbox->plugin = argv[4];
    sandbox->write = argv + 6;
    sandbox->write_count = writes;
    sandbox->hidden = argv + 6 + writes;
    sandbox->hidden_count = (size_t)argc - 6 - writes;
    return is_socket(ISOLATE_CHANNEL_FD) && is_socket(ISOLATE_CONTROL_FD);
}

/* A program that a plugin may start gets neither socket. */
static void close_on_exec(void)
{
    (void)fcntl(ISOLATE_CHANNEL_FD, F_SETFD, FD_CLOEXEC);
    (void)fcntl(ISOLATE_CONTROL_FD, F_SETFD, FD_CLOEXEC);
}

static int run(struct sandbox *sandbox, struct acsmtp_error *err)
{
    pid_t supervisor = getpid(), worker;
    sigset_t all;
    int result;

    (void)sigfillset(&all);
    (void)sigprocmask(SIG_SETMASK, &all, NULL);
    if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
        return acsmtp_fail_errno(err, errno, "cannot look after processes");
    if (folder_make(sandbox, err) != ACSMTP_OK)
        return ACSMTP_SYSTEM;
    worker = fork();
    if (worker == 0)
        work(sandbox, supervisor);
    if (worker < 0) {
        folder_remove(sandbox);
        return acsmtp_fail_errno(err, errno, "cannot start the plugin's process");
    }
    (void)close(ISOLATE_CHANNEL_FD);
    result = supervise(worker, ISOLATE_CONTROL_FD);
    folder_remove(sandbox);
    _exit(result);
}

int main(int argc, char **argv)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct sandbox sandbox = {0};

    if (!read_arguments(argc, argv, &sandbox)) {
        (void)fprintf(stderr, "acsmtp-plugin-host runs one isolated plugin for libacsmtp, which "
                              "starts it (\"isolation\" in the config); it is of no use by itself, "
                              "nor to a libacsmtp of another version\n");
        return EX_USAGE;
    }
    close_on_exec();
    if (run(&sandbox, &err) != ACSMTP_OK)
        refuse(&err);
    return EX_OK;
}
