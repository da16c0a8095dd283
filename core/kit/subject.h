/* SPDX-License-Identifier: MIT */
/*
 * The plugin that is checked: its file, what the user says about it, and once it was loaded (which
 * happens only in the child processes that run the checks) its descriptor.
 */
#ifndef SUBJECT_H
#define SUBJECT_H

#include "image.h"
#include <acsmtp/plugin.h>

enum { SUBJECT_NAME_MAX = 64 };

struct subject {
    /* what the user says */
    const char *path; /* absolute */
    char name[SUBJECT_NAME_MAX + 1];
    const char *const *options; /* "name=value" */
    size_t option_count;
    const char *const *environment; /* "NAME=value" */
    size_t environment_count;
    unsigned seed;
    unsigned samples;   /* of more calls, or allocations, than this a sample is disturbed */
    const char *folder; /* of this check alone, emptied afterwards */

    /* after loading */
    struct image image;
    const struct acsmtp_plugin *(*entry)(void);
    const struct acsmtp_plugin *raw;    /* as the plugin gives it */
    const struct acsmtp_plugin *plugin; /* full-size copy, once it was found to be right */
};

/* The name that belongs to a file, "NAME.so". -1 when it cannot be a plugin's. */
int subject_name(const char *path, char name[SUBJECT_NAME_MAX + 1]);

/*
 * Load the file and call its entry. -1, with the verdict, when that cannot be done. Its calls are
 * turned to the hooks before its entry is called.
 */
int subject_load(struct subject *subject);

/* Load, and check the descriptor as the host does. */
int subject_take(struct subject *subject);

#endif
