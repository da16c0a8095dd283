/* SPDX-License-Identifier: MIT */
/*
 * Who can put another file in the place of a config: everybody, where a folder on the way is open
 * to all. A config names programs and plugins that are run, so that would be running theirs.
 */
#include "config_private.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* `below`: what is in the folder and leads to the config. */
static int check_folder(const char *folder, const struct stat *below, const char *config,
                        struct acsmtp_error *err)
{
    struct stat status;

    if (lstat(folder, &status) != 0)
        return acsmtp_fail_errno(err, errno, "%s", folder);
    if (!(status.st_mode & S_IWOTH))
        return ACSMTP_OK;
    if (!(status.st_mode & S_ISVTX))
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "%s: everybody can write to the folder %s, so it cannot be trusted; "
                           "chmod o-w %s",
                           config, folder, folder);
    /* In /tmp everybody can be first with a name, but nobody can take it from its owner. */
    if (below->st_uid == 0 || below->st_uid == geteuid())
        return ACSMTP_OK;
    return acsmtp_fail(err, ACSMTP_CONFIG,
                       "%s: it was put by user %lu into the folder %s, which is open to "
                       "everybody, so it cannot be trusted",
                       config, (unsigned long)below->st_uid, folder);
}

/* From the folder that `entry` is in up to the root. */
static int check_way(const char *entry, const char *config, struct acsmtp_error *err)
{
    char *beside = config_path_beside(entry, ".", err);
    char *folder = beside ? realpath(beside, NULL) : NULL, *slash = folder;
    struct stat below;
    int status = ACSMTP_OK;

    free(beside);
    if (!folder || lstat(entry, &below) != 0)
        status = acsmtp_fail_errno(err, errno, "%s", entry);
    while (status == ACSMTP_OK && slash) {
        status = check_folder(folder, &below, config, err);
        slash = folder[1] ? strrchr(folder, '/') : NULL;
        if (slash && lstat(folder, &below) != 0)
            status = acsmtp_fail_errno(err, errno, "%s", folder);
        if (slash)
            slash[slash == folder] = '\0';
    }
    free(folder);
    return status;
}

/* The file, and its name, which may be a symbolic link in another folder. */
int config_check_folders(const char *path, struct acsmtp_error *err)
{
    char *real = realpath(path, NULL);
    int status = real ? check_way(real, path, err) : acsmtp_fail_errno(err, errno, "%s", path);

    free(real);
    return status == ACSMTP_OK ? check_way(path, path, err) : status;
}
