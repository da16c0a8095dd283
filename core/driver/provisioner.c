/* SPDX-License-Identifier: MIT */
/*
 * What a provisioner's settings come from. Nothing is merged into a new document: each option is
 * looked up where it was written, so that messages name that place, and a literal secret or a
 * relative path is judged by the file it stands in.
 */
#include "acsmtp-defaults.h"
#include "provisioner_private.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The plugin that a section names, NULL when it leaves that open. */
static const char *plugin_of(const struct acsmtp_json *section)
{
    const char *text = acsmtp_json_text(section);

    return text ? text : acsmtp_json_string(section, "plugin");
}

static void add_layer(struct provisioner *made, const struct acsmtp_json *values, const char *path,
                      const char *only)
{
    made->layers[made->layer_count++] =
        (struct settings_layer){.values = values, .path = path, .only = only};
}

static int find_layers(struct provisioner *made, struct acsmtp_error *err)
{
    const struct acsmtp_json *profile = config_profile(made->host->config);
    const struct acsmtp_json *own = acsmtp_json_get(profile, "provision");
    const struct acsmtp_json *common =
        acsmtp_json_get(config_root(made->host->config), "provision");
    const char *name = plugin_of(own);

    add_layer(made, NULL, NULL, NULL);
    if (own)
        add_layer(made, own, made->path, NULL);
    if (!name)
        name = plugin_of(common) ? plugin_of(common) : ACSMTP_DEFAULT_PROVISIONER;
    /* The options of another plugin mean nothing to this one. */
    if (common && (!plugin_of(common) || strcmp(plugin_of(common), name) == 0))
        add_layer(made, common, "provision", NULL);
    if (acsmtp_json_length(acsmtp_json_get(profile, "credentials")) > 0)
        add_layer(made, profile, made->profile_path, "credentials");
    made->configured = own || common;
    made->named = plugin_of(own) || plugin_of(common);
    made->name = acsmtp_json_new_string(name, err);
    return made->name ? ACSMTP_OK : ACSMTP_SYSTEM;
}

int provisioner_open(const struct chain_host *host, struct provisioner **provisioner,
                     struct acsmtp_error *err)
{
    struct provisioner *made = calloc(1, sizeof *made);
    const char *profile = config_profile_name(host->config);
    int status;

    if (!made || pthread_mutex_init(&made->lock, NULL) != 0) {
        free(made);
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    }
    made->host = host;
    if (asprintf(&made->profile_path, "profiles.%s", profile) < 0)
        made->profile_path = NULL;
    if (asprintf(&made->path, "profiles.%s.provision", profile) < 0)
        made->path = NULL;
    if (made->path && made->profile_path)
        status = find_layers(made, err);
    else
        status = acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    if (status == ACSMTP_OK)
        *provisioner = made;
    else
        provisioner_close(made);
    return status;
}

void provisioner_close(struct provisioner *provisioner)
{
    if (!provisioner)
        return;
    entry_release(&provisioner->holder);
    acsmtp_json_free(provisioner->name);
    free(provisioner->path);
    free(provisioner->profile_path);
    (void)pthread_mutex_destroy(&provisioner->lock);
    free(provisioner);
}

/* Where a missing option is missing: in the section that somebody began. */
static const char *home_path(const struct provisioner *provisioner)
{
    size_t i;

    for (i = 1; i < provisioner->layer_count; i++)
        if (!provisioner->layers[i].only)
            return provisioner->layers[i].path;
    return provisioner->path;
}

/* Where "isolation" is said, if it is. */
static const char *isolation_path(const struct provisioner *provisioner)
{
    size_t i;

    for (i = 1; i < provisioner->layer_count; i++)
        if (!provisioner->layers[i].only &&
            acsmtp_json_get(provisioner->layers[i].values, "isolation"))
            return provisioner->layers[i].path;
    return home_path(provisioner);
}

/* ---- the plugin ---- */

static int load_configured(struct provisioner *provisioner, struct acsmtp_error *err)
{
    struct entry *holder = &provisioner->holder;
    int status = entry_init(holder, provisioner->host, ACSMTP_KIND_PROVISIONER, provisioner->name,
                            isolation_path(provisioner), 0, err);

    if (status != ACSMTP_OK)
        return status;
    holder->layers = provisioner->layers;
    holder->layer_count = provisioner->layer_count;
    status = entry_load_plugin(holder, &provisioner->plugin, err);
    if (status != ACSMTP_OK)
        entry_release(holder);
    return status;
}

static int load(struct provisioner *provisioner, struct acsmtp_error *err)
{
    if (provisioner->configured)
        return load_configured(provisioner, err);
    return registry_get(provisioner->host->registry, ACSMTP_KIND_PROVISIONER,
                        acsmtp_json_text(provisioner->name), &provisioner->plugin, err);
}

int provisioner_plugin(struct provisioner *provisioner, const struct acsmtp_plugin **plugin,
                       struct acsmtp_error *err)
{
    int status = ACSMTP_OK;

    (void)pthread_mutex_lock(&provisioner->lock);
    if (!provisioner->plugin)
        status = load(provisioner, err);
    if (status == ACSMTP_OK)
        *plugin = provisioner->plugin;
    (void)pthread_mutex_unlock(&provisioner->lock);
    return status;
}

int provisioner_entry(struct provisioner *provisioner, const struct acsmtp_json *caller,
                      struct settings_layer layers[PROVISIONER_LAYERS], uint32_t flags,
                      struct entry *entry, struct acsmtp_error *err)
{
    const struct acsmtp_plugin *plugin = NULL;
    int status = entry_init(entry, provisioner->host, ACSMTP_KIND_PROVISIONER, provisioner->name,
                            home_path(provisioner), 0, err);

    if (status == ACSMTP_OK)
        status = provisioner_plugin(provisioner, &plugin, err);
    if (status != ACSMTP_OK)
        return status;
    memcpy(layers, provisioner->layers, sizeof provisioner->layers);
    layers[0].values = caller;
    entry->layers = layers;
    entry->layer_count = provisioner->layer_count;
    entry->flags = flags;
    entry->lent = provisioner->holder.isolate;
    return ACSMTP_OK;
}

/* ---- the check ---- */

/* A plugin that nobody asked for may be absent: a config is shared by machines that only send. */
static int is_absent(struct provisioner *provisioner)
{
    const struct acsmtp_plugin *plugin = NULL;
    struct acsmtp_error err = ACSMTP_ERROR_INIT;

    return !provisioner->named && provisioner_plugin(provisioner, &plugin, &err) != ACSMTP_OK &&
           strcmp(err.code, REGISTRY_MISSING) == 0;
}

/* What is missing may come with the command line, so it is not missed here. */
int provisioner_check(struct provisioner *provisioner, struct acsmtp_error *err)
{
    struct settings_layer layers[PROVISIONER_LAYERS];
    struct entry entry = {0};
    int status;

    if (!provisioner->configured || is_absent(provisioner))
        return ACSMTP_OK;
    status = provisioner_entry(provisioner, NULL, layers, SETTINGS_PARTIAL, &entry, err);
    if (status == ACSMTP_OK)
        status = entry_check(&entry, err);
    entry_release(&entry);
    return status;
}
