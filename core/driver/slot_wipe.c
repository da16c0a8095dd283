/* SPDX-License-Identifier: MIT */
/*
 * Finding and removing what slots keep. Lock files stay: they hold nothing, and a process that
 * waits for one must find the same one as the next.
 */
#include "slot_private.h"
#include <acsmtp/keyring.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- names ---- */

/* The name in front of `suffix`, when it is one that slot_open() makes. */
static int name_of(const char *file, const char *suffix, const char *group, char *name)
{
    size_t length = strlen(file), end = strlen(suffix);
    size_t group_length = group ? strlen(group) : 0;

    if (length <= end || length - end >= SLOT_NAME_MAX || strcmp(file + length - end, suffix) != 0)
        return 0;
    length -= end;
    memcpy(name, file, length);
    name[length] = '\0';
    if (strspn(name, "0123456789abcdef-") != length)
        return 0;
    return !group || (strncmp(name, group, group_length) == 0 && name[group_length] == '-');
}

struct name_list {
    char (*names)[SLOT_NAME_MAX];
    size_t count;
};

/* The list first: a visitor may remove files, and readdir() promises nothing about those. */
static int list_names(DIR *stream, const char *group, struct name_list *list,
                      struct acsmtp_error *err)
{
    const struct dirent *file;
    char name[SLOT_NAME_MAX];

    while ((file = readdir(stream))) {
        void *grown;

        if (!name_of(file->d_name, SLOT_LOCK, group, name))
            continue;
        grown = realloc(list->names, (list->count + 1) * sizeof *list->names);
        if (!grown)
            return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
        list->names = grown;
        memcpy(list->names[list->count++], name, sizeof name);
    }
    return ACSMTP_OK;
}

int slot_visit(const char *folder, const char *group, slot_visitor visit, void *data,
               struct acsmtp_error *err)
{
    struct name_list list = {0};
    DIR *stream = NULL;
    int fd = -1;
    int status = slot_folder_open(folder, &fd, err);
    size_t i;

    if (status != ACSMTP_OK)
        return status;
    stream = fdopendir(fd);
    if (!stream) {
        (void)close(fd);
        return acsmtp_fail_errno(err, errno, "cannot list what is kept");
    }
    status = list_names(stream, group, &list, err);
    (void)closedir(stream);
    for (i = 0; status == ACSMTP_OK && i < list.count; i++)
        status = visit(data, list.names[i]);
    free(list.names);
    return status;
}

/* ---- files ---- */

/* Best effort: what a file system or a disk keeps of old blocks is beyond the reach of a program.
 */
static void overwrite(int folder, const char *file)
{
    static const char zeros[4096];
    int fd = openat(folder, file, O_WRONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat info;
    off_t left;

    if (fd < 0)
        return;
    if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_uid == geteuid() &&
        info.st_nlink == 1 && info.st_size <= (off_t)SLOT_TEXT_MAX) {
        for (left = info.st_size; left > 0;) {
            ssize_t done = write(fd, zeros, left < 4096 ? (size_t)left : sizeof zeros);

            if (done <= 0)
                break;
            left -= done;
        }
        (void)fsync(fd);
    }
    (void)close(fd);
}

int slot_file_wipe(int folder, const char *file, struct acsmtp_error *err, size_t *removed)
{
    overwrite(folder, file);
    if (unlinkat(folder, file, 0) == 0)
        (*removed)++;
    else if (errno != ENOENT)
        return acsmtp_fail_errno(err, errno, "cannot remove %s", file);
    return ACSMTP_OK;
}

int slot_wipe(const char *folder, const char *name, struct acsmtp_error *err, size_t *removed)
{
    char file[SLOT_FILE_MAX];
    size_t leavings = 0;
    int fd = -1;
    int status = slot_folder_open(folder, &fd, err);

    if (status != ACSMTP_OK)
        return status;
    (void)snprintf(file, sizeof file, "%s" SLOT_ENTRY, name);
    status = slot_file_wipe(fd, file, err, removed);
    (void)snprintf(file, sizeof file, "%s" SLOT_NEW, name);
    if (status == ACSMTP_OK)
        status = slot_file_wipe(fd, file, err, &leavings);
    (void)close(fd);
    return status;
}

/* ---- keyrings ---- */

int slot_wipe_entry(struct keyring *keyring, struct acsmtp_context *context, const char *folder,
                    const char *name, struct acsmtp_error *err, size_t *removed)
{
    struct acsmtp_error problem = ACSMTP_ERROR_INIT;
    char entry[SLOT_ENTRY_NAME_MAX];
    int status;

    slot_entry_name(folder, name, entry);
    status = keyring_remove(keyring, context, entry, &problem);
    if (status == ACSMTP_OK)
        (*removed)++;
    else if (strcmp(problem.code, ACSMTP_KEYRING_NO_ENTRY) != 0)
        return acsmtp_fail(err, status, "%s", problem.message);
    return ACSMTP_OK;
}
