/* SPDX-License-Identifier: MIT */
/*
 * Looking after the worker, and after what it may have started: as the subreaper of its descendants
 * this process inherits those that outlive it, and stops them one generation after the other.
 */
#include "host.h"
#include "isolate/protocol.h"
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#define GENERATIONS_MAX 1000

/* ---- the end ---- */

/* Needs CONFIG_PROC_CHILDREN, which every distribution's kernel has. */
static int kill_children(void)
{
    char path[64];
    FILE *list;
    long child;
    int count = 0;

    (void)snprintf(path, sizeof path, "/proc/self/task/%ld/children", (long)getpid());
    list = fopen(path, "re");
    if (!list)
        return 0;
    while (fscanf(list, "%ld", &child) == 1) {
        (void)kill((pid_t)child, SIGKILL);
        count++;
    }
    (void)fclose(list);
    return count;
}

static void stop_descendants(void)
{
    int generation = 0;

    while (generation++ < GENERATIONS_MAX && kill_children() > 0)
        while (waitpid(-1, NULL, 0) > 0)
            (void)kill_children();
}

static int exit_status(int result)
{
    return WIFSIGNALED(result) ? 128 + WTERMSIG(result) : WEXITSTATUS(result);
}

/*
 * A worker that is ending by itself closes its socket first, and the host hears of that before this
 * process does: how it ended counts, unless it is only now that it does.
 */
static int stop_worker(pid_t worker)
{
    int result = 0;

    (void)kill(worker, SIGKILL);
    if (waitpid(worker, &result, 0) != worker)
        return EX_OSERR;
    return WIFSIGNALED(result) && WTERMSIG(result) == SIGKILL ? EX_OK : exit_status(result);
}

/* ---- life ---- */

/* 1 once the host has closed its end. */
static int heed_control(int control, pid_t worker)
{
    char bytes[64];
    ssize_t got = read(control, bytes, sizeof bytes), i;

    for (i = 0; i < got; i++)
        if (bytes[i] == ISOLATE_CANCEL)
            (void)kill(worker, SIGTERM);
    return got <= 0;
}

/* 1 once the worker itself has ended; others that end are only reaped. */
static int heed_children(int signals, pid_t worker, int *result)
{
    struct signalfd_siginfo unwanted;
    int ended = 0, status;
    pid_t child;

    if (read(signals, &unwanted, sizeof unwanted) < 0)
        return 0;
    while ((child = waitpid(-1, &status, WNOHANG)) > 0)
        if (child == worker) {
            *result = exit_status(status);
            ended = 1;
        }
    return ended;
}

int supervise(pid_t worker, int control)
{
    struct pollfd fds[2] = {{control, POLLIN, 0}, {-1, POLLIN, 0}};
    int result = EX_OSERR, over = 0;
    sigset_t child;

    (void)sigemptyset(&child);
    (void)sigaddset(&child, SIGCHLD);
    fds[1].fd = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    while (!over && fds[1].fd >= 0 && poll(fds, 2, -1) >= 0) {
        if (fds[1].revents)
            over = heed_children(fds[1].fd, worker, &result);
        if (!over && fds[0].revents && heed_control(control, worker)) {
            result = stop_worker(worker);
            over = 1;
        }
    }
    stop_descendants();
    return result;
}
