/* SPDX-License-Identifier: MIT */
/*
 * Landlock (linux/landlock.h, Documentation/userspace-api/landlock.rst): files may be read but for
 * those that hold other plugins' secrets, and devices, and written in the private folder and where
 * the config says; with programs of the user's all that the user may, but for terminals. The
 * process can neither trace, signal nor look into one outside. Landlock knows only what is allowed,
 * so a folder with something hidden in it is allowed entry by entry.
 */
#include "host.h"
#include "isolate/protocol.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The header of the build's machine may be older than the kernel that this runs on. */
#define RIGHT_EXECUTE (1ULL << 0)
#define RIGHT_WRITE_FILE (1ULL << 1)
#define RIGHT_READ_FILE (1ULL << 2)
#define RIGHT_READ_DIR (1ULL << 3)
#define RIGHTS_IN_FOLDERS (0x3ffULL << 4) /* remove, make, refer: REMOVE_DIR to REFER */
#define RIGHT_REFER (1ULL << 13)          /* since version 2 */
#define RIGHT_TRUNCATE (1ULL << 14)       /* since version 3 */
#define SCOPE_SIGNAL (1ULL << 1)          /* since version 6 */
#define RULE_PATH_BENEATH 1
#define CREATE_VERSION 1U

#define RIGHTS_READ (RIGHT_READ_FILE | RIGHT_READ_DIR)
#define RIGHTS_WRITE (RIGHT_WRITE_FILE | RIGHTS_IN_FOLDERS | RIGHT_TRUNCATE)
#define RIGHTS_OF_A_FILE (RIGHT_EXECUTE | RIGHT_WRITE_FILE | RIGHT_READ_FILE | RIGHT_TRUNCATE)

#define DEPTH_MAX 32

struct ruleset_attributes {
    uint64_t fs, net, scoped;
};

struct path_beneath {
    uint64_t allowed;
    int32_t parent;
} __attribute__((packed));

struct rules {
    int fd;
    uint64_t handled;
    const struct sandbox *sandbox;
};

/* ---- what is hidden ---- */

static int begins(const char *path, const char *with)
{
    return strncmp(path, with, strlen(with)) == 0;
}

/* Who reads from one reads what is typed there. */
static int is_terminal(const char *path)
{
    return begins(path, "/dev/tty") || begins(path, "/dev/pts") || begins(path, "/dev/vcs") ||
           begins(path, "/dev/console");
}

/* Of another isolated plugin, beside this one's; the own one is allowed by its name. */
static int is_private_folder(const struct sandbox *sandbox, const char *path)
{
    size_t parent = (size_t)(strrchr(sandbox->folder, '/') - sandbox->folder);

    return strncmp(path, sandbox->folder, parent + sizeof "/" FOLDER_NAME - 1) == 0;
}

static int is_hidden(const struct sandbox *sandbox, const char *path)
{
    size_t i;

    if (sandbox->allow & ALLOW_EXEC)
        return is_terminal(path);
    for (i = 0; i < sandbox->hidden_count; i++)
        if (strcmp(sandbox->hidden[i], path) == 0)
            return 1;
    return strcmp(path, "/dev") == 0 || is_private_folder(sandbox, path);
}

/* Whether something hidden is in the folder. */
static int has_hidden(const struct sandbox *sandbox, const char *path)
{
    size_t length = strlen(path), i;

    if (strcmp(path, "/") == 0)
        return 1;
    if (sandbox->allow & ALLOW_EXEC)
        return strcmp(path, "/dev") == 0;
    for (i = 0; i < sandbox->hidden_count; i++)
        if (strncmp(sandbox->hidden[i], path, length) == 0 && sandbox->hidden[i][length] == '/')
            return 1;
    return strncmp(sandbox->folder, path, length) == 0 && sandbox->folder[length] == '/';
}

/* ---- rules ---- */

/* What is gone again, or cannot be named, stays forbidden. */
static void allow(const struct rules *rules, const char *path, uint64_t rights)
{
    struct path_beneath rule = {.allowed = rights & rules->handled,
                                .parent = open(path, O_PATH | O_CLOEXEC | O_NOFOLLOW)};
    struct stat info;

    if (rule.parent < 0)
        return;
    if (fstat(rule.parent, &info) == 0 && !S_ISLNK(info.st_mode)) {
        if (!S_ISDIR(info.st_mode))
            rule.allowed &= RIGHTS_OF_A_FILE;
        if (rule.allowed)
            (void)syscall(SYS_landlock_add_rule, rules->fd, RULE_PATH_BENEATH, &rule, 0);
    }
    (void)close(rule.parent);
}

static void allow_tree(const struct rules *rules, const char *path, uint64_t rights, int depth)
{
    const char *prefix = strcmp(path, "/") == 0 ? "" : path;
    char inside[PATH_MAX];
    struct dirent *entry;
    DIR *folder;

    if (is_hidden(rules->sandbox, path))
        return;
    if (!has_hidden(rules->sandbox, path)) {
        allow(rules, path, rights);
        return;
    }
    folder = depth < DEPTH_MAX ? opendir(path) : NULL;
    while (folder && (entry = readdir(folder))) {
        int length = snprintf(inside, sizeof inside, "%s/%s", prefix, entry->d_name);

        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 && length > 0 &&
            (size_t)length < sizeof inside)
            allow_tree(rules, inside, rights, depth + 1);
    }
    if (folder)
        (void)closedir(folder);
}

static void add_rules(const struct rules *rules, const struct sandbox *sandbox)
{
    static const char *const devices[] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/random",
                                          "/dev/urandom"};
    int runs_programs = (sandbox->allow & ALLOW_EXEC) != 0;
    size_t i;

    allow_tree(rules, "/", runs_programs ? RIGHTS_READ | RIGHTS_WRITE : RIGHTS_READ, 0);
    /* To list a folder that was allowed entry by entry needs a right of its own. */
    if (runs_programs)
        allow(rules, "/", RIGHT_READ_DIR);
    allow(rules, sandbox->plugin, RIGHT_READ_FILE);
    for (i = 0; i < sandbox->write_count; i++)
        allow(rules, sandbox->write[i], RIGHTS_READ | RIGHTS_WRITE);
    allow(rules, sandbox->folder, RIGHTS_READ | RIGHTS_WRITE);
    for (i = 0; i < sizeof devices / sizeof devices[0]; i++)
        allow(rules, devices[i], RIGHT_READ_FILE | RIGHT_WRITE_FILE);
}

static uint64_t handled_by(long version)
{
    uint64_t rights = RIGHTS_READ | RIGHTS_WRITE;

    if (version < 3)
        rights &= ~RIGHT_TRUNCATE;
    return version < 2 ? rights & ~RIGHT_REFER : rights;
}

static int create(struct rules *rules, long version, struct acsmtp_error *err)
{
    struct ruleset_attributes attributes = {.fs = handled_by(version)};
    size_t size = version < 6 ? sizeof attributes.fs : sizeof attributes;

    if (version >= 6)
        attributes.scoped = SCOPE_SIGNAL;
    rules->handled = attributes.fs;
    rules->fd = (int)syscall(SYS_landlock_create_ruleset, &attributes, size, 0);
    return rules->fd >= 0 ? ACSMTP_OK
                          : acsmtp_fail_errno(err, errno, "cannot make rules for files (Landlock)");
}

int sandbox_files(const struct sandbox *sandbox, struct acsmtp_error *err)
{
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_VERSION);
    struct rules rules = {.fd = -1, .sandbox = sandbox};
    int status;

    if (version < 1)
        return acsmtp_fail(err, ACSMTP_SYSTEM,
                           "this kernel has no Landlock (Linux 5.13, and \"landlock\" among its "
                           "security modules), so that it cannot isolate a plugin; it is not run");
    status = create(&rules, version, err);
    if (status != ACSMTP_OK)
        return status;
    add_rules(&rules, sandbox);
    if (syscall(SYS_landlock_restrict_self, rules.fd, 0) != 0)
        status = acsmtp_fail_errno(err, errno, "cannot restrict files (Landlock)");
    (void)close(rules.fd);
    return status;
}
