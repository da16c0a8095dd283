/* SPDX-License-Identifier: MIT */
/*
 * A list of paths. References to files of secrets are looked for in each layer of the config, not
 * in what they make together: a reference that another layer replaces is still somebody's secret,
 * and a relative one is beside the layer's file.
 */
#include "isolate_hidden.h"
#include "acsmtp-defaults.h"
#include "driver/config_private.h"
#include "isolate_mounts.h"
#include "protocol.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct list {
    char **paths;
    size_t count;
    struct acsmtp_error *err;
};

/*
 * The real path of what there may not be yet: of as much of it as there is, with the rest behind
 * it. A cache that is only made while the plugin runs is hidden, too. NULL: no memory.
 */
static char *real_path(const char *path)
{
    char existing[PATH_MAX], *real = NULL, *whole = NULL;
    size_t length = strlen(path);

    while (!real && length > 0) {
        (void)snprintf(existing, sizeof existing, "%.*s", (int)length, path);
        real = realpath(existing, NULL);
        while (!real && length > 0 && path[--length] != '/')
            ;
    }
    if (asprintf(&whole, "%s%s", real && strcmp(real, "/") != 0 ? real : "", path + length) < 0)
        whole = NULL;
    free(real);
    return whole;
}

static int add(struct list *list, const char *path)
{
    char *real;

    if (path[0] != '/' || strlen(path) >= PATH_MAX)
        return ACSMTP_OK; /* no file has that path */
    if (list->count == ISOLATE_HIDDEN_MAX)
        return acsmtp_fail(list->err, ACSMTP_CONFIG,
                           "an isolated plugin cannot be kept from more than %d files with secrets",
                           ISOLATE_HIDDEN_MAX);
    real = real_path(path);
    if (!real)
        return acsmtp_fail(list->err, ACSMTP_SYSTEM, "out of memory");
    list->paths[list->count++] = real;
    return ACSMTP_OK;
}

/* FOLDER/acsmtp, where FOLDER is what the variable says, or `in_home` of the home folder. */
static int add_own(struct list *list, const char *variable, const char *in_home)
{
    const char *folder = secure_getenv(variable), *home = secure_getenv("HOME");
    char path[PATH_MAX];
    int length;

    if (folder && folder[0] == '/')
        length = snprintf(path, sizeof path, "%s/acsmtp", folder);
    else
        length = snprintf(path, sizeof path, "%s/%s/acsmtp", home ? home : "", in_home);
    return length > 0 && (size_t)length < sizeof path ? add(list, path) : ACSMTP_OK;
}

/* ---- secrets in files ---- */

static int add_reference(struct list *list, const char *beside, const char *path)
{
    CONFIG_AUTO_FREE char *joined = config_path_beside(beside, path, list->err);
    CONFIG_AUTO_FREE char *real = joined ? realpath(joined, NULL) : NULL;

    if (!joined)
        return ACSMTP_SYSTEM;
    return add(list, real ? real : joined);
}

/* Every {"file": PATH} in it. JSON is only so deep (json_parse_config()). */
static int add_references(struct list *list, const char *beside, const struct acsmtp_json *json)
{
    const char *path = acsmtp_json_string(json, "file"), *key;
    int status = ACSMTP_OK;
    size_t i;

    if (path && !acsmtp_json_key(json, 1))
        return add_reference(list, beside, path);
    for (i = 0; status == ACSMTP_OK && (key = acsmtp_json_key(json, i)); i++)
        status = add_references(list, beside, acsmtp_json_get(json, key));
    for (i = 0; status == ACSMTP_OK && i < acsmtp_json_length(json); i++)
        status = add_references(list, beside, acsmtp_json_item(json, i));
    return status;
}

static int add_layer(struct list *list, const struct config_file *file)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *json = NULL;
    int status = file->real ? add(list, file->real) : ACSMTP_OK;

    if (status != ACSMTP_OK || !file->path)
        return status;
    json = config_file_parse(file, list->err);
    return json ? add_references(list, file->path, json) : list->err->status;
}

/* ---- all of them ---- */

/* One file by all the names that it has. */
static int add_aliases_of(struct list *list, const struct isolate_mounts *mounts, const char *path)
{
    const struct mount *own = isolate_mounts_find(mounts, path);
    char alias[PATH_MAX];
    int status = ACSMTP_OK, has = 0;
    size_t i;

    for (i = 0; status == ACSMTP_OK && has >= 0; i++) {
        has = isolate_mounts_alias(mounts, i, own, path, alias, sizeof alias);
        if (has > 0)
            status = add(list, alias);
    }
    return status;
}

static int add_aliases(struct list *list)
{
    struct isolate_mounts *mounts = isolate_mounts_read();
    size_t count = list->count, i;
    int status = ACSMTP_OK;

    for (i = 0; status == ACSMTP_OK && i < count; i++)
        status = add_aliases_of(list, mounts, list->paths[i]);
    isolate_mounts_free(mounts);
    return status;
}

static int add_all(struct list *list, const struct config *config)
{
    int status = add_own(list, "XDG_CACHE_HOME", ".cache");
    size_t i;

    if (status == ACSMTP_OK)
        status = add_own(list, "XDG_CONFIG_HOME", ".config");
    if (status == ACSMTP_OK)
        status = add(list, ACSMTP_SYSTEM_CONFIG_DIR);
    for (i = 0; status == ACSMTP_OK && i < config->file_count; i++)
        status = add_layer(list, &config->files[i]);
    /* What the command line has said is in no layer. */
    if (status == ACSMTP_OK)
        status = add_references(list, NULL, config->root);
    return status == ACSMTP_OK ? add_aliases(list) : status;
}

int isolate_hidden(const struct config *config, char ***hidden, struct acsmtp_error *err)
{
    struct acsmtp_error unwanted = ACSMTP_ERROR_INIT;
    struct list list = {.err = err ? err : &unwanted};
    int status;

    list.paths = calloc(ISOLATE_HIDDEN_MAX + 1, sizeof *list.paths);
    if (!list.paths)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    status = add_all(&list, config);
    if (status == ACSMTP_OK)
        *hidden = list.paths;
    else
        isolate_hidden_free(list.paths);
    return status;
}

void isolate_hidden_free(char **hidden)
{
    size_t i;

    for (i = 0; hidden && hidden[i]; i++)
        free(hidden[i]);
    free(hidden);
}

const char *isolate_hidden_below(char *const *hidden, const char *path)
{
    CONFIG_AUTO_FREE char *real = realpath(path, NULL);
    size_t length = real && strcmp(real, "/") != 0 ? strlen(real) : 0;

    for (; real && *hidden; hidden++)
        if (strncmp(*hidden, real, length) == 0 &&
            ((*hidden)[length] == '/' || (*hidden)[length] == '\0'))
            return *hidden;
    return NULL;
}
