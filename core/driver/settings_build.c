/* SPDX-License-Identifier: MIT */
/*
 * One entry of the config against one plugin's option table: every key known, every value read,
 * what is missing taken from the environment or the default, and what is needed there.
 */
#include "registry.h"
#include "settings_private.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Keys of an entry that are the host's, not the plugin's. */
static const char *const host_keys[] = {"plugin",  "on_denied", "on_temporary", "optional",
                                        "timeout", "retries",   "isolation"};

#define HOST_KEYS (sizeof host_keys / sizeof host_keys[0])
#define OPTIONS_MAX 256

/* "--resource-group", as a command line spells it. */
static void option_words(const char *name, char *words, size_t capacity)
{
    char *c;

    (void)snprintf(words, capacity, "--%s", name ? name : "");
    for (c = words; *c; c++)
        if (*c == '_')
            *c = '-';
}

static void where_of(const struct setting_input *input, const char *option, char *where,
                     size_t capacity)
{
    char path[1024];

    if (!input->path) {
        option_words(option, where, capacity);
        return;
    }
    (void)snprintf(path, sizeof path, "%s%s%s", input->path, option ? "." : "",
                   option ? option : "");
    config_where(input->config, path, where, capacity);
}

int settings_fail(const struct setting_input *input, const char *option, const char *format, ...)
{
    char where[CONFIG_WHERE_MAX], text[600];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    where_of(input, option, where, sizeof where);
    return acsmtp_fail(input->err, ACSMTP_CONFIG, "%s: %s: %s", where, input->label, text);
}

/* ---- the option table ---- */

/* A row of a plugin that was built for an older or newer acsmtp may be shorter or longer than ours.
 */
static void copy_row(const struct acsmtp_plugin *plugin, size_t index, struct acsmtp_option *row)
{
    size_t size = plugin->option_size < sizeof *row ? plugin->option_size : sizeof *row;

    *row = (struct acsmtp_option){0};
    memcpy(row, (const char *)plugin->options + index * plugin->option_size, size);
}

static int make_list(const struct setting_input *input, const struct acsmtp_plugin *plugin,
                     struct acsmtp_settings *settings)
{
    size_t i;

    if (plugin->option_count > OPTIONS_MAX)
        return acsmtp_fail(input->err, ACSMTP_SYSTEM, "%s: more than %d options", input->label,
                           OPTIONS_MAX);
    settings->list = calloc(plugin->option_count + 1U, sizeof *settings->list);
    if (!settings->list)
        return acsmtp_fail(input->err, ACSMTP_SYSTEM, "out of memory");
    settings->count = plugin->option_count;
    for (i = 0; i < settings->count; i++) {
        copy_row(plugin, i, &settings->list[i].option);
        if (!settings->list[i].option.name)
            return acsmtp_fail(input->err, ACSMTP_SYSTEM, "%s: an option without a name",
                               input->label);
    }
    return ACSMTP_OK;
}

/* ---- keys ---- */

static int is_host_key(const char *key)
{
    size_t i;

    for (i = 0; i < HOST_KEYS; i++)
        if (strcmp(key, host_keys[i]) == 0)
            return 1;
    return 0;
}

static int unknown_key(const struct setting_input *input, const struct acsmtp_settings *settings,
                       const char *key)
{
    const char *names[OPTIONS_MAX + HOST_KEYS];
    char near[128], all[300];
    size_t count = 0, i;

    for (i = 0; i < settings->count; i++)
        names[count++] = settings->list[i].option.name;
    config_join(names, count, all, sizeof all);
    for (i = 0; i < HOST_KEYS; i++)
        names[count++] = host_keys[i];
    config_suggestion(key, names, count, near, sizeof near);
    if (near[0])
        return settings_fail(input, key, "option '%.60s' is unknown%s", key, near);
    return settings_fail(input, key, "option '%.60s' is unknown; %s%s", key,
                         all[0] ? "known are: " : "this plugin has no options", all);
}

static int check_keys(const struct setting_input *input, const struct acsmtp_settings *settings,
                      const struct settings_layer *layer)
{
    struct setting_input place = *input;
    const char *key;
    size_t i, j;

    place.path = layer->path;
    for (i = 0; !layer->only && (key = acsmtp_json_key(layer->values, i)); i++) {
        for (j = 0; j < settings->count && strcmp(settings->list[j].option.name, key) != 0; j++)
            ;
        if (j == settings->count && (!is_host_key(key) || !layer->path))
            return unknown_key(&place, settings, key);
    }
    return ACSMTP_OK;
}

/* ---- values ---- */

/* Other tools, whose variables these mostly are, also write 1 and 0. */
static const char *environment_of(const struct acsmtp_option *option)
{
    const char *value = option->environment ? secure_getenv(option->environment) : NULL;

    if (!value || !*value)
        return NULL;
    if (option->type == ACSMTP_BOOLEAN && (strcmp(value, "1") == 0 || strcmp(value, "0") == 0))
        return *value == '1' ? "true" : "false";
    return value;
}

static int missing(const struct setting_input *input, const struct acsmtp_option *option)
{
    const char *summary = option->summary ? option->summary : "required";
    char words[80], given[96] = "";

    option_words(option->name, words, sizeof words);
    if ((input->flags & SETTINGS_CALLER) && !(option->flags & ACSMTP_SECRET))
        (void)snprintf(given, sizeof given, "%s give %s", option->environment ? "," : " or", words);
    if (option->environment)
        return settings_fail(input, NULL,
                             "option '%s' is missing (%s); write it here%s or set the environment "
                             "variable %s",
                             option->name, summary, given, option->environment);
    return settings_fail(input, NULL, "option '%s' is missing (%s)%s%s", option->name, summary,
                         given[0] ? "; write it here" : "", given);
}

static int fill(const struct setting_input *input, struct setting *setting,
                const struct acsmtp_json *value)
{
    const struct acsmtp_option *option = &setting->option;
    const char *environment = environment_of(option);
    int is_secret = (option->flags & ACSMTP_SECRET) != 0;

    setting->has = 1;
    if (acsmtp_json_type(value) != ACSMTP_JSON_NULL)
        return is_secret ? settings_read_source(input, setting, value)
                         : settings_read_json(input, setting, value);
    if (environment) {
        int status = is_secret ? settings_read_source_text(input, setting, option->environment, 1)
                               : settings_read_text(input, setting, environment);

        if (status != ACSMTP_OK)
            acsmtp_error_prefix(input->err, "environment variable %s", option->environment);
        return status;
    }
    if (option->default_value)
        return is_secret ? settings_read_source_text(input, setting, option->default_value, 0)
                         : settings_read_text(input, setting, option->default_value);
    setting->has = 0;
    if (!(option->flags & ACSMTP_REQUIRED) || (input->flags & SETTINGS_PARTIAL))
        return ACSMTP_OK;
    return missing(input, option);
}

/* The first layer that has the option, NULL when none does. */
static const struct settings_layer *find_layer(const struct settings_layer *layers, size_t count,
                                               const char *name)
{
    size_t i;

    for (i = 0; i < count; i++)
        if (acsmtp_json_type(acsmtp_json_get(layers[i].values, name)) != ACSMTP_JSON_NULL &&
            (!layers[i].only || strcmp(layers[i].only, name) == 0))
            return &layers[i];
    return NULL;
}

static int fill_from(const struct setting_input *input, struct setting *setting,
                     const struct settings_layer *layers, size_t count)
{
    const char *name = setting->option.name;
    const struct settings_layer *layer = find_layer(layers, count, name);
    struct setting_input place = *input;

    if (layer)
        place.path = layer->path;
    return fill(&place, setting, layer ? acsmtp_json_get(layer->values, name) : NULL);
}

static int build(const struct setting_input *input, const struct acsmtp_plugin *plugin,
                 const struct settings_layer *layers, size_t count,
                 struct acsmtp_settings *settings)
{
    int status = make_list(input, plugin, settings);
    size_t i;

    for (i = 0; status == ACSMTP_OK && i < count; i++)
        status = check_keys(input, settings, &layers[i]);
    for (i = 0; status == ACSMTP_OK && i < settings->count; i++)
        status = fill_from(input, &settings->list[i], layers, count);
    return status;
}

static struct acsmtp_settings *new_settings(const struct acsmtp_plugin *plugin,
                                            struct acsmtp_error *err)
{
    struct acsmtp_settings *settings = calloc(1, sizeof *settings);
    const char *kind = registry_kind_name(plugin->kind);

    if (!settings) {
        (void)acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
        return NULL;
    }
    settings->prompt = malloc(sizeof *settings->prompt);
    if (settings->prompt)
        (void)pthread_mutex_init(settings->prompt, NULL);
    if (asprintf(&settings->label, "%s %s", kind ? kind : "plugin", plugin->name) < 0)
        settings->label = NULL;
    if (settings->prompt && settings->label)
        return settings;
    (void)acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    settings_free(settings);
    return NULL;
}

int settings_build_layers(const struct config *config, const struct settings_layer *layers,
                          size_t count, const struct settings_layer *home, uint32_t flags,
                          const struct acsmtp_plugin *plugin, struct acsmtp_settings **settings,
                          struct acsmtp_error *err)
{
    struct acsmtp_error unwanted = ACSMTP_ERROR_INIT;
    struct setting_input input = {
        .config = config, .path = home->path, .flags = flags, .err = err ? err : &unwanted};
    struct acsmtp_settings *made = new_settings(plugin, input.err);
    int status;

    if (!made)
        return ACSMTP_SYSTEM;
    input.label = made->label;
    status = build(&input, plugin, layers, count, made);
    if (status == ACSMTP_OK)
        *settings = made;
    else
        settings_free(made);
    return status;
}

int settings_build(const struct config *config, const char *path, const struct acsmtp_json *entry,
                   const struct acsmtp_plugin *plugin, struct acsmtp_settings **settings,
                   struct acsmtp_error *err)
{
    const struct settings_layer layer = {.values = entry, .path = path};

    return settings_build_layers(config, &layer, 1, &layer, 0, plugin, settings, err);
}

/* ---- the end ---- */

static void release(struct setting *setting)
{
    size_t i;

    if (setting->chain && setting->chain_ops->close)
        setting->chain_ops->close(setting->chain);
    for (i = 0; i < setting->item_count; i++)
        free(setting->items[i]);
    free(setting->items);
    free(setting->path);
    acsmtp_secret_free(setting->literal);
    acsmtp_json_free(setting->entries);
}

void settings_free(struct acsmtp_settings *settings)
{
    size_t i;

    if (!settings)
        return;
    for (i = 0; i < settings->count; i++)
        release(&settings->list[i]);
    if (settings->prompt)
        (void)pthread_mutex_destroy(settings->prompt);
    free(settings->prompt);
    free(settings->list);
    free(settings->label);
    free(settings);
}
