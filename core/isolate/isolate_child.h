/* SPDX-License-Identifier: MIT */
/*
 * The process that a plugin runs in, as the host sees it: two sockets and an end.
 */
#ifndef ISOLATE_CHILD_H
#define ISOLATE_CHILD_H

#include <acsmtp/error.h>
#include <acsmtp/secret.h>
#include <sys/types.h>

struct isolate_child {
    pid_t pid;   /* of the one that looks after the plugin's */
    int exit_fd; /* readable once that has ended; -1 on kernels without pidfd */
    int channel; /* frames; does not block */
    int control; /* see protocol.h */
    int errors;  /* what it wrote to its standard error; does not block */
    int spent;   /* it was told to cancel, which cannot be undone: no further piece of work */
    struct acsmtp_secret *out, *in; /* payloads of the call under way */
    struct acsmtp_secret *given;    /* what an answer gives, before it is in a payload */
};

/* The program, for the caller to free(3): beside the library, or where the build put it. */
char *isolate_locate(struct acsmtp_error *err);

/*
 * Arguments and environment are complete, as for execve(2). With `has_input` it reads this
 * process's standard input, else /dev/null.
 */
int isolate_child_start(char *const *arguments, char *const *environment, int has_input,
                        struct isolate_child **child, struct acsmtp_error *err);

/* Whether it is still there, as far as that can be told without a call. */
int isolate_child_alive(const struct isolate_child *child);
/* Let the plugin's context be cancelled. */
void isolate_child_cancel(struct isolate_child *child);

/*
 * End it, if it has not ended by itself, and free everything. `how` gets words for how it ended:
 * "signal 11 (Segmentation fault)", "exit status 1", and the last line that it wrote; *sandboxed
 * whether its sandbox killed it.
 */
void isolate_child_stop(struct isolate_child *child, char *how, size_t capacity, int *sandboxed);

#endif
