/* SPDX-License-Identifier: MIT */
/*
 * acsmtp-plugin-host: two processes. The first looks after the second: it makes and removes the
 * private folder, and stops everything that was started when the host wants it, or is gone. The
 * second locks itself in and then loads the plugin. Only the second is exposed to the plugin's
 * code.
 */
#ifndef HOST_H
#define HOST_H

#include <acsmtp/error.h>
#include <limits.h>
#include <sys/types.h>

#define FOLDER_NAME "acsmtp-plugin-" /* how private folders begin */

struct sandbox {
    unsigned allow;      /* enum isolate_allow, or-ed */
    pid_t host;          /* whose secrets are not the plugin's */
    const char *plugin;  /* its file */
    char *const *write;  /* further files and folders that it may write to */
    char *const *hidden; /* what it may not read; real paths */
    size_t write_count, hidden_count;
    char folder[PATH_MAX]; /* private, a real path; also TMPDIR */
    int is_memory;         /* the folder is a tmpfs that no other process sees */
};

/* The private folder: 0700, where TMPDIR says, in memory where the kernel allows that. */
int folder_make(struct sandbox *sandbox, struct acsmtp_error *err);
void folder_remove(const struct sandbox *sandbox);

/* Stay until the worker has ended or the host wants it to; its exit status, 128 + signal. */
int supervise(pid_t worker, int control);

/*
 * Lock this process in, for good. SYSTEM, with a line that says what is missing, when the kernel
 * does not offer all of it: then no plugin is run.
 */
int sandbox_enter(const struct sandbox *sandbox, struct acsmtp_error *err);

/* Its parts. Files: which may be read and written, and no other process's memory. */
int sandbox_files(const struct sandbox *sandbox, struct acsmtp_error *err);
/* System calls: those that are listed, and no others. */
int sandbox_calls(unsigned allow, struct acsmtp_error *err);

#endif
