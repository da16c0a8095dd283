/* SPDX-License-Identifier: MIT */
/* A folder of files that is made whole or not at all, and never on top of something. */
#ifndef NEW_FOLDER_H
#define NEW_FOLDER_H

#include <acsmtp/error.h>
#include <stddef.h>

struct new_folder {
    const char *path; /* borrowed */
    int fd;           /* -1: there is none */
    char **names;     /* of the files so far */
    size_t count;
};

/* Make the folder, which must not be there. What fails is said with EXITCODE_CANNOT_CREATE. */
int new_folder_make(struct new_folder *folder, const char *path, struct acsmtp_error *err);

/* Add a file; mode and owner are the user's own (umask). */
int new_folder_add(struct new_folder *folder, const char *name, const char *text,
                   struct acsmtp_error *err);

/* Either ends the work on the folder: what was made stays, or is removed. */
void new_folder_release(struct new_folder *folder);
void new_folder_discard(struct new_folder *folder);

#endif
