/* SPDX-License-Identifier: MIT */
/* Reading a file straight into a secret; see entra_file.h. */
#include "entra_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int check(int fd, const char *path, enum entra_file_guard guard, struct acsmtp_error *err)
{
    struct stat status;

    if (fstat(fd, &status) != 0)
        return acsmtp_fail_errno(err, errno, "%s", path);
    if (!S_ISREG(status.st_mode))
        return acsmtp_fail(err, ACSMTP_CONFIG, "%s is not a regular file", path);
    if (guard == ENTRA_FILE_PRIVATE && (status.st_mode & (S_IROTH | S_IWOTH)))
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "everybody can read or change the private key in %s; chmod 600 %s", path,
                           path);
    return ACSMTP_OK;
}

static int read_all(int fd, const char *path, struct acsmtp_secret *content,
                    struct acsmtp_error *err)
{
    char buffer[4096];
    int status = ACSMTP_OK;

    while (status == ACSMTP_OK) {
        ssize_t got = read(fd, buffer, sizeof buffer);

        if (got == 0)
            break;
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            status = acsmtp_fail_errno(err, errno, "%s", path);
        else if (acsmtp_secret_size(content) + (size_t)got > ENTRA_FILE_MAX)
            status =
                acsmtp_fail(err, ACSMTP_CONFIG, "%s is larger than %u bytes", path, ENTRA_FILE_MAX);
        else
            status = acsmtp_secret_append(content, buffer, (size_t)got, err);
    }
    acsmtp_wipe(buffer, sizeof buffer);
    if (status == ACSMTP_OK && acsmtp_secret_size(content) == 0)
        status = acsmtp_fail(err, ACSMTP_CONFIG, "%s is empty", path);
    return status;
}

int entra_file_read(const char *path, enum entra_file_guard guard, struct acsmtp_secret **content,
                    struct acsmtp_error *err)
{
    ACSMTP_AUTO_SECRET struct acsmtp_secret *read = acsmtp_secret_new("", 0, err);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    int status;

    if (fd < 0)
        return acsmtp_fail(err, ACSMTP_CONFIG, "%s: %s", path, strerror(errno));
    status = read ? check(fd, path, guard, err) : ACSMTP_SYSTEM;
    if (status == ACSMTP_OK)
        status = read_all(fd, path, read, err);
    (void)close(fd);
    if (status == ACSMTP_OK)
        *content = ACSMTP_STEAL(struct acsmtp_secret, read);
    return status;
}

void entra_file_trim(struct acsmtp_secret *content)
{
    const char *text = acsmtp_secret_data(content);
    size_t size = acsmtp_secret_size(content);

    while (size > 0 && strchr(" \t\r\n", text[size - 1]))
        size--;
    acsmtp_secret_truncate(content, size);
}
