/* SPDX-License-Identifier: MIT */
/*
 * For the tests of the configuration: folders that go away again, and configs from text.
 */
#ifndef CONFIG_FIXTURE_H
#define CONFIG_FIXTURE_H

#include <CUnit/CUnit.h>
#include <driver/config_private.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A new empty folder; fixture_remove() takes it away with all that is in it. */
static inline char *fixture_folder(void)
{
    char path[] = "/tmp/acsmtp-test-XXXXXX";

    return strdup(mkdtemp(path) ? path : "/nonexistent");
}

static inline int fixture_unlink(const char *path, const struct stat *status, int type,
                                 struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

static inline void fixture_remove(char *folder)
{
    (void)nftw(folder, fixture_unlink, 16, FTW_DEPTH | FTW_PHYS);
    free(folder);
}

/* Write folder/name with that mode, folders on the way included; the path is in a static buffer. */
static inline const char *fixture_write_bytes(const char *folder, const char *name,
                                              const void *bytes, size_t size, mode_t mode)
{
    static char path[PATH_MAX];
    char *slash;
    int fd;

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    for (slash = strchr(path + strlen(folder) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(path, 0700);
        *slash = '/';
    }
    (void)unlink(path);
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    CU_ASSERT_EQUAL(write(fd, bytes, size), (ssize_t)size);
    CU_ASSERT_EQUAL(fchmod(fd, mode), 0);
    (void)close(fd);
    return path;
}

static inline const char *fixture_write(const char *folder, const char *name, const char *text)
{
    return fixture_write_bytes(folder, name, text, strlen(text), 0600);
}

/* A config from one text, as if it stood in `path`; `exposed`: others can read that file. */
static inline struct config *fixture_config(const char *path, const char *text, int exposed,
                                            const char *const *sets, size_t set_count,
                                            struct acsmtp_error *err)
{
    struct acsmtp_driver_options options = {
        .size = sizeof options, .set = sets, .set_count = set_count};
    struct config_file file = {.path = strdup(path), .exposed = exposed};
    struct config *config = config_new(err);

    file.text = acsmtp_secret_new(text, strlen(text), err);
    if (config_add(config, &file, err) == ACSMTP_OK &&
        config_finish(config, &options, err) == ACSMTP_OK)
        return config;
    config_free(config);
    return NULL;
}

/* The environment that the config looks at, without what the tests' own caller has there. */
static inline void fixture_clean_environment(const char *home)
{
    (void)unsetenv("ACSMTP_CONFIG");
    (void)unsetenv("ACSMTP_PROFILE");
    (void)unsetenv("ACSMTP_CLOUD");
    (void)unsetenv("ACSMTP_PLUGIN_PATH");
    (void)unsetenv("XDG_CONFIG_HOME");
    (void)setenv("HOME", home, 1);
}

#define ASSERT_TEXT(actual, wanted)                                                                \
    do {                                                                                           \
        const char *actual_ = (actual);                                                            \
        CU_ASSERT_PTR_NOT_NULL(actual_);                                                           \
        if (actual_ && strcmp(actual_, wanted) != 0)                                               \
            printf("\n    have '%s'\n    want '%s'\n", actual_, wanted);                           \
        CU_ASSERT(actual_ &&strcmp(actual_, wanted) == 0);                                         \
    } while (0)

#define ASSERT_HAS(actual, wanted)                                                                 \
    do {                                                                                           \
        const char *actual_ = (actual);                                                            \
        if (!actual_ || !strstr(actual_, wanted))                                                  \
            printf("\n    have '%s'\n    want in it '%s'\n", actual_ ? actual_ : "NULL", wanted);  \
        CU_ASSERT(actual_ &&strstr(actual_, wanted));                                              \
    } while (0)

#define ASSERT_HAS_NOT(actual, unwanted)                                                           \
    do {                                                                                           \
        const char *actual_ = (actual);                                                            \
        CU_ASSERT(actual_ && !strstr(actual_, unwanted));                                          \
    } while (0)

#endif
