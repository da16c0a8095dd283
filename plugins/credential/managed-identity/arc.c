/* SPDX-License-Identifier: MIT */
/* The challenge of the Azure Arc agent; see arc.h. */
#include "arc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_SIZE_MAX 512U

static int fail_challenge(const char *why, struct acsmtp_error *err)
{
    return acsmtp_fail(err, ACSMTP_PROTOCOL, "the Azure Arc agent's challenge %s", why);
}

/* Plain comparison of texts: a path that must first be resolved is none that the agent names. */
static int is_key_file(const char *path, size_t size, const char *folder)
{
    size_t folder_size = strlen(folder);
    const char *name = path + folder_size + 1;

    if (size <= folder_size + 1 + 4 || strncmp(path, folder, folder_size) != 0 ||
        path[folder_size] != '/')
        return 0;
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)path[i] <= 0x20 || (unsigned char)path[i] >= 0x7f)
            return 0;
    return !memchr(name, '/', size - folder_size - 1) && name[0] != '.' &&
           memcmp(path + size - 4, ".key", 4) == 0;
}

int arc_challenge_path(const char *header, const char *folder, char *path, size_t capacity,
                       struct acsmtp_error *err)
{
    static const char scheme[] = "Basic realm=";
    size_t size;

    if (!header || strncasecmp(header, scheme, sizeof scheme - 1) != 0)
        return fail_challenge("is missing or not of the form Basic realm=FILE", err);
    header += sizeof scheme - 1;
    size = strlen(header);
    if (strchr(header, '='))
        return fail_challenge("has more than one '='", err);
    if (size >= capacity || !is_key_file(header, size, folder))
        return acsmtp_fail(err, ACSMTP_PROTOCOL,
                           "the Azure Arc agent's challenge names a file that is not a .key file "
                           "in %s; it is not read",
                           folder);
    memcpy(path, header, size + 1);
    return ACSMTP_OK;
}

static int open_key(const char *path, int *fd, struct acsmtp_error *err)
{
    struct stat status;

    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
    if (*fd < 0 && (errno == EACCES || errno == EPERM))
        return acsmtp_fail(err, ACSMTP_DENIED,
                           "this user may not read %s; add it to the group of that file "
                           "(UNVERIFIED: himds) or run as root",
                           path);
    if (*fd < 0)
        return acsmtp_fail(err, ACSMTP_PROTOCOL, "%s: %s", path, strerror(errno));
    if (fstat(*fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0 &&
        status.st_size <= (off_t)ARC_KEY_MAX)
        return ACSMTP_OK;
    (void)close(*fd);
    return acsmtp_fail(err, ACSMTP_PROTOCOL, "%s is not a file of 1 to %u bytes", path,
                       ARC_KEY_MAX);
}

/* The content goes out as it is: the agent wrote it in the form of a header's value. */
static int read_key(int fd, const char *path, struct acsmtp_secret *proof, struct acsmtp_error *err)
{
    char key[ARC_KEY_MAX + 1];
    ssize_t size = read(fd, key, sizeof key);
    int status = size > 0 && size <= (ssize_t)ARC_KEY_MAX
                     ? acsmtp_secret_append(proof, key, (size_t)size, err)
                     : acsmtp_fail(err, ACSMTP_PROTOCOL, "%s changed while it was read", path);

    acsmtp_wipe(key, sizeof key);
    return status;
}

int arc_answer(const struct acsmtp_http_response *response, const char *folder,
               struct acsmtp_secret **proof, struct acsmtp_error *err)
{
    static const char field[] = "Authorization: Basic ";
    ACSMTP_AUTO_SECRET struct acsmtp_secret *made = acsmtp_secret_new(field, sizeof field - 1, err);
    char path[PATH_SIZE_MAX];
    int fd;
    int status = made ? arc_challenge_path(acsmtp_http_header(response, "WWW-Authenticate", 0),
                                           folder, path, sizeof path, err)
                      : ACSMTP_SYSTEM;

    if (status == ACSMTP_OK)
        status = open_key(path, &fd, err);
    if (status != ACSMTP_OK)
        return status;
    status = read_key(fd, path, made, err);
    (void)close(fd);
    if (status == ACSMTP_OK)
        *proof = ACSMTP_STEAL(struct acsmtp_secret, made);
    return status;
}

int arc_check_echo(const struct acsmtp_json *reply, const char *parameter, const char *value,
                   struct acsmtp_error *err)
{
    const char *echo = acsmtp_json_string(reply, parameter);

    if (!echo && strcmp(parameter, "msi_res_id") == 0)
        echo = acsmtp_json_string(reply, "mi_res_id");
    if (echo && strcasecmp(echo, value) == 0)
        return ACSMTP_OK;
    return acsmtp_fail(err, ACSMTP_PROTOCOL,
                       "the Azure Arc agent does not confirm %s '%s': it is too old to know more "
                       "than the system-assigned identity",
                       parameter, value);
}
