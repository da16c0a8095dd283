/* SPDX-License-Identifier: MIT */
/* A file without a name, for a message that is being made: it is gone when it is closed. */
#ifndef SPOOL_H
#define SPOOL_H

#include <acsmtp/error.h>
#include <stddef.h>

/* A descriptor for the caller to close, in $TMPDIR or /tmp; -1 when there can be none. */
int spool_open(struct acsmtp_error *err);
int spool_write(int fd, const void *bytes, size_t size, struct acsmtp_error *err) ACSMTP_CHECK;

#endif
