/* SPDX-License-Identifier: MIT */
/*
 * The names that a person may write at some place of the command line, for shells that complete
 * them. Nothing is run, and a plugin is loaded only for its options.
 */
#include "cloud_private.h"
#include "config_private.h"
#include "entry.h"
#include "registry.h"
#include "schema_private.h"
#include <stdio.h>
#include <string.h>

struct names {
    const struct config *config;
    struct registry *registry;
    const char *prefix;
    acsmtp_name_visitor visit;
    void *data;
    struct acsmtp_error *err;
};

static int tell(const struct names *names, const char *name, const char *about)
{
    if (strncmp(name, names->prefix, strlen(names->prefix)) != 0)
        return 0;
    return names->visit(names->data, name, about ? about : "");
}

/* ---- profiles, clouds, plugins ---- */

static int visit_profiles(const struct names *names)
{
    const struct acsmtp_json *profiles = acsmtp_json_get(config_root(names->config), "profiles");
    const char *name;
    int result = 0;

    for (size_t i = 0; result == 0 && (name = acsmtp_json_key(profiles, i)); i++)
        result = tell(names, name, acsmtp_json_string(acsmtp_json_get(profiles, name), "from"));
    return result;
}

static int visit_clouds(const struct names *names)
{
    const char *clouds[CLOUD_NAMES_MAX];
    size_t count = cloud_names(clouds);
    int result = 0;

    for (size_t i = 0; result == 0 && i < count; i++)
        result = tell(names, clouds[i], NULL);
    return result;
}

static int visit_plugin(void *data, int kind, const char *name)
{
    return tell(data, name, registry_kind_name(kind));
}

/* ---- keys ---- */

static const struct acsmtp_json *profile_of(const struct names *names,
                                            const struct acsmtp_driver_options *options)
{
    const struct acsmtp_json *root = config_root(names->config);
    const struct acsmtp_json *profiles = acsmtp_json_get(root, "profiles");
    const char *name = options ? options->profile : NULL;

    if (!name)
        name = secure_getenv("ACSMTP_PROFILE");
    if (!name || !*name)
        name = acsmtp_json_string(root, "default_profile");
    return acsmtp_json_get(profiles, name ? name : acsmtp_json_key(profiles, 0));
}

static int tell_option(const struct names *names, const char *path,
                       const struct acsmtp_option *option)
{
    char *name = NULL;
    int result;

    if (asprintf(&name, "%s%s=", path, option->name) < 0)
        return acsmtp_fail(names->err, ACSMTP_SYSTEM, "out of memory");
    result = tell(names, name, option->summary);
    free(name);
    return result;
}

/* Of the plugin as it would be run: one that is isolated is not loaded for its options either. */
static int visit_options(const struct names *names, int kind, const char *path,
                         const struct acsmtp_json *json)
{
    const struct chain_host host = {.config = names->config, .registry = names->registry};
    const struct acsmtp_plugin *plugin = NULL;
    struct entry entry;
    int result = 0;

    if (entry_init(&entry, &host, kind, json, path, 0, NULL) == ACSMTP_OK &&
        entry_load_plugin(&entry, &plugin, NULL) == ACSMTP_OK)
        for (uint32_t i = 0; result == 0 && i < plugin->option_count; i++)
            result = tell_option(names, path, &plugin->options[i]);
    entry_release(&entry);
    return result;
}

/* "transports.0.", and what may follow it once it is written. */
static int visit_entry(const struct names *names, int kind, const char *path,
                       const struct acsmtp_json *entry)
{
    const char *name = acsmtp_json_text(entry);

    name = name ? name : acsmtp_json_string(entry, "plugin");
    if (strncmp(names->prefix, path, strlen(path)) != 0)
        return tell(names, path, name);
    return name ? visit_options(names, kind, path, entry) : 0;
}

static int visit_entries(const struct names *names, int kind, const char *key,
                         const struct acsmtp_json *entries)
{
    int result = 0;

    for (size_t i = 0; result == 0 && i < acsmtp_json_length(entries); i++) {
        char path[64];

        (void)snprintf(path, sizeof path, "%s.%zu.", key, i);
        result = visit_entry(names, kind, path, acsmtp_json_item(entries, i));
    }
    return result;
}

static int visit_key(const struct names *names, const char *key, const struct acsmtp_json *value)
{
    const struct acsmtp_option option = {.name = key, .summary = schema_key_summary(key)};

    if (strcmp(key, "credentials") == 0)
        return visit_entries(names, ACSMTP_KIND_CREDENTIAL, key, value);
    if (strcmp(key, "transports") == 0)
        return visit_entries(names, ACSMTP_KIND_TRANSPORT, key, value);
    return tell_option(names, "", &option);
}

static int visit_keys(const struct names *names, const struct acsmtp_json *profile)
{
    struct config_key key;
    int result = 0;

    for (size_t i = 0; result == 0 && config_key(1, i, &key); i++)
        result = visit_key(names, key.name, acsmtp_json_get(profile, key.name));
    return result;
}

/* ---- all of them ---- */

static int visit_names(struct names *names, const struct acsmtp_driver_options *options, int what)
{
    switch (what) {
    case ACSMTP_NAMES_PROFILE:
        return visit_profiles(names);
    case ACSMTP_NAMES_CLOUD:
        return visit_clouds(names);
    case ACSMTP_NAMES_PLUGIN:
        return registry_names(names->registry, visit_plugin, names, names->err);
    case ACSMTP_NAMES_KEY:
        return visit_keys(names, profile_of(names, options));
    default:
        return acsmtp_fail(names->err, ACSMTP_SYSTEM, "there are no names of that sort");
    }
}

int acsmtp_names(const struct acsmtp_driver_options *options, int what, const char *prefix,
                 acsmtp_name_visitor visit, void *data, struct acsmtp_error *err)
{
    struct names names = {.prefix = prefix ? prefix : "", .visit = visit, .data = data, .err = err};
    struct config *config = NULL;
    int status = config_load_whole(options, &config, err);

    names.config = config;
    if (status == ACSMTP_OK)
        status = registry_open(config, &names.registry, err);
    if (status == ACSMTP_OK)
        status = visit_names(&names, options, what);
    if (names.registry)
        registry_close(names.registry);
    config_free(config);
    return status;
}
