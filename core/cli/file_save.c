/* SPDX-License-Identifier: MIT */
/* See file_save.h. */
#include "file_save.h"
#include "exitcode.h"
#include <acsmtp/secret.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 1024 * 1024 };

static int cannot_create(const char *path, struct acsmtp_error *err)
{
    acsmtp_error_server(err, 0, EXITCODE_CANNOT_CREATE, NULL);
    return acsmtp_fail_errno(err, errno, "cannot write '%s'", path);
}

static int not_a_file(const char *path, const char *what, struct acsmtp_error *err)
{
    acsmtp_error_server(err, 0, EXITCODE_CANNOT_CREATE, NULL);
    return acsmtp_fail(err, ACSMTP_SYSTEM, "'%s' is %s; give the name of a file", path, what);
}

/* rename() would put a file in a link's place: whoever made the link meant something else. */
static int check_name(const char *path, struct acsmtp_error *err)
{
    struct stat info;

    if (!*path || path[strlen(path) - 1] == '/')
        return not_a_file(path, "no name", err);
    if (lstat(path, &info) != 0)
        return errno == ENOENT ? ACSMTP_OK : cannot_create(path, err);
    if (S_ISLNK(info.st_mode))
        return not_a_file(path, "a symbolic link", err);
    if (!S_ISREG(info.st_mode))
        return not_a_file(path, S_ISDIR(info.st_mode) ? "a folder" : "not a regular file", err);
    return ACSMTP_OK;
}

static void folder_of(const char *path, char *folder, size_t capacity)
{
    const char *slash = strrchr(path, '/');
    int size = slash ? (int)(slash - path) : 0;

    if (!slash)
        (void)snprintf(folder, capacity, ".");
    else
        (void)snprintf(folder, capacity, "%.*s", size ? size : 1, path);
}

int file_save_check(const char *path, struct acsmtp_error *err)
{
    char folder[PATH_MAX];

    folder_of(path, folder, sizeof folder);
    if (check_name(path, err) != ACSMTP_OK)
        return err->status;
    return access(folder, W_OK | X_OK) == 0 ? ACSMTP_OK : cannot_create(path, err);
}

/* ---- writing ---- */

static int write_all(int fd, const char *text)
{
    size_t size = strlen(text);

    while (size) {
        ssize_t written = write(fd, text, size);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return 0;
        text += written;
        size -= (size_t)written;
    }
    return 1;
}

/* The name itself is only safe when its folder is on the disk. */
static void sync_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return;
    (void)fsync(fd);
    (void)close(fd);
}

int file_save(const char *path, const char *text, mode_t mode, struct acsmtp_error *err)
{
    char folder[PATH_MAX], beside[PATH_MAX];
    int fd, saved;

    if (check_name(path, err) != ACSMTP_OK)
        return err->status;
    folder_of(path, folder, sizeof folder);
    if (snprintf(beside, sizeof beside, "%s/.acsmtp-XXXXXX", folder) >= (int)sizeof beside) {
        errno = ENAMETOOLONG;
        return cannot_create(path, err);
    }
    fd = mkostemp(beside, O_CLOEXEC); /* 0600 */
    if (fd < 0)
        return cannot_create(path, err);
    saved = fchmod(fd, mode) == 0 && write_all(fd, text) && fsync(fd) == 0;
    saved = close(fd) == 0 && saved && rename(beside, path) == 0;
    if (!saved) {
        (void)cannot_create(path, err);
        (void)unlink(beside);
        return err->status;
    }
    sync_folder(folder);
    return ACSMTP_OK;
}

/* ---- reading ---- */

static int cannot_read(const char *path, struct acsmtp_error *err)
{
    acsmtp_error_server(err, 0, EXITCODE_NO_INPUT, NULL);
    return acsmtp_fail_errno(err, errno, "cannot read '%s'", path);
}

static int read_fd(int fd, const char *path, char **text, struct acsmtp_error *err)
{
    char *bytes = malloc(FILE_MAX + 1);
    size_t size = 0;
    ssize_t got = 1;

    if (!bytes)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    while (got > 0 && size <= FILE_MAX) {
        got = read(fd, bytes + size, FILE_MAX + 1 - size);
        if (got < 0 && errno == EINTR)
            got = 1;
        else if (got > 0)
            size += (size_t)got;
    }
    if (got >= 0 && size <= FILE_MAX && !memchr(bytes, '\0', size)) {
        bytes[size] = '\0';
        *text = bytes;
        return ACSMTP_OK;
    }
    if (got >= 0)
        errno = size > FILE_MAX ? EFBIG : EILSEQ;
    (void)cannot_read(path, err);
    acsmtp_wipe(bytes, size);
    free(bytes);
    return err->status;
}

int file_read(const char *path, char **text, struct acsmtp_error *err)
{
    int fd, status;

    *text = NULL;
    if (check_name(path, err) != ACSMTP_OK)
        return err->status;
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return errno == ENOENT ? ACSMTP_OK : cannot_read(path, err);
    status = read_fd(fd, path, text, err);
    (void)close(fd);
    return status;
}
