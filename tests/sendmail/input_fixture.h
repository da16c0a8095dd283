/* SPDX-License-Identifier: MIT */
/* Bytes that come out of a descriptor as from a pipe, and what arrived in another. */
#ifndef INPUT_FIXTURE_H
#define INPUT_FIXTURE_H

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* A descriptor that gives these bytes and ends. */
static inline int fixture_input(const void *bytes, size_t size)
{
    int fd = memfd_create("input", MFD_CLOEXEC);

    if (fd < 0 || write(fd, bytes, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET) != 0)
        abort();
    return fd;
}

/* All that was written to a file, NUL-terminated; for free(3). */
static inline char *fixture_content(int fd, size_t *size)
{
    off_t end = lseek(fd, 0, SEEK_END);
    char *text = end < 0 ? NULL : malloc((size_t)end + 1);

    if (!text || pread(fd, text, (size_t)end, 0) != end)
        abort();
    text[end] = '\0';
    *size = (size_t)end;
    return text;
}

#endif
