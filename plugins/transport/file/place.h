/* SPDX-License-Identifier: MIT */
/*
 * Where a message is written to: a folder, a Maildir, one file, or a stream (terminal, pipe,
 * standard output). A file is seen under its name only when it is complete and on disk.
 */
#ifndef PLACE_H
#define PLACE_H

#include <acsmtp/error.h>
#include <limits.h>
#include <stddef.h>

enum place_kind { PLACE_FOLDER = 1, PLACE_MAILDIR, PLACE_FILE, PLACE_STREAM };

struct place {
    int kind; /* enum place_kind */
    const char *path;
    unsigned long sequence; /* makes names differ within a moment */
};

/* One message being written. */
struct place_file {
    int fd;
    int is_stream;
    char temporary[PATH_MAX];
    char final[PATH_MAX];
};

/* Find out what is at `path`, which must outlive the place. A Maildir that is not there is made. */
int place_init(struct place *place, const char *path, int as_maildir, struct acsmtp_error *err);

int place_begin(struct place *place, struct place_file *file, struct acsmtp_error *err);
int place_write(struct place_file *file, const void *bytes, size_t size, struct acsmtp_error *err);

/* To disk and under its name. */
int place_commit(struct place_file *file, struct acsmtp_error *err);
void place_abandon(struct place_file *file);

#endif
