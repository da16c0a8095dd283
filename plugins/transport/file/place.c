/* SPDX-License-Identifier: MIT */
/* Files that appear whole or not at all, see place.h. */
#include "place.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PLACE_NAME_MAX = 200, PLACE_HOST_MAX = 64 };

/* ---- what is there ---- */

static int is_folder(const char *parent, const char *name)
{
    char path[PATH_MAX];
    struct stat status;
    int size = snprintf(path, sizeof path, "%s/%s", parent, name);

    return size > 0 && (size_t)size < sizeof path && stat(path, &status) == 0 &&
           S_ISDIR(status.st_mode);
}

static int make_maildir(const char *path, struct acsmtp_error *err)
{
    static const char *const parts[] = {"", "tmp", "new", "cur"};

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        char part[PATH_MAX];

        (void)snprintf(part, sizeof part, "%s/%s", path, parts[i]);
        if (mkdir(part, 0700) != 0 && errno != EEXIST)
            return acsmtp_fail_errno(err, errno, "cannot make the Maildir '%s'", path);
    }
    return ACSMTP_OK;
}

static int folder_kind(const char *path)
{
    return is_folder(path, "cur") && is_folder(path, "new") && is_folder(path, "tmp")
               ? PLACE_MAILDIR
               : PLACE_FOLDER;
}

int place_init(struct place *place, const char *path, int as_maildir, struct acsmtp_error *err)
{
    struct stat status;
    size_t size = strlen(path);

    *place = (struct place){.path = path};
    if (!size || size > PATH_MAX - PLACE_NAME_MAX - 10)
        return acsmtp_fail(err, ACSMTP_CONFIG, "option 'path' is empty or too long");
    if (as_maildir) {
        place->kind = PLACE_MAILDIR;
        return make_maildir(path, err);
    }
    /* Never opened by name: it may be a socket, and opening a file anew would start at its head. */
    if (strcmp(path, "/dev/stdout") == 0)
        place->kind = PLACE_STREAM;
    else if (stat(path, &status) != 0)
        place->kind = path[size - 1] == '/' ? 0 : PLACE_FILE;
    else if (S_ISDIR(status.st_mode))
        place->kind = folder_kind(path);
    else
        place->kind = S_ISREG(status.st_mode) ? PLACE_FILE : PLACE_STREAM;
    if (!place->kind)
        return acsmtp_fail_errno(err, ENOENT, "folder '%s'", path);
    return ACSMTP_OK;
}

/* ---- names ---- */

/* As Maildir wants it: time, process, number, host; and chance, so that nobody foretells it. */
static int unique_name(struct place *place, char *name, size_t capacity, struct acsmtp_error *err)
{
    struct timespec now;
    uint64_t chance;
    char host[PLACE_HOST_MAX] = "localhost";

    if (clock_gettime(CLOCK_REALTIME, &now) != 0 ||
        getrandom(&chance, sizeof chance, 0) != sizeof chance)
        return acsmtp_fail_errno(err, errno, "cannot make a unique name");
    if (gethostname(host, sizeof host - 1) != 0 || !*host)
        (void)snprintf(host, sizeof host, "localhost");
    for (char *c = host; *c; c++)
        if (*c == '/' || *c == ':')
            *c = '_';
    (void)snprintf(name, capacity, "%lld.M%06ldP%ldQ%06luR%016" PRIx64 ".%s", (long long)now.tv_sec,
                   now.tv_nsec / 1000, (long)getpid(), place->sequence++, chance, host);
    return ACSMTP_OK;
}

static int make_paths(struct place *place, struct place_file *file, struct acsmtp_error *err)
{
    char name[PLACE_NAME_MAX];
    const char *path = place->path;
    const char *slash = strrchr(path, '/');
    int size;

    if (unique_name(place, name, sizeof name, err) != ACSMTP_OK)
        return err->status;
    switch (place->kind) {
    case PLACE_MAILDIR:
        (void)snprintf(file->temporary, sizeof file->temporary, "%s/tmp/%s", path, name);
        size = snprintf(file->final, sizeof file->final, "%s/new/%s", path, name);
        break;
    case PLACE_FOLDER:
        (void)snprintf(file->temporary, sizeof file->temporary, "%s/.%s.tmp", path, name);
        size = snprintf(file->final, sizeof file->final, "%s/%s.eml", path, name);
        break;
    default:
        (void)snprintf(file->temporary, sizeof file->temporary, "%.*s.%s.tmp",
                       slash ? (int)(slash - path + 1) : 0, path, name);
        size = snprintf(file->final, sizeof file->final, "%s", path);
    }
    if (size < 0 || (size_t)size >= sizeof file->final)
        return acsmtp_fail(err, ACSMTP_CONFIG, "option 'path' is too long");
    return ACSMTP_OK;
}

/* ---- writing ---- */

static int open_stream(const char *path)
{
    if (strcmp(path, "/dev/stdout") == 0)
        return fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
    return open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
}

int place_begin(struct place *place, struct place_file *file, struct acsmtp_error *err)
{
    file->fd = -1;
    file->temporary[0] = '\0';
    file->is_stream = place->kind == PLACE_STREAM;
    if (file->is_stream) {
        (void)snprintf(file->final, sizeof file->final, "%s", place->path);
        file->fd = open_stream(place->path);
    } else {
        if (make_paths(place, file, err) != ACSMTP_OK)
            return err->status;
        file->fd = open(file->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    }
    if (file->fd < 0)
        return acsmtp_fail_errno(err, errno, "cannot write to '%s'", place->path);
    return ACSMTP_OK;
}

int place_write(struct place_file *file, const void *bytes, size_t size, struct acsmtp_error *err)
{
    const char *next = bytes;

    while (size) {
        ssize_t written = write(file->fd, next, size);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return acsmtp_fail_errno(err, errno, "cannot write to '%s'", file->final);
        next += written;
        size -= (size_t)written;
    }
    return ACSMTP_OK;
}

/* A rename that never replaces: what is there already is somebody's mail. */
static int rename_new(const char *from, const char *to)
{
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS) /* not every file system knows the flag */
        return -1;
    return link(from, to) == 0 ? unlink(from) : -1;
}

/* The name is on disk when its folder is. */
static int sync_folder(const char *path)
{
    char folder[PATH_MAX];
    char *slash;
    int failed;
    int fd;

    (void)snprintf(folder, sizeof folder, "%s", path);
    slash = strrchr(folder, '/');
    if (slash)
        slash[slash == folder] = '\0';
    fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    failed = fsync(fd) != 0 && errno != EINVAL;
    (void)close(fd);
    return failed ? -1 : 0;
}

int place_commit(struct place_file *file, struct acsmtp_error *err)
{
    int failed;

    failed = !file->is_stream && fsync(file->fd) != 0;
    failed |= close(file->fd) != 0;
    file->fd = -1;
    if (!failed && !file->is_stream)
        failed = rename_new(file->temporary, file->final) != 0 || sync_folder(file->final) != 0;
    if (!failed)
        return ACSMTP_OK;
    (void)acsmtp_fail_errno(err, errno, "cannot create '%s'", file->final);
    place_abandon(file);
    return err->status;
}

void place_abandon(struct place_file *file)
{
    if (file->fd >= 0)
        (void)close(file->fd);
    file->fd = -1;
    if (file->temporary[0])
        (void)unlink(file->temporary);
    file->temporary[0] = '\0';
}
