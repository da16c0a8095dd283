/* SPDX-License-Identifier: MIT */
/* Nameless files, see spool.h. */
#include "spool.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int spool_open(struct acsmtp_error *err)
{
    const char *folder = secure_getenv("TMPDIR");
    char path[4096];
    int fd;

    folder = folder && *folder == '/' ? folder : "/tmp";
    fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0)
        return fd;
    /* Not every file system knows O_TMPFILE. */
    (void)snprintf(path, sizeof path, "%s/acsmtp.XXXXXX", folder);
    fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0)
        (void)unlink(path);
    else
        (void)acsmtp_fail_errno(err, errno, "cannot make a temporary file in '%s'", folder);
    return fd;
}

int spool_write(int fd, const void *bytes, size_t size, struct acsmtp_error *err)
{
    const char *next = bytes;

    while (size) {
        ssize_t written = write(fd, next, size);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return acsmtp_fail_errno(err, errno, "cannot keep the message in a temporary file");
        next += written;
        size -= (size_t)written;
    }
    return ACSMTP_OK;
}
