/* SPDX-License-Identifier: MIT */
/*
 * The files of slots: whoever could write to the folder wrote what is read here, so nothing is
 * believed but files of this user that nobody else can open.
 */
#include "slot_private.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- reading ---- */

static int no_entry(struct acsmtp_error *err, const char *why)
{
    return acsmtp_fail(err, ACSMTP_UNAVAILABLE, "%s", why);
}

static int check_entry_file(int fd, size_t *size, struct acsmtp_error *err)
{
    struct stat info;

    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode))
        return no_entry(err, "not a file");
    if (info.st_uid != geteuid() || (info.st_mode & 077) != 0)
        return no_entry(err, "the file is not this user's alone");
    if (info.st_size <= 0 || info.st_size > (off_t)SLOT_TEXT_MAX)
        return no_entry(err, "the file has an impossible size");
    *size = (size_t)info.st_size;
    return ACSMTP_OK;
}

static int read_all(int fd, size_t size, struct acsmtp_secret *text, struct acsmtp_error *err)
{
    char buffer[8192];
    int status = ACSMTP_OK;

    while (status == ACSMTP_OK && size > 0) {
        ssize_t got = read(fd, buffer, size < sizeof buffer ? size : sizeof buffer);

        if (got <= 0)
            status = no_entry(err, "the file cannot be read");
        else
            status = acsmtp_secret_append(text, buffer, (size_t)got, err);
        size -= got > 0 ? (size_t)got : 0;
    }
    acsmtp_wipe(buffer, sizeof buffer);
    return status;
}

int slot_file_read(int folder, const char *name, struct acsmtp_secret **text,
                   struct acsmtp_error *err)
{
    ACSMTP_AUTO_SECRET struct acsmtp_secret *found = acsmtp_secret_new("", 0, err);
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    size_t size = 0;
    int status;

    if (fd < 0)
        return no_entry(err, errno == ENOENT ? "there is none" : "the file cannot be opened");
    status = check_entry_file(fd, &size, err);
    if (status == ACSMTP_OK)
        status = found ? read_all(fd, size, found, err) : ACSMTP_SYSTEM;
    (void)close(fd);
    if (status == ACSMTP_OK)
        *text = ACSMTP_STEAL(struct acsmtp_secret, found);
    return status;
}

/* ---- writing ---- */

static int write_all(int fd, const struct acsmtp_secret *text)
{
    const char *next = acsmtp_secret_data(text);
    size_t left = acsmtp_secret_size(text);

    while (left > 0) {
        ssize_t done = write(fd, next, left);

        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return -1;
        next += done;
        left -= (size_t)done;
    }
    return 0;
}

/* Only the holder of the lock writes, so one name for the new file is enough; what a process that
 * was killed left of it is removed first. */
int slot_file_write(int folder, const char *name, const char *temporary,
                    const struct acsmtp_secret *text, struct acsmtp_error *err)
{
    int problem = 0;
    int fd;

    (void)unlinkat(folder, temporary, 0);
    fd = openat(folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return acsmtp_fail_errno(err, errno, "cannot write what is to be kept");
    if (write_all(fd, text) != 0)
        problem = errno;
    if (close(fd) != 0 && !problem)
        problem = errno;
    if (!problem && renameat(folder, temporary, folder, name) != 0)
        problem = errno;
    if (!problem)
        return ACSMTP_OK;
    (void)unlinkat(folder, temporary, 0);
    return acsmtp_fail_errno(err, problem, "cannot write what is to be kept");
}
