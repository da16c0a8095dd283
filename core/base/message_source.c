/* SPDX-License-Identifier: MIT */
/*
 * Where the bytes of a message are: in memory, in a file with a name, or behind a descriptor. What
 * cannot be read twice is kept: a little in memory, more in a file that has no name.
 */
#include "message_private.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void source_init(struct message_source *source)
{
    *source = (struct message_source){.fd = -1};
}

void source_release(struct message_source *source)
{
    if (source->fd >= 0)
        (void)close(source->fd);
    free(source->memory);
    free(source->path);
    source_init(source);
}

static void identify(const struct stat *file, struct message_identity *identity)
{
    identity->device = file->st_dev;
    identity->inode = file->st_ino;
    identity->size = file->st_size;
    identity->changed = file->st_mtim;
}

static int is_same(const struct message_identity *a, const struct message_identity *b)
{
    return a->device == b->device && a->inode == b->inode && a->size == b->size &&
           a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec;
}

static ssize_t read_some(int fd, void *buffer, size_t size)
{
    ssize_t got;

    do
        got = read(fd, buffer, size);
    while (got < 0 && errno == EINTR);
    return got;
}

static int write_all(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t written = write(fd, bytes, size);

        if (written < 0 && errno != EINTR)
            return -1;
        if (written > 0) {
            bytes += written;
            size -= (size_t)written;
        }
    }
    return 0;
}

static int nameless_file_in(const char *folder)
{
    char path[4096];
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
        return fd;
    /* The file system has no O_TMPFILE. */
    if (snprintf(path, sizeof path, "%s/acsmtp-XXXXXX", folder) >= (int)sizeof path)
        return -1;
    fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0)
        (void)unlink(path);
    return fd;
}

static int nameless_file(void)
{
    const char *const folders[] = {secure_getenv("TMPDIR"), "/var/tmp", "/tmp"};
    int fd = -1;

    for (size_t i = 0; fd < 0 && i < sizeof folders / sizeof folders[0]; i++)
        if (folders[i] && folders[i][0] == '/')
            fd = nameless_file_in(folders[i]);
    return fd;
}

/* The rest of the stream behind what is in memory. */
static int spool(struct message_source *source, int from, struct acsmtp_error *err)
{
    char chunk[MESSAGE_CHUNK];
    ssize_t got;

    source->fd = nameless_file();
    if (source->fd < 0)
        return acsmtp_fail_errno(err, errno, "cannot make a temporary file for the message");
    if (write_all(source->fd, source->memory, (size_t)source->size) != 0)
        return acsmtp_fail_errno(err, errno, "cannot keep the message in a temporary file");
    free(source->memory);
    source->memory = NULL;
    while ((got = read_some(from, chunk, sizeof chunk)) > 0) {
        if (write_all(source->fd, chunk, (size_t)got) != 0)
            return acsmtp_fail_errno(err, errno, "cannot keep the message in a temporary file");
        source->size += got;
    }
    return got < 0 ? acsmtp_fail_errno(err, errno, "cannot read the message") : ACSMTP_OK;
}

static int keep(struct message_source *source, int fd, struct acsmtp_error *err)
{
    ssize_t got = 1;

    source->memory = malloc(MESSAGE_MEMORY_MAX);
    if (!source->memory)
        return acsmtp_fail_errno(err, ENOMEM, "cannot keep the message");
    while (got > 0 && source->size < (int64_t)MESSAGE_MEMORY_MAX) {
        got =
            read_some(fd, source->memory + source->size, MESSAGE_MEMORY_MAX - (size_t)source->size);
        source->size += got > 0 ? got : 0;
    }
    if (got < 0)
        return acsmtp_fail_errno(err, errno, "cannot read the message");
    return got > 0 ? spool(source, fd, err) : ACSMTP_OK;
}

/* A regular file needs no copy: a descriptor of our own reads it, and the caller's stands behind.
 */
static int use_in_place(struct message_source *source, int fd, const struct stat *file,
                        struct acsmtp_error *err)
{
    off_t start = lseek(fd, 0, SEEK_CUR);

    if (start < 0)
        return acsmtp_fail_errno(err, errno, "cannot read the message");
    source->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (source->fd < 0)
        return acsmtp_fail_errno(err, errno, "cannot read the message");
    source->start = start;
    source->size = file->st_size > start ? file->st_size - start : 0;
    identify(file, &source->identity);
    (void)lseek(fd, file->st_size, SEEK_SET);
    return ACSMTP_OK;
}

int source_from_fd(struct message_source *source, int fd, struct acsmtp_error *err)
{
    struct stat file;

    if (fstat(fd, &file) != 0)
        return acsmtp_fail_errno(err, errno, "cannot read the message");
    /* Files of /proc and the like say that they are empty. */
    if (S_ISREG(file.st_mode) && file.st_size > 0)
        return use_in_place(source, fd, &file, err);
    return keep(source, fd, err);
}

static int named(const struct message_source *source, struct acsmtp_error *err)
{
    return acsmtp_fail_errno(err, errno, "cannot read %s", source->path);
}

int source_from_path(struct message_source *source, const char *path, struct acsmtp_error *err)
{
    struct stat file;
    int fd, status;

    source->path = strdup(path);
    if (!source->path)
        return acsmtp_fail_errno(err, ENOMEM, "cannot keep the message");
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return named(source, err);
    if (fstat(fd, &file) != 0) {
        status = named(source, err);
        (void)close(fd);
        return status;
    }
    if (S_ISREG(file.st_mode) && file.st_size > 0) {
        source->fd = fd;
        source->size = file.st_size;
        identify(&file, &source->identity);
        return ACSMTP_OK;
    }
    status = keep(source, fd, err);
    if (status != ACSMTP_OK)
        acsmtp_error_prefix(err, "%s", path);
    (void)close(fd);
    free(source->path);
    source->path = NULL;
    return status;
}

int source_from_memory(struct message_source *source, const void *bytes, size_t size,
                       struct acsmtp_error *err)
{
    source->memory = malloc(size > 0 ? size : 1);
    if (!source->memory)
        return acsmtp_fail_errno(err, ENOMEM, "cannot keep the message");
    if (size > 0)
        memcpy(source->memory, bytes, size);
    source->size = (int64_t)size;
    return ACSMTP_OK;
}

int source_open(struct message_source *source, struct acsmtp_error *err)
{
    struct message_identity now;
    struct stat file;

    if (source->path && source->fd < 0) {
        source->fd = open(source->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        if (source->fd < 0)
            return named(source, err);
    }
    if (source->fd < 0 || source->identity.size == 0)
        return ACSMTP_OK;
    if (fstat(source->fd, &file) != 0)
        return acsmtp_fail_errno(err, errno, "cannot read the message");
    identify(&file, &now);
    if (is_same(&now, &source->identity))
        return ACSMTP_OK;
    source_close(source);
    return acsmtp_fail(err, ACSMTP_SYSTEM, "%s has changed since it was checked",
                       source->path ? source->path : "the message");
}

void source_close(struct message_source *source)
{
    if (!source->path || source->fd < 0)
        return;
    (void)close(source->fd);
    source->fd = -1;
}

int source_read(struct message_source *source, int64_t offset, void *buffer, size_t capacity,
                size_t *got, struct acsmtp_error *err)
{
    int64_t left = source->size - offset;
    ssize_t count;

    *got = 0;
    if (left <= 0)
        return ACSMTP_OK;
    if ((int64_t)capacity > left)
        capacity = (size_t)left;
    if (source->reader.read)
        return source->reader.read(source->reader.data, offset, buffer, capacity, got, err);
    if (source->memory) {
        memcpy(buffer, source->memory + offset, capacity);
        *got = capacity;
        return ACSMTP_OK;
    }
    do
        count = pread(source->fd, buffer, capacity, (off_t)(source->start + offset));
    while (count < 0 && errno == EINTR);
    if (count < 0)
        return acsmtp_fail_errno(err, errno, "cannot read the message");
    if (count == 0 && capacity > 0)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "the message became shorter while it was read");
    *got = (size_t)count;
    return ACSMTP_OK;
}
