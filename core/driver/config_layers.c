/* SPDX-License-Identifier: MIT */
/*
 * Which files are layers of the config, in order. A program that runs with more rights than its
 * caller (AT_SECURE) listens neither to the caller's files nor to his environment: that is
 * what secure_getenv() does.
 */
#include "acsmtp-defaults.h"
#include "config_private.h"
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int is_config_name(const struct dirent *entry)
{
    size_t size = strlen(entry->d_name);

    return entry->d_name[0] != '.' && size > 5 && strcmp(entry->d_name + size - 5, ".json") == 0;
}

/* strcmp, not the locale's order: the same on every machine. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* Whoever can put files into conf.d writes the config. Opening such a folder tells why not. */
static int is_open_to_all(const char *folder)
{
    struct stat status;

    return stat(folder, &status) == 0 && S_ISDIR(status.st_mode) && (status.st_mode & S_IWOTH);
}

static int visit_folder(const char *folder, config_layer_visitor visit, void *data)
{
    struct dirent **entries = NULL;
    char path[PATH_MAX];
    int result = 0, count, i;

    if (is_open_to_all(folder))
        return visit(data, folder, 0);
    count = scandir(folder, &entries, is_config_name, by_name);

    /* Opening what cannot be listed tells why. */
    if (count < 0 && errno != ENOENT && errno != ENOTDIR)
        return visit(data, folder, 0);
    for (i = 0; i < count; i++) {
        if (result == 0 &&
            snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name) < (int)sizeof path)
            result = visit(data, path, 0);
        free(entries[i]);
    }
    free(entries);
    return result;
}

static int visit_system(const char *folder, config_layer_visitor visit, void *data)
{
    char path[PATH_MAX];
    int result = 0;

    if (snprintf(path, sizeof path, "%s/config.json", folder) < (int)sizeof path)
        result = visit(data, path, 0);
    if (result == 0 && snprintf(path, sizeof path, "%s/conf.d", folder) < (int)sizeof path)
        result = visit_folder(path, visit, data);
    return result;
}

static int visit_user(config_layer_visitor visit, void *data)
{
    const char *base = secure_getenv("XDG_CONFIG_HOME");
    const char *below = "";
    char path[PATH_MAX];

    /* The XDG specification: a relative path there is invalid and to be ignored. */
    if (!base || base[0] != '/') {
        base = secure_getenv("HOME");
        below = "/.config";
    }
    if (!base || base[0] != '/' ||
        snprintf(path, sizeof path, "%s%s/acsmtp/config.json", base, below) >= (int)sizeof path)
        return 0;
    return visit(data, path, 0);
}

static const char *named_file(const struct acsmtp_driver_options *options)
{
    const char *path = options->config_file;

    if (!path && !(options->flags & ACSMTP_DRIVER_CONFIG_ONLY))
        path = secure_getenv("ACSMTP_CONFIG");
    return path && *path ? path : NULL;
}

int config_layers_visit(const struct acsmtp_driver_options *options, const char *system_folder,
                        config_layer_visitor visit, void *data)
{
    const char *named = named_file(options);
    int result = 0;

    if (!(options->flags & ACSMTP_DRIVER_CONFIG_ONLY)) {
        result = visit_system(system_folder, visit, data);
        if (result == 0)
            result = visit_user(visit, data);
    }
    if (result == 0 && named)
        result = visit(data, named, 1);
    return result;
}

struct layer_caller {
    acsmtp_layer_visitor visit;
    void *data;
};

static int call_visitor(void *data, const char *path, int needed)
{
    const struct layer_caller *caller = data;

    (void)needed;
    caller->visit(caller->data, path, access(path, R_OK) == 0);
    return 0;
}

void acsmtp_driver_layers(const struct acsmtp_driver_options *options, acsmtp_layer_visitor visit,
                          void *data)
{
    static const struct acsmtp_driver_options nothing_said = {.size = sizeof nothing_said};
    struct layer_caller caller = {visit, data};

    (void)config_layers_visit(options ? options : &nothing_said, ACSMTP_SYSTEM_CONFIG_DIR,
                              call_visitor, &caller);
}
