/* SPDX-License-Identifier: MIT */
/*
 * The config as a whole: read the layers, merge them, choose the profile, apply the command line,
 * check the result. Each step has a file of its own, config_*.c.
 */
#include "acsmtp-defaults.h"
#include "config_private.h"
#include <stdio.h>
#include <string.h>

struct config *config_new(struct acsmtp_error *err)
{
    struct config *config = calloc(1, sizeof *config);

    if (config)
        config->files = calloc(CONFIG_FILES_MAX, sizeof *config->files);
    if (config && config->files)
        config->root = acsmtp_json_new_object(err);
    if (config && config->root)
        return config;
    (void)acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    config_free(config);
    return NULL;
}

void config_free(struct config *config)
{
    size_t i;

    if (!config)
        return;
    for (i = 0; i < config->file_count; i++)
        config_file_release(&config->files[i]);
    for (i = 0; i < config->set_count; i++)
        free(config->sets[i]);
    for (i = 0; i < config->folder_count; i++)
        free(config->folders[i]);
    for (i = 0; i < config->addition_count; i++)
        free(config->additions[i].list);
    free(config->additions);
    free(config->files);
    free(config->profile_name);
    acsmtp_json_free(config->root);
    free(config);
}

/* ---- layers ---- */

int config_add(struct config *config, struct config_file *file, struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *json = NULL;
    struct acsmtp_json *merged;

    if (config->file_count == CONFIG_FILES_MAX) {
        (void)acsmtp_fail(err, ACSMTP_CONFIG, "%s: more than %d config files", file->path,
                          CONFIG_FILES_MAX);
        config_file_release(file);
        return err->status;
    }
    config->files[config->file_count++] = *file;
    json = config_file_parse(file, err);
    merged = json ? config_merge(config->root, json, file->path, err) : NULL;
    *file = (struct config_file){0};
    if (!merged)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    acsmtp_json_free(config->root);
    config->root = merged;
    return config_note_additions(config, json, err);
}

struct loading {
    struct config *config;
    struct acsmtp_error *err;
};

static int add_layer(void *data, const char *path, int needed)
{
    struct loading *loading = data;
    struct config_file file;
    int status = config_file_read(path, !needed, &file, loading->err);

    if (status != ACSMTP_OK || !file.text)
        return status;
    return config_add(loading->config, &file, loading->err);
}

/* ---- folders of plugins ---- */

static int add_folder(struct config *config, const char *where, const char *folder, size_t size,
                      struct acsmtp_error *err)
{
    if (size == 0)
        return ACSMTP_OK;
    if (folder[0] != '/')
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "%s: the plugin folder '%.*s' must be an absolute path", where,
                           (int)(size < 200 ? size : 200), folder);
    if (config->folder_count == CONFIG_FOLDERS_MAX)
        return acsmtp_fail(err, ACSMTP_CONFIG, "%s: more than %d plugin folders", where,
                           CONFIG_FOLDERS_MAX);
    config->folders[config->folder_count] = strndup(folder, size);
    if (!config->folders[config->folder_count])
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    config->folder_count++;
    return ACSMTP_OK;
}

static int add_environment_folders(struct config *config, struct acsmtp_error *err)
{
    const char *list = secure_getenv("ACSMTP_PLUGIN_PATH");
    int status = ACSMTP_OK;

    while (list && *list && status == ACSMTP_OK) {
        size_t size = strcspn(list, ":");

        status = add_folder(config, "ACSMTP_PLUGIN_PATH", list, size, err);
        list += size + (list[size] == ':');
    }
    return status;
}

static int add_folders(struct config *config, struct acsmtp_error *err)
{
    const struct acsmtp_json *path = acsmtp_json_get(config->root, "plugin_path");
    const char *one = acsmtp_json_text(path);
    char where[CONFIG_WHERE_MAX];
    int status;
    size_t i;

    if (!ACSMTP_LOADS_MODULES)
        return ACSMTP_OK;
    status = add_environment_folders(config, err);
    config_where_exactly(config, "plugin_path", where, sizeof where);
    if (status == ACSMTP_OK && one)
        status = add_folder(config, where, one, strlen(one), err);
    for (i = 0; status == ACSMTP_OK && i < acsmtp_json_length(path); i++) {
        const char *folder = acsmtp_json_text(acsmtp_json_item(path, i));
        char element[48];

        (void)snprintf(element, sizeof element, "plugin_path.%zu", i);
        config_where_exactly(config, element, where, sizeof where);
        status = add_folder(config, where, folder, strlen(folder), err);
    }
    if (status == ACSMTP_OK)
        status = add_folder(config, "built in", ACSMTP_PLUGIN_DIR, strlen(ACSMTP_PLUGIN_DIR), err);
    return status;
}

/* ---- all of it ---- */

int config_finish(struct config *config, const struct acsmtp_driver_options *options,
                  struct acsmtp_error *err)
{
    int status = config_check(config, err);
    int chooses = !(options->flags & CONFIG_NO_PROFILE);
    size_t i;

    if (status == ACSMTP_OK && chooses)
        status = config_choose(config, options, err);
    for (i = 0; status == ACSMTP_OK && chooses && i < options->set_count; i++)
        status = config_set(config, options->set[i], err);
    if (status == ACSMTP_OK && options->set_count > 0)
        status = config_check(config, err);
    if (status == ACSMTP_OK)
        status = add_folders(config, err);
    return status;
}

int config_load_from(const struct acsmtp_driver_options *options, const char *system_folder,
                     struct config **config, struct acsmtp_error *err)
{
    struct acsmtp_error unwanted = ACSMTP_ERROR_INIT;
    struct loading loading = {NULL, err ? err : &unwanted};
    int status;

    loading.config = config_new(loading.err);
    if (!loading.config)
        return ACSMTP_SYSTEM;
    status = config_layers_visit(options, system_folder, add_layer, &loading);
    if (status == ACSMTP_OK)
        status = config_finish(loading.config, options, loading.err);
    if (status == ACSMTP_OK)
        *config = loading.config;
    else
        config_free(loading.config);
    return status;
}

int config_load(const struct acsmtp_driver_options *options, struct config **config,
                struct acsmtp_error *err)
{
    return config_load_from(options, ACSMTP_SYSTEM_CONFIG_DIR, config, err);
}

int config_load_whole(const struct acsmtp_driver_options *options, struct config **config,
                      struct acsmtp_error *err)
{
    struct acsmtp_driver_options said = {.size = sizeof said};

    if (options)
        memcpy(&said, options, options->size < sizeof said ? options->size : sizeof said);
    said.flags |= CONFIG_NO_PROFILE;
    return config_load(&said, config, err);
}

const struct acsmtp_json *config_profile(const struct config *config)
{
    return acsmtp_json_get(acsmtp_json_get(config->root, "profiles"), config->profile_name);
}

const char *config_profile_name(const struct config *config)
{
    return config->profile_name;
}

const struct acsmtp_json *config_root(const struct config *config)
{
    return config->root;
}

size_t config_plugin_folders(const struct config *config)
{
    return config->folder_count;
}

const char *config_plugin_folder(const struct config *config, size_t index)
{
    return index < config->folder_count ? config->folders[index] : NULL;
}
