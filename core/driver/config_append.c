/* SPDX-License-Identifier: MIT */
/*
 * "credentials+": a list that a layer adds to the one below it, where "credentials" would replace
 * it. So a package's file in conf.d brings an entry into a chain that it does not know.
 */
#include "config_private.h"
#include <stdio.h>
#include <string.h>

#define PATH_SIZE 1024

int config_appends(const char *key, int in_profile)
{
    if (in_profile)
        return strcmp(key, "credentials+") == 0 || strcmp(key, "transports+") == 0;
    return strcmp(key, "plugin_path+") == 0;
}

static int copy_items(struct acsmtp_json *list, const struct acsmtp_json *from,
                      struct acsmtp_error *err)
{
    int status = ACSMTP_OK;
    size_t i;

    for (i = 0; status == ACSMTP_OK && i < acsmtp_json_length(from); i++)
        status = acsmtp_json_append(list, acsmtp_json_dup(acsmtp_json_item(from, i), err), err);
    return status;
}

struct acsmtp_json *config_append(const struct acsmtp_json *list, const struct acsmtp_json *added,
                                  struct acsmtp_error *err)
{
    struct acsmtp_json *made = acsmtp_json_new_array(err);
    int status = made ? ACSMTP_OK : ACSMTP_SYSTEM;

    /* One folder may be written without a list around it. */
    if (status == ACSMTP_OK && acsmtp_json_text(list))
        status = acsmtp_json_append(made, acsmtp_json_dup(list, err), err);
    if (status == ACSMTP_OK)
        status = copy_items(made, list, err);
    if (status == ACSMTP_OK)
        status = copy_items(made, added, err);
    if (status == ACSMTP_OK)
        return made;
    acsmtp_json_free(made);
    return NULL;
}

/* ---- who added what ---- */

static int note(struct config *config, const char *list, size_t count, struct acsmtp_error *err)
{
    struct config_addition *additions =
        realloc(config->additions, (config->addition_count + 1) * sizeof *additions);
    struct config_addition *made;

    if (!additions)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    config->additions = additions;
    made = &additions[config->addition_count];
    made->file = config->file_count - 1;
    made->count = count;
    made->first = acsmtp_json_length(config_at(config->root, list)) - count;
    made->list = strdup(list);
    if (!made->list)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    config->addition_count++;
    return ACSMTP_OK;
}

static int note_members(struct config *config, const struct acsmtp_json *object, const char *prefix,
                        struct acsmtp_error *err)
{
    char list[PATH_SIZE];
    const char *key;
    int status = ACSMTP_OK;
    size_t i;

    for (i = 0; status == ACSMTP_OK && (key = acsmtp_json_key(object, i)); i++) {
        const struct acsmtp_json *added = acsmtp_json_get(object, key);

        if (!config_appends(key, *prefix != '\0') || acsmtp_json_type(added) != ACSMTP_JSON_ARRAY)
            continue;
        (void)snprintf(list, sizeof list, "%s%.*s", prefix, (int)strlen(key) - 1, key);
        status = note(config, list, acsmtp_json_length(added), err);
    }
    return status;
}

int config_note_additions(struct config *config, const struct acsmtp_json *layer,
                          struct acsmtp_error *err)
{
    const struct acsmtp_json *profiles = acsmtp_json_get(layer, "profiles");
    int status = note_members(config, layer, "", err);
    char prefix[PATH_SIZE];
    const char *name;
    size_t i;

    for (i = 0; status == ACSMTP_OK && (name = acsmtp_json_key(profiles, i)); i++) {
        (void)snprintf(prefix, sizeof prefix, "profiles.%s.", name);
        status = note_members(config, acsmtp_json_get(profiles, name), prefix, err);
    }
    return status;
}

/* 1 and the path in the file that made the addition, when it added the value at `path`. */
static int written_path(const struct config_addition *addition, const char *path, char *written,
                        size_t capacity)
{
    size_t size = strlen(addition->list);
    char *rest = NULL;
    size_t index;

    if (strncmp(path, addition->list, size) != 0)
        return 0;
    if (path[size] == '\0')
        return snprintf(written, capacity, "%s+", addition->list) > 0;
    if (path[size] != '.' || path[size + 1] < '0' || path[size + 1] > '9')
        return 0;
    index = strtoul(path + size + 1, &rest, 10);
    if (index < addition->first || index - addition->first >= addition->count)
        return 0;
    (void)snprintf(written, capacity, "%s+.%zu%s", addition->list, index - addition->first, rest);
    return 1;
}

void config_written_path(const struct config *config, size_t file, const char *path, char *written,
                         size_t capacity)
{
    size_t i;

    for (i = 0; i < config->addition_count; i++)
        if (config->additions[i].file == file &&
            written_path(&config->additions[i], path, written, capacity))
            return;
    (void)snprintf(written, capacity, "%s", path);
}
