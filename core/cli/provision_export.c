/* SPDX-License-Identifier: MIT */
/* export --directory: files for another tool; see provision_store.h. */
#include "exitcode.h"
#include "file_save.h"
#include "provision_store.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A name and no path: nothing is written outside the folder. */
static int is_simple(const char *name)
{
    return *name && *name != '.' && *name != '-' && strlen(name) < 200 &&
           name[strspn(
               name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")] == '\0';
}

static int differs(const char *path, struct acsmtp_error *err)
{
    acsmtp_error_server(err, 0, EXITCODE_CANNOT_CREATE, NULL);
    return acsmtp_fail(err, ACSMTP_SYSTEM,
                       "'%s' is there already and differs; --yes replaces it, --directory names "
                       "another folder",
                       path);
}

static int write_one(const struct provision_options *options, const char *name, const char *text,
                     int check_only, struct acsmtp_error *err)
{
    char path[PATH_MAX], *there = NULL;
    int same;

    if (!text || !is_simple(name))
        return acsmtp_fail(err, ACSMTP_SYSTEM, "the provisioner gave a file with a bad name");
    (void)snprintf(path, sizeof path, "%s/%s", options->directory, name);
    if (file_read(path, &there, err) != ACSMTP_OK)
        return err->status;
    same = there && strcmp(there, text) == 0;
    if (there && !same && !options->yes)
        (void)differs(path, err);
    free(there);
    if (err->status != ACSMTP_OK || same || check_only)
        return err->status;
    if (file_save(path, text, 0644, err) == ACSMTP_OK)
        (void)fprintf(stderr, "Written: %s\n", path);
    return err->status;
}

/* All of them are looked at before the first is written. */
int provision_files_write(const struct provision_options *options, const struct acsmtp_json *files,
                          struct acsmtp_error *err)
{
    const char *name;

    if (mkdir(options->directory, 0777) != 0 && errno != EEXIST) {
        acsmtp_error_server(err, 0, EXITCODE_CANNOT_CREATE, NULL);
        return acsmtp_fail_errno(err, errno, "cannot make the folder '%s'", options->directory);
    }
    for (int check_only = 1; check_only >= 0; check_only--)
        for (size_t i = 0; (name = acsmtp_json_key(files, i)); i++)
            if (write_one(options, name, acsmtp_json_string(files, name), check_only, err) !=
                ACSMTP_OK)
                return err->status;
    return ACSMTP_OK;
}
