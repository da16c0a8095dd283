/* SPDX-License-Identifier: MIT */
/* See new_folder.h. */
#include "new_folder.h"
#include "exitcode.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int cannot_create(const struct new_folder *folder, const char *name,
                         struct acsmtp_error *err)
{
    acsmtp_error_server(err, 0, EXITCODE_CANNOT_CREATE, NULL);
    return acsmtp_fail_errno(err, errno, "cannot write '%s%s%s'", folder->path, name ? "/" : "",
                             name ? name : "");
}

int new_folder_make(struct new_folder *folder, const char *path, struct acsmtp_error *err)
{
    *folder = (struct new_folder){.path = path, .fd = -1};
    if (mkdir(path, 0777) != 0) {
        if (errno != EEXIST)
            return cannot_create(folder, NULL, err);
        acsmtp_error_server(err, 0, EXITCODE_CANNOT_CREATE, NULL);
        return acsmtp_fail(err, ACSMTP_SYSTEM,
                           "'%s' is there already and is left as it is; choose another folder",
                           path);
    }
    folder->fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return folder->fd < 0 ? cannot_create(folder, NULL, err) : ACSMTP_OK;
}

static int write_all(int fd, const char *text)
{
    size_t left = strlen(text);

    while (left) {
        ssize_t written = write(fd, text, left);

        if (written < 0 && errno != EINTR)
            return 0;
        if (written > 0) {
            text += written;
            left -= (size_t)written;
        }
    }
    return 1;
}

/* Before the file is made, so that no file can be forgotten. */
static int remember(struct new_folder *folder, const char *name, struct acsmtp_error *err)
{
    char **names = reallocarray(folder->names, folder->count + 1, sizeof *names);

    if (!names)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    folder->names = names;
    names[folder->count] = strdup(name);
    if (!names[folder->count])
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    folder->count++;
    return ACSMTP_OK;
}

int new_folder_add(struct new_folder *folder, const char *name, const char *text,
                   struct acsmtp_error *err)
{
    int fd, written;

    if (remember(folder, name, err) != ACSMTP_OK)
        return err->status;
    fd = openat(folder->fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (fd < 0)
        return cannot_create(folder, name, err);
    written = write_all(fd, text);
    if (close(fd) != 0 || !written)
        return cannot_create(folder, name, err);
    return ACSMTP_OK;
}

void new_folder_release(struct new_folder *folder)
{
    for (size_t i = 0; i < folder->count; i++)
        free(folder->names[i]);
    free(folder->names);
    (void)close(folder->fd);
    *folder = (struct new_folder){.fd = -1};
}

void new_folder_discard(struct new_folder *folder)
{
    if (folder->fd < 0)
        return;
    for (size_t i = 0; i < folder->count; i++)
        (void)unlinkat(folder->fd, folder->names[i], 0);
    (void)rmdir(folder->path);
    new_folder_release(folder);
}
