/* SPDX-License-Identifier: MIT */
/*
 * Work that is seen while it happens: the observer of a provisioning operation, shown as a tree
 * that is redrawn in place, as plain lines, or as events for machines.
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <acsmtp/context.h>
#include <acsmtp/provision.h>

enum progress_style {
    PROGRESS_LINES = 1, /* on standard error, one for each step that did something */
    PROGRESS_TREE,      /* on standard error, for a terminal */
    PROGRESS_EVENTS     /* on standard output, one JSON document a line */
};

struct progress_options {
    int style;
    int reads_only; /* nothing is done: what is shown is what would be, and a tree goes away */
    int verbose;    /* lines also for steps that begin, wait, or leave all as it is */
    const struct acsmtp_context *context; /* to see a cancellation */
};

struct progress;

/* The tree where standard error is a terminal that can be moved about in, lines elsewhere. */
int progress_style(void);

/* NULL and `err` when memory or a thread cannot be had. */
struct progress *progress_new(const struct progress_options *options, struct acsmtp_error *err);

/* Whom the driver tells the steps. Any thread. Borrowed. */
const struct acsmtp_provision_observer *progress_observer(const struct progress *progress);

/* A sink for the context's log, as talk_log(), that gets along with the tree. Any thread. */
void progress_log(void *progress, int level, const char *line);

/* The work is over: the last state is shown, and nothing is drawn from here on. */
void progress_end(struct progress *progress);

/* How many steps ended so; `change` NULL: whatever was done. After the end. */
size_t progress_count(const struct progress *progress, int state, const char *change);

/* Ends it, too. NULL is allowed. */
void progress_free(struct progress *progress);

#endif
