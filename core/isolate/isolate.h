/* SPDX-License-Identifier: MIT */
/*
 * Plugins in processes of their own: an entry of the config with "isolation": "process". The host
 * never loads such a plugin; it gets a descriptor whose operations are calls to a process that did,
 * locked in so that it can do little harm (host/). Each instance has a process.
 *
 * What ends a process ends one call: a crash, a frame that is none, or a call that does not return
 * in time are failures of the entry. A credential source that fails so is UNAVAILABLE, so that a
 * chain goes on; the next call starts another process.
 */
#ifndef ISOLATE_H
#define ISOLATE_H

#include <acsmtp/plugin.h>

struct entry;
struct isolate;

/* What an entry says. */
struct isolate_policy {
    int wanted;
    unsigned allow;           /* enum isolate_allow, or-ed */
    const char **write;       /* files and folders that it may write to, ended by NULL; or NULL */
    const char **environment; /* further variables that it may see, ended by NULL; or NULL */
    char **hidden;            /* what it may not read (isolate_hidden.h) */
};

/*
 * CONFIG with file and line when "isolation" says something else than it may, or stands where
 * nobody can be isolated. To be released.
 */
int isolate_read_policy(const struct entry *entry, struct isolate_policy *policy,
                        struct acsmtp_error *err);
void isolate_policy_release(struct isolate_policy *policy);

/*
 * Start a process with the plugin in that file (checked by the caller) and learn its descriptor.
 * CONFIG when the program that it runs in is not installed; SYSTEM when the kernel cannot lock it
 * in, or the plugin cannot be loaded. The policy is copied.
 */
int isolate_open(const char *path, int kind, const char *name, const struct isolate_policy *policy,
                 struct isolate **isolate, struct acsmtp_error *err);
void isolate_close(struct isolate *isolate);

/*
 * As the registry would give it; its instances are independent (ACSMTP_THREADS_INSTANCE). Borrowed
 * until the close, a provisioner's until the end of the process.
 */
const struct acsmtp_plugin *isolate_plugin(const struct isolate *isolate);

#endif
