/* SPDX-License-Identifier: MIT */
/* Absence that is remembered for a boot; see verdict.h. */
#include "verdict.h"
#include "digest.h"
#include "slot_private.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define BOOT_ID_FILE "/proc/sys/kernel/random/boot_id"
#define NAMESPACE_FILE "/proc/self/ns/net"
#define ROUTES_FILE "/proc/self/net/route" /* IPv4, as metadata services are */
#define ROUTES_MAX (1024 * 1024)
#define YOUNG_SECONDS 180

/* A file is called BOOT-NAMESPACE-KEY. */
enum { BOOT_DIGITS = 16, KEY_DIGITS = 40, NAME_SIZE = BOOT_DIGITS + 1 + 16 + 1 + KEY_DIGITS + 1 };

/* ---- where we are ---- */

static ssize_t read_text(int file, char *text, size_t capacity)
{
    ssize_t size;

    do
        size = read(file, text, capacity - 1);
    while (size < 0 && errno == EINTR);
    text[size > 0 ? size : 0] = '\0';
    return size;
}

static int read_boot_id(char *text, size_t capacity)
{
    int file = open(BOOT_ID_FILE, O_RDONLY | O_CLOEXEC);
    ssize_t size;

    if (file < 0)
        return -1;
    size = read_text(file, text, capacity);
    (void)close(file);
    return size > 0 ? 0 : -1;
}

/* Adds the routes to `key`; -1 when they cannot be told. */
static int add_routes(char key[DIGEST_HEX])
{
    int file = open(ROUTES_FILE, O_RDONLY | O_CLOEXEC);
    size_t total = 0;
    char text[4096], next[DIGEST_HEX];
    ssize_t size = -1;

    while (file >= 0 && total < ROUTES_MAX && (size = read_text(file, text, sizeof text)) > 0) {
        digest_hex(key, text, (size_t)size, next);
        memcpy(key, next, DIGEST_HEX);
        total += (size_t)size;
    }
    if (file >= 0)
        (void)close(file);
    return size == 0 ? 0 : -1;
}

/* -1 where boot, network namespace or routes cannot be told. */
static int make_name(const char key[DIGEST_HEX], char name[NAME_SIZE])
{
    struct stat space;
    char boot[64];
    char digits[DIGEST_HEX], here[DIGEST_HEX];

    memcpy(here, key, DIGEST_HEX);
    if (read_boot_id(boot, sizeof boot) != 0 || stat(NAMESPACE_FILE, &space) != 0 ||
        add_routes(here) != 0)
        return -1;
    digest_hex(NULL, boot, strlen(boot), digits);
    (void)snprintf(name, NAME_SIZE, "%.*s-%llx-%.*s", BOOT_DIGITS, digits,
                   (unsigned long long)space.st_ino, KEY_DIGITS, here);
    return 0;
}

/* The folder, and the name of the verdict's file in it; -1 when there is no memory. */
static int open_memory(const char key[DIGEST_HEX], char name[NAME_SIZE])
{
    int folder = -1;

    if (make_name(key, name) != 0 || slot_folder_open("probes", &folder, NULL) != ACSMTP_OK)
        return -1;
    return folder;
}

static int is_young(void)
{
    struct timespec up;

    return clock_gettime(CLOCK_BOOTTIME, &up) == 0 && up.tv_sec < YOUNG_SECONDS;
}

/* ---- the file ---- */

int verdict_recall(const char key[DIGEST_HEX], char *why, size_t capacity)
{
    char name[NAME_SIZE];
    int folder = open_memory(key, name);
    struct stat info;
    ssize_t size = -1;
    int file;

    if (folder < 0)
        return 0;
    file = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    (void)close(folder);
    if (file < 0)
        return 0;
    if (fstat(file, &info) == 0 && S_ISREG(info.st_mode) && info.st_uid == geteuid())
        size = read_text(file, why, capacity);
    (void)close(file);
    return size > 0;
}

/* Those of earlier boots. */
static void forget_others(int folder, const char *name)
{
    int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = copy < 0 ? NULL : fdopendir(copy);
    const struct dirent *found;

    if (!list) {
        if (copy >= 0)
            (void)close(copy);
        return;
    }
    while ((found = readdir(list)))
        if (found->d_name[0] != '.' && strncmp(found->d_name, name, BOOT_DIGITS + 1) != 0)
            (void)unlinkat(folder, found->d_name, 0);
    (void)closedir(list);
}

void verdict_remember(const char key[DIGEST_HEX], const char *why)
{
    char name[NAME_SIZE];
    int folder = is_young() ? -1 : open_memory(key, name);
    int file;

    if (folder < 0)
        return;
    forget_others(folder, name);
    file = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file >= 0) {
        if (dprintf(file, "%.*s", VERDICT_TEXT_MAX - 1, why) <= 0)
            (void)unlinkat(folder, name, 0);
        (void)close(file);
    }
    (void)close(folder);
}

void verdict_forget(const char key[DIGEST_HEX])
{
    char name[NAME_SIZE];
    int folder = open_memory(key, name);

    if (folder < 0)
        return;
    (void)unlinkat(folder, name, 0);
    (void)close(folder);
}
