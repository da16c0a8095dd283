/* SPDX-License-Identifier: MIT */
/* Files that the program writes: whole or not at all, and never through somebody else's link. */
#ifndef FILE_SAVE_H
#define FILE_SAVE_H

#include <acsmtp/error.h>
#include <sys/types.h>

/*
 * Whether file_save() could write there: the folder is there and may be written, the name is free
 * or a regular file's. For before the work whose outcome is to be kept.
 */
int file_save_check(const char *path, struct acsmtp_error *err);

/* Write beside it, sync, and rename: a reader sees the old text or the new one. */
int file_save(const char *path, const char *text, mode_t mode, struct acsmtp_error *err);

/*
 * The text of a regular file, at most 1 MiB, for the caller to wipe and free(3). OK and NULL when
 * there is none.
 */
int file_read(const char *path, char **text, struct acsmtp_error *err);

#endif
