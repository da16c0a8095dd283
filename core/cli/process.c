/* SPDX-License-Identifier: MIT */
/* See process.h. Secrets pass through this process: nothing of it may reach a core file. */
#include "process.h"
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define UNDER_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define UNDER_SANITIZER 1
#endif
#endif

static const int end_signals[] = {SIGINT, SIGTERM};
enum { END_SIGNALS = sizeof end_signals / sizeof end_signals[0] };

/* Signal handlers reach nothing but statics. */
static struct acsmtp_context *volatile signal_context;
static volatile sig_atomic_t caught_signal;

/*
 * A closed standard descriptor would be taken by the next file opened, and talk would go there.
 * What fills the gap has the wrong direction, so that using it fails as it should.
 */
static void fill_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            (void)open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY); /* lowest: fd */
}

void process_harden(void)
{
    struct rlimit none = {0, 0};

    fill_standard_descriptors();
    (void)signal(SIGPIPE, SIG_IGN);
    (void)setrlimit(RLIMIT_CORE, &none);
#ifndef UNDER_SANITIZER /* the leak checker attaches to its own process */
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

static void on_signal(int number)
{
    caught_signal = number;
    if (signal_context)
        acsmtp_context_cancel(signal_context);
}

void process_catch_signals(struct acsmtp_context *context)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    struct sigaction before;

    signal_context = context;
    (void)sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < END_SIGNALS; i++) {
        /* Started with the signal ignored (nohup, a shell's background job): it stays so. */
        if (sigaction(end_signals[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            (void)sigaction(end_signals[i], &action, NULL);
    }
}

void process_release_signals(void)
{
    signal_context = NULL;
}

void process_end_by_signal(void)
{
    int number = caught_signal;
    sigset_t set;

    if (!number)
        return;
    (void)signal(number, SIG_DFL);
    (void)sigemptyset(&set);
    (void)sigaddset(&set, number);
    (void)sigprocmask(SIG_UNBLOCK, &set, NULL);
    (void)raise(number);
}

void process_exit(int code)
{
#ifdef UNDER_SANITIZER /* they report at exit */
    exit(code);
#else
    _exit(code);
#endif
}
