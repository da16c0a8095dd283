/* SPDX-License-Identifier: MIT */
/*
 * What the driver's unit tests share: a private folder, a config written into it, and the parts of
 * a driver over that config.
 */
#ifndef FIXTURE_H
#define FIXTURE_H

#include "driver/chain.h"
#include "driver/config.h"
#include <CUnit/Basic.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct fixture {
    char folder[256];
    struct config *config;
    struct cloud *cloud;
    struct registry *registry;
    struct chain_host host;
    struct acsmtp_context *context;
    struct acsmtp_credential *credential;
    struct acsmtp_report *report;
    struct acsmtp_error err;
};

static inline const char *fixture_path(const struct fixture *fixture, const char *name, char *path)
{
    (void)snprintf(path, 512, "%s/%s", fixture->folder, name);
    return path;
}

static inline void fixture_write(const struct fixture *fixture, const char *name, const char *text)
{
    char path[512];
    FILE *file = fopen(fixture_path(fixture, name, path), "we");

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT(fputs(text, file) >= 0);
    CU_ASSERT_EQUAL(fclose(file), 0);
}

/* The file's text, "" when there is none. Borrowed until the next call of the same thread. */
static inline const char *fixture_read(const struct fixture *fixture, const char *name)
{
    static _Thread_local char text[65536];
    char path[512];
    FILE *file = fopen(fixture_path(fixture, name, path), "re");
    size_t size = file ? fread(text, 1, sizeof text - 1, file) : 0;

    text[size] = '\0';
    if (file)
        (void)fclose(file);
    return text;
}

/* Lines of the file that begin so. */
static inline int fixture_count(const struct fixture *fixture, const char *name, const char *begin)
{
    const char *line = fixture_read(fixture, name);
    int count = 0;

    while (line && *line) {
        count += strncmp(line, begin, strlen(begin)) == 0;
        line = strchr(line, '\n');
        line = line ? line + 1 : NULL;
    }
    return count;
}

static inline void fixture_copy(const char *from, const char *to, mode_t mode)
{
    FILE *in = fopen(from, "re");
    FILE *out = fopen(to, "we");
    char buffer[65536];
    size_t got;

    CU_ASSERT_PTR_NOT_NULL_FATAL(in);
    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    while ((got = fread(buffer, 1, sizeof buffer, in)) > 0)
        CU_ASSERT_EQUAL(fwrite(buffer, 1, got, out), got);
    (void)fclose(in);
    CU_ASSERT_EQUAL(fclose(out), 0);
    CU_ASSERT_EQUAL(chmod(to, mode), 0);
}

static inline void fixture_folder(struct fixture *fixture)
{
    const char *base = getenv("TMPDIR");

    memset(fixture, 0, sizeof *fixture);
    fixture->err = (struct acsmtp_error)ACSMTP_ERROR_INIT;
    (void)snprintf(fixture->folder, sizeof fixture->folder, "%s/acsmtp-unit-XXXXXX",
                   base && base[0] == '/' ? base : "/tmp");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(fixture->folder));
    (void)setenv("XDG_CACHE_HOME", fixture->folder, 1);
    (void)unsetenv("ACSMTP_PLUGIN_PATH");
    (void)unsetenv("ACSMTP_PROFILE");
    (void)unsetenv("ACSMTP_CLOUD");
}

/*
 * Parts over the config {"profiles": {"p": {PROFILE}}}; each "@/" in it begins with the fixture's
 * folder. `plugins` is the folder of plugins.
 */
static inline int fixture_config(struct fixture *fixture, const char *plugins, const char *profile)
{
    struct acsmtp_driver_options options = {.size = sizeof options,
                                            .flags = ACSMTP_DRIVER_CONFIG_ONLY};
    char path[512];
    FILE *file = fopen(fixture_path(fixture, "config.json", path), "we");
    int status;

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    (void)fprintf(file, "{\"plugin_path\": \"%s\", \"cloud\": {}, \"profiles\": {\"p\": {",
                  plugins);
    for (; *profile; profile++)
        if (profile[0] == '@' && profile[1] == '/')
            (void)fputs(fixture->folder, file);
        else
            (void)fputc(*profile, file);
    (void)fputs("}}}\n", file);
    CU_ASSERT_EQUAL(fclose(file), 0);
    CU_ASSERT_EQUAL(chmod(path, 0600), 0);
    options.config_file = path;
    status = config_load(&options, &fixture->config, &fixture->err);
    if (status == ACSMTP_OK)
        status = cloud_open(acsmtp_json_get(config_root(fixture->config), "cloud"), &fixture->cloud,
                            &fixture->err);
    if (status == ACSMTP_OK)
        status = registry_open(fixture->config, &fixture->registry, &fixture->err);
    fixture->host = (struct chain_host){.config = fixture->config,
                                        .cloud = fixture->cloud,
                                        .registry = fixture->registry,
                                        .use_cache = 1};
    return status;
}

static inline void fixture_open(struct fixture *fixture, const char *profile)
{
    fixture_folder(fixture);
    CU_ASSERT_EQUAL_FATAL(fixture_config(fixture, TEST_PLUGIN_DIR, profile), ACSMTP_OK);
    CU_ASSERT_EQUAL_FATAL(acsmtp_context_new(&fixture->context, &fixture->err), ACSMTP_OK);
    fixture->credential = acsmtp_credential_new(&fixture->err);
    fixture->report = acsmtp_report_new(&fixture->err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(fixture->credential);
    CU_ASSERT_PTR_NOT_NULL_FATAL(fixture->report);
}

static inline int fixture_remove(const char *path, const struct stat *info, int type,
                                 struct FTW *walk)
{
    (void)info;
    (void)type;
    (void)walk;
    return remove(path);
}

static inline void fixture_close(struct fixture *fixture)
{
    acsmtp_report_free(fixture->report);
    acsmtp_credential_free(fixture->credential);
    acsmtp_context_free(fixture->context);
    if (fixture->registry)
        registry_close(fixture->registry);
    if (fixture->cloud)
        cloud_free(fixture->cloud);
    if (fixture->config)
        config_free(fixture->config);
    (void)nftw(fixture->folder, fixture_remove, 16, FTW_DEPTH | FTW_PHYS);
}

/* The error's message holds this text. */
static inline void fixture_says(const struct acsmtp_error *err, const char *what)
{
    int found = strstr(err->message, what) != NULL;

    if (!found)
        printf("\n  '%s' does not say '%s'\n", err->message, what);
    CU_ASSERT(found);
}

/* Borrowed; "" while the credential is empty. */
static inline const char *fixture_secret(const struct fixture *fixture)
{
    const struct acsmtp_secret *secret = acsmtp_credential_secret(fixture->credential);

    return secret ? acsmtp_secret_data(secret) : "";
}

#endif
