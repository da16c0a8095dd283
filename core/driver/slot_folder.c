/* SPDX-License-Identifier: MIT */
/*
 * The folders of slots. Whatever is wrong with them, the answer is the same: then nothing is kept,
 * and tokens are asked for each time.
 */
#include "slot_private.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int unusable(struct acsmtp_error *err, const char *why)
{
    return acsmtp_fail(err, ACSMTP_UNAVAILABLE, "nothing can be kept: %s", why);
}

/*
 * $XDG_CACHE_HOME if it is absolute (the specification says to ignore it otherwise), else ~/.cache.
 * A home that belongs to somebody else (sudo without -H) is left alone.
 */
static int base_path(char *path, size_t capacity, struct acsmtp_error *err)
{
    const char *base = secure_getenv("XDG_CACHE_HOME");
    const char *rest = "";
    struct stat info;
    int length;

    if (!base || base[0] != '/') {
        base = secure_getenv("HOME");
        rest = "/.cache";
        if (!base || base[0] != '/')
            return unusable(err, "neither XDG_CACHE_HOME nor HOME is set");
        if (stat(base, &info) != 0 || info.st_uid != geteuid())
            return unusable(err, "HOME is not a folder of this user");
    }
    length = snprintf(path, capacity, "%s%s", base, rest);
    return length < 0 || (size_t)length >= capacity ? unusable(err, "its path is too long")
                                                    : ACSMTP_OK;
}

static int open_folder(int parent, const char *name, int follow)
{
    int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW);
    int folder = openat(parent, name, flags);

    if (folder < 0 && errno == ENOENT && (mkdirat(parent, name, 0700) == 0 || errno == EEXIST))
        folder = openat(parent, name, flags);
    return folder;
}

/* A folder of ours that others can look into is an old mistake that is put right. */
static int folder_is_ours(int folder, int private)
{
    struct stat info;

    if (fstat(folder, &info) != 0 || info.st_uid != geteuid())
        return 0;
    return !private || (info.st_mode & 077) == 0 || fchmod(folder, 0700) == 0;
}

/* The folder `name` inside `parent`, which is closed; -1 if it cannot be used. */
static int enter_folder(int parent, const char *name)
{
    int folder = open_folder(parent, name, 0);

    (void)close(parent);
    if (folder >= 0 && !folder_is_ours(folder, 1)) {
        (void)close(folder);
        return -1;
    }
    return folder;
}

int slot_folder_open(const char *name, int *folder, struct acsmtp_error *err)
{
    char path[PATH_MAX];
    int status = base_path(path, sizeof path, err);
    int current;

    if (status != ACSMTP_OK)
        return status;
    current = open_folder(AT_FDCWD, path, 1);
    if (current >= 0 && !folder_is_ours(current, 0)) {
        (void)close(current);
        return unusable(err, "its folder belongs to another user");
    }
    if (current >= 0)
        current = enter_folder(current, "acsmtp");
    if (current >= 0)
        current = enter_folder(current, name);
    if (current < 0)
        return unusable(err, "its folder cannot be used");
    *folder = current;
    return ACSMTP_OK;
}
