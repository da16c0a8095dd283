/* SPDX-License-Identifier: MIT */
/*
 * Starting a child (process_spawn.c) and living with it until its end (process.c).
 */
#ifndef PROCESS_PRIVATE_H
#define PROCESS_PRIVATE_H

#include <acsmtp/process.h>
#include <sys/types.h>

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
