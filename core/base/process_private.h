/* SPDX-License-Identifier: MIT */
/*
 * Starting a child (process_launch.c, process_spawn.c) and living with it until its end
 * (process.c).
 */
#ifndef PROCESS_PRIVATE_H
#define PROCESS_PRIVATE_H

#include <acsmtp/process.h>
#include <spawn.h>
#include <sys/types.h>

/* What a child is started with; all borrowed. */
struct launch {
    const char *program; /* its path */
    char *const *arguments, *const *environment;
    short leads; /* POSIX_SPAWN_SETPGROUP or POSIX_SPAWN_SETSID */
    /* Says what the child's descriptors are and closes the others: 0, or an errno. */
    int (*add_files)(posix_spawn_file_actions_t *actions, const void *data);
    const void *data;
};

/* 0 and the child, or an errno. No signal is blocked or ignored in it. */
int process_launch(const struct launch *launch, pid_t *pid);

/* Our ends of the pipes; -1 where there is none. All are closed on exec and do not block. */
struct child {
    pid_t pid; /* also its process group */
    int input, output, errors;
    int exit_fd; /* readable once it has ended; -1 on kernels without pidfd */
};

int process_spawn(const struct acsmtp_process *process, struct child *child,
                  struct acsmtp_error *err);
void process_close(int *fd);

#endif
