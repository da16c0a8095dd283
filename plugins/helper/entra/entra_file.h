/* SPDX-License-Identifier: MIT */
/* Files that prove an identity: certificates with their keys, federated tokens. */
#ifndef ENTRA_FILE_H
#define ENTRA_FILE_H

#include <acsmtp/error.h>
#include <acsmtp/secret.h>

#define ENTRA_FILE_MAX (256U * 1024U)

enum entra_file_guard {
    ENTRA_FILE_SHARED = 0, /* whoever mounted it decides who may read it */
    ENTRA_FILE_PRIVATE = 1 /* not if everybody on this machine can read or change it */
};

/*
 * All of a regular file, at most ENTRA_FILE_MAX bytes, for the caller to free. CONFIG, with the
 * path, when it is missing, empty, too large, no file, or unguarded.
 */
int entra_file_read(const char *path, enum entra_file_guard guard, struct acsmtp_secret **content,
                    struct acsmtp_error *err) ACSMTP_CHECK;

/* Cut white space off the end: files that people and tools write end in a newline. */
void entra_file_trim(struct acsmtp_secret *content);

#endif
