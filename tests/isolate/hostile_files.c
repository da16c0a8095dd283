/* SPDX-License-Identifier: MIT */
/*
 * Attacks on files: other processes' in /proc, other plugins' secrets, the user's own.
 */
#include "hostile.h"
#include <acsmtp/store.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int read_file_of(pid_t process, const char *name)
{
    char path[64], bytes[16];
    int fd, problem;

    (void)snprintf(path, sizeof path, "/proc/%ld/%s", (long)process, name);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno;
    problem = result_of(read(fd, bytes, sizeof bytes));
    (void)close(fd);
    return problem;
}

ATTACK(host_environment)
{
    UNUSED;
    return read_file_of(find_host(), "environ");
}

ATTACK(host_memory)
{
    UNUSED;
    return read_file_of(find_host(), "mem");
}

ATTACK(keeper_memory)
{
    UNUSED;
    return read_file_of(getppid(), "maps");
}

/* The variable is in the host's environment, and no business of this plugin. */
ATTACK(environment)
{
    UNUSED;
    return getenv("ACSMTP_TEST_CANARY") ? 0 : ENOENT;
}

static int try_to_open(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (fd >= 0)
        (void)close(fd);
    return result_of(fd);
}

static int read_in_home(const char *name)
{
    char path[4096];

    (void)snprintf(path, sizeof path, "%s/%s", getenv("HOME"), name);
    return try_to_open(path, O_RDONLY);
}

ATTACK(read_file)
{
    (void)context;
    return try_to_open(acsmtp_settings_string(settings, "path"), O_RDONLY);
}

ATTACK(cached_tokens)
{
    UNUSED;
    return read_in_home(".cache/acsmtp/canary");
}

/* Made while this process runs, as a first run of the program does. */
ATTACK(later_tokens)
{
    int problem = ENOENT;

    (void)settings;
    while (problem == ENOENT && acsmtp_context_sleep(context, 20, NULL) == ACSMTP_OK)
        problem = read_in_home(".cache/acsmtp/canary");
    return problem;
}

ATTACK(configs)
{
    UNUSED;
    return read_in_home(".config/acsmtp/config.json");
}

/* The same file by other names. */
ATTACK(read_roundabout)
{
    char path[8192];
    const char *wanted = acsmtp_settings_string(settings, "path"), *own = getenv("TMPDIR");
    int problem;

    (void)context;
    (void)snprintf(path, sizeof path, "/proc/self/root%s", wanted);
    problem = try_to_open(path, O_RDONLY);
    if (problem == 0)
        return 0;
    (void)snprintf(path, sizeof path, "%s/link", own);
    if (symlink(wanted, path) != 0 || try_to_open(path, O_RDONLY) == 0)
        return 0;
    (void)snprintf(path, sizeof path, "%s/hard", own);
    if (link(wanted, path) == 0 || rename(wanted, path) == 0)
        return 0;
    return problem;
}

/* Others may read it from now on. */
ATTACK(open_to_others)
{
    (void)context;
    return result_of(chmod(acsmtp_settings_string(settings, "path"), 0666));
}

ATTACK(open_to_others_by_descriptor)
{
    int fd = open(acsmtp_settings_string(settings, "path"), O_RDONLY | O_CLOEXEC);
    int problem = fd < 0 ? errno : result_of(fchmod(fd, 0666));

    (void)context;
    if (fd >= 0)
        (void)close(fd);
    return problem;
}

/* What makes a file new, for who looks at its time alone. */
ATTACK(change_times)
{
    (void)context;
    return result_of(utimensat(AT_FDCWD, acsmtp_settings_string(settings, "path"), NULL, 0));
}

ATTACK(empty_by_name)
{
    (void)context;
    return result_of(truncate(acsmtp_settings_string(settings, "path"), 0));
}

/* Linux empties it, although it is opened for reading alone. */
ATTACK(empty_by_reading)
{
    (void)context;
    return try_to_open(acsmtp_settings_string(settings, "path"), O_RDONLY | O_TRUNC);
}

/* ---- what plugins keep ---- */

/* Under the key that "path" has. */
static int open_store(const struct acsmtp_settings *settings, struct acsmtp_context *context,
                      struct acsmtp_store **store)
{
    const char *key = acsmtp_settings_string(settings, "path");

    return acsmtp_store_open(settings, context, key, store, NULL) == ACSMTP_OK ? 0 : EACCES;
}

ATTACK(keep)
{
    ACSMTP_AUTO_STORE struct acsmtp_store *store = NULL;
    ACSMTP_AUTO_SECRET struct acsmtp_secret *secret = acsmtp_secret_new("kept", 4, NULL);
    int problem = open_store(settings, context, &store);

    if (problem != 0)
        return problem;
    return secret && acsmtp_store_set(store, secret, NULL) == ACSMTP_OK ? 0 : EIO;
}

ATTACK(fetch)
{
    ACSMTP_AUTO_STORE struct acsmtp_store *store = NULL;
    ACSMTP_AUTO_SECRET struct acsmtp_secret *secret = NULL;
    int problem = open_store(settings, context, &store);

    if (problem != 0)
        return problem;
    return acsmtp_store_get(store, &secret, NULL) == ACSMTP_OK ? 0 : ENOENT;
}

ATTACK(write_home)
{
    char path[4096];

    UNUSED;
    (void)snprintf(path, sizeof path, "%s/written", getenv("HOME"));
    return result_of(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

/* Allowed: what is left there is removed with it. */
ATTACK(litter)
{
    char path[4096];

    UNUSED;
    (void)snprintf(path, sizeof path, "%s/deep", getenv("TMPDIR"));
    if (mkdir(path, 0000) != 0)
        return errno;
    (void)snprintf(path, sizeof path, "%s/litter", getenv("TMPDIR"));
    return result_of(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0000));
}

const struct attack file_attacks[] = {
    ROW(host_environment),
    ROW(host_memory),
    ROW(keeper_memory),
    ROW(environment),
    ROW(read_file),
    ROW(cached_tokens),
    ROW(later_tokens),
    ROW(configs),
    ROW(read_roundabout),
    ROW(open_to_others),
    ROW(open_to_others_by_descriptor),
    ROW(change_times),
    ROW(empty_by_name),
    ROW(empty_by_reading),
    ROW(keep),
    ROW(fetch),
    ROW(write_home),
    ROW(litter),
    {NULL, NULL},
};
