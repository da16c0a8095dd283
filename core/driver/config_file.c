/* SPDX-License-Identifier: MIT */
/*
 * Reading the files that people write: config layers and cloud descriptions. Whatever the path
 * names (a device, a pipe, something endless), reading it ends.
 */
#include "base/json_problem.h"
#include "base/utf8.h"
#include "config_private.h"
#include "locate.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_regular(const char *path, struct stat *status, struct acsmtp_error *err)
{
    /* O_NONBLOCK: a pipe without a writer must not hold us before we see that it is one. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

    if (fd < 0) {
        /* Who runs is told as well: `sendmail` runs as anybody. */
        if (errno == EACCES)
            (void)acsmtp_fail(err, ACSMTP_CONFIG, "%s: %s: user %lu may not read it", path,
                              strerror(errno), (unsigned long)geteuid());
        else
            (void)acsmtp_fail(err, ACSMTP_CONFIG, "%s: %s", path, strerror(errno));
        return -1;
    }
    if (fstat(fd, status) != 0)
        (void)acsmtp_fail_errno(err, errno, "%s", path);
    else if ((S_ISREG(status->st_mode) || S_ISDIR(status->st_mode)) && (status->st_mode & S_IWOTH))
        (void)acsmtp_fail(err, ACSMTP_CONFIG,
                          "%s: everybody can write to this %s, so it cannot be trusted%s%s", path,
                          S_ISDIR(status->st_mode) ? "folder" : "file",
                          status->st_mode & S_ISVTX ? "" : "; chmod o-w ", /* not on /tmp */
                          status->st_mode & S_ISVTX ? "" : path);
    else if (!S_ISREG(status->st_mode))
        (void)acsmtp_fail(err, ACSMTP_CONFIG, "%s: not a regular file", path);
    else if (config_check_folders(path, err) == ACSMTP_OK)
        return fd;
    (void)close(fd);
    return -1;
}

int config_read(int fd, const char *path, size_t maximum, struct acsmtp_secret *text,
                struct acsmtp_error *err)
{
    char block[4096];
    ssize_t got = 1;
    int result = ACSMTP_OK;

    while (got > 0 && result == ACSMTP_OK) {
        got = read(fd, block, sizeof block);
        if (got < 0 && errno == EINTR)
            got = 1;
        else if (got < 0)
            result = acsmtp_fail_errno(err, errno, "%s", path);
        else if (acsmtp_secret_size(text) + (size_t)got > maximum)
            result = acsmtp_fail(err, ACSMTP_CONFIG, "%s: larger than %zu bytes", path, maximum);
        else
            result = acsmtp_secret_append(text, block, (size_t)got, err);
    }
    acsmtp_wipe(block, sizeof block);
    return result;
}

static int read_file(const char *path, struct config_file *file, struct acsmtp_error *err)
{
    struct stat status;
    int fd = open_regular(path, &status, err);
    int result;

    if (fd < 0)
        return err->status;
    file->exposed = (status.st_mode & (S_IRGRP | S_IROTH)) != 0;
    file->path = strdup(path);
    file->real = realpath(path, NULL);
    file->text = acsmtp_secret_new("", 0, err);
    if (!file->path)
        result = acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    else
        result = file->text ? config_read(fd, path, CONFIG_FILE_MAX, file->text, err) : err->status;
    (void)close(fd);
    return result;
}

int config_file_read(const char *path, int optional, struct config_file *file,
                     struct acsmtp_error *err)
{
    int result;

    *file = (struct config_file){0};
    if (optional && access(path, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR))
        return ACSMTP_OK;
    result = read_file(path, file, err);
    if (result != ACSMTP_OK)
        config_file_release(file);
    return result;
}

void config_file_release(struct config_file *file)
{
    free(file->path);
    free(file->real);
    acsmtp_secret_free(file->text);
    *file = (struct config_file){0};
}

/* "FILE:LINE:COL: what", as editors and people like it. */
static void point_at(const struct config_file *file, const struct json_problem *problem,
                     struct acsmtp_error *err)
{
    struct locate_position at = locate_offset(acsmtp_secret_data(file->text),
                                              acsmtp_secret_size(file->text), problem->offset);

    (void)acsmtp_fail(err, ACSMTP_CONFIG, "%s:%zu:%zu: not valid JSON: %s", file->path, at.line,
                      at.column, problem->what);
}

struct acsmtp_json *config_file_parse(const struct config_file *file, struct acsmtp_error *err)
{
    struct acsmtp_error told = ACSMTP_ERROR_INIT;
    struct json_problem problem;
    struct acsmtp_json *json = json_parse_config(acsmtp_secret_data(file->text),
                                                 acsmtp_secret_size(file->text), &problem, &told);

    if (json && acsmtp_json_type(json) == ACSMTP_JSON_OBJECT)
        return json;
    if (json)
        (void)acsmtp_fail(err, ACSMTP_CONFIG, "%s:1:1: the file must hold an object, { ... }",
                          file->path);
    else if (problem.what)
        point_at(file, &problem, err);
    else
        (void)acsmtp_fail(err, told.status == ACSMTP_PROTOCOL ? ACSMTP_CONFIG : told.status,
                          "%s: %s", file->path, told.message);
    acsmtp_json_free(json);
    return NULL;
}

char *config_path_beside(const char *file, const char *path, struct acsmtp_error *err)
{
    const char *slash = file ? strrchr(file, '/') : NULL;
    char *joined = NULL;

    if (path[0] == '/' || !slash)
        joined = strdup(path);
    else if (asprintf(&joined, "%.*s/%s", (int)(slash - file), file, path) < 0)
        joined = NULL;
    if (!joined)
        (void)acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    return joined;
}

int config_text_clean(const char *text)
{
    size_t left = strlen(text), size;

    for (; left > 0; text += size, left -= size) {
        if (utf8_is_control(text, left))
            return 0;
        size = utf8_size(text, left);
        size += size == 0; /* a path need not be UTF-8 */
    }
    return 1;
}
