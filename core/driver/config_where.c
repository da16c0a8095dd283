/* SPDX-License-Identifier: MIT */
/*
 * From a value of the merged config back to the place where somebody wrote it.
 */
#include "config_private.h"
#include "locate.h"
#include <stdio.h>
#include <string.h>

#define WHERE_PATH_MAX 1023

static const struct acsmtp_json *element_at(const struct acsmtp_json *array, const char *path)
{
    const struct acsmtp_json *item;
    char *end = NULL;
    size_t index;

    if (*path < '0' || *path > '9')
        return NULL;
    index = strtoul(path, &end, 10);
    item = acsmtp_json_item(array, index);
    if (!item || (*end && *end != '.'))
        return NULL;
    return *end ? config_at(item, end + 1) : item;
}

const struct acsmtp_json *config_at(const struct acsmtp_json *json, const char *path)
{
    const struct acsmtp_json *found = NULL;
    const char *key;
    size_t i;

    if (!*path)
        return json;
    if (acsmtp_json_type(json) == ACSMTP_JSON_ARRAY)
        return element_at(json, path);
    for (i = 0; !found && (key = acsmtp_json_key(json, i)); i++) {
        size_t size = strlen(key);

        if (strncmp(path, key, size) != 0)
            continue;
        if (path[size] == '\0')
            found = acsmtp_json_get(json, key);
        else if (path[size] == '.' && path[size + 1])
            found = config_at(acsmtp_json_get(json, key), path + size + 1);
    }
    return found;
}

/* 1 when `path` is `ancestor` or lies below it. */
static int is_below(const char *path, const char *ancestor)
{
    size_t size = strlen(ancestor);

    return strncmp(path, ancestor, size) == 0 && (path[size] == '\0' || path[size] == '.');
}

static const char *shown_set(const struct config *config, size_t index)
{
    return config->sets[index] + strlen("profiles.") + strlen(config->profile_name) + 1;
}

const char *config_set_of(const struct config *config, const char *path)
{
    size_t i;

    for (i = config->set_count; i-- > 0;)
        if (is_below(path, config->sets[i]))
            return shown_set(config, i);
    return NULL;
}

/* The value is only there because something below it was set. */
static const char *set_below(const struct config *config, const char *path)
{
    size_t i;

    for (i = config->set_count; i-- > 0;)
        if (is_below(config->sets[i], path))
            return shown_set(config, i);
    return NULL;
}

const struct config_file *config_file_of(const struct config *config, const char *path,
                                         size_t *offset)
{
    char written[WHERE_PATH_MAX + 1];
    size_t ignored, i;

    if (config_set_of(config, path))
        return NULL;
    for (i = config->file_count; i-- > 0;) {
        const struct config_file *file = &config->files[i];

        config_written_path(config, i, path, written, sizeof written);
        if (locate_path(acsmtp_secret_data(file->text), acsmtp_secret_size(file->text), written,
                        offset ? offset : &ignored))
            return file;
    }
    return NULL;
}

/* The path without its last key; "" in the end. */
static void cut_last(char *path)
{
    char *dot = strrchr(path, '.');

    *(dot ? dot : path) = '\0';
}

/* 1 when it is known who wrote the value at `path`: a file, or else an option `set`. */
static int is_known(const struct config *config, const char *path, const struct config_file **file,
                    const char **set, size_t *offset)
{
    *set = NULL;
    *file = config_at(config->root, path) ? config_file_of(config, path, offset) : NULL;
    if (*file)
        return 1;
    *set = config_set_of(config, path);
    *set = *set ? *set : set_below(config, path);
    return *set != NULL;
}

/* What nobody wrote is missing in the nearest thing above it that somebody wrote. */
static void write_where(const struct config *config, const char *path, int column, char *where,
                        size_t capacity)
{
    char above[WHERE_PATH_MAX + 1];
    const struct config_file *file;
    struct locate_position at;
    const char *set;
    size_t offset = 0;

    (void)snprintf(above, sizeof above, "%s", path);
    while (!is_known(config, above, &file, &set, &offset) && above[0])
        cut_last(above);
    if (!file) {
        (void)snprintf(where, capacity, "%s%s", set ? "--set " : "config", set ? set : "");
        return;
    }
    at = locate_offset(acsmtp_secret_data(file->text), acsmtp_secret_size(file->text), offset);
    if (column)
        (void)snprintf(where, capacity, "%s:%zu:%zu", file->path, at.line, at.column);
    else
        (void)snprintf(where, capacity, "%s:%zu", file->path, at.line);
}

void config_where(const struct config *config, const char *path, char *where, size_t capacity)
{
    write_where(config, path, 0, where, capacity);
}

void config_where_exactly(const struct config *config, const char *path, char *where,
                          size_t capacity)
{
    write_where(config, path, 1, where, capacity);
}
