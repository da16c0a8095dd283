/* SPDX-License-Identifier: MIT */
/*
 * Where acsmtp-plugin-host is: in the folder of plugins and the like beside this library, wherever
 * that was installed to. It is trusted with what the config trusts a plugin file with, so it is
 * checked like one.
 */
#include "acsmtp-defaults.h"
#include "driver/plugin_file.h"
#include "isolate.h"
#include "isolate_child.h"
#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROGRAM "acsmtp-plugin-host"

/* FOLDER/acsmtp/acsmtp-plugin-host, FOLDER being where the file with this code is. */
static int beside_library(char *path, size_t capacity)
{
    Dl_info info;
    const char *slash;
    void *here;
    int (*function)(const char *, int, const char *, const struct isolate_policy *,
                    struct isolate **, struct acsmtp_error *) = isolate_open;
    int length;

    memcpy(&here, &function, sizeof here);
    if (dladdr(here, &info) == 0 || !info.dli_fname || info.dli_fname[0] != '/')
        return 0;
    slash = strrchr(info.dli_fname, '/');
    length = snprintf(path, capacity, "%.*s/acsmtp/%s", (int)(slash - info.dli_fname),
                      info.dli_fname, PROGRAM);
    return length > 0 && (size_t)length < capacity && access(path, X_OK) == 0;
}

char *isolate_locate(struct acsmtp_error *err)
{
    const char *said = secure_getenv("ACSMTP_PLUGIN_HOST");
    const char *path = ACSMTP_PLUGIN_HOST;
    char beside[PATH_MAX], *real;

    if (said && said[0] == '/')
        path = said;
    else if (beside_library(beside, sizeof beside))
        path = beside;
    if (access(path, X_OK) != 0) {
        (void)acsmtp_fail(err, ACSMTP_CONFIG,
                          "\"isolation\" needs the program %s, which is not installed (it is built "
                          "where there is libseccomp)",
                          path);
        return NULL;
    }
    real = plugin_file_resolve(path, err);
    if (!real)
        acsmtp_error_prefix(err, PROGRAM);
    return real;
}
