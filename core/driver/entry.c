/* SPDX-License-Identifier: MIT */
/*
 * Entries: what credentials, transports and the composer of a profile have in common.
 */
#include "entry.h"
#include "base/context_private.h"
#include "chain_private.h"
#include "config_private.h"
#include "isolate/isolate.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int entry_fail(const struct entry *entry, const char *key, struct acsmtp_error *err,
               const char *format, ...)
{
    char path[512];
    char where[CONFIG_WHERE_MAX];
    char text[512];
    va_list args;

    (void)snprintf(path, sizeof path, "%s%s%s", entry->path, key ? "." : "", key ? key : "");
    config_where(entry->host->config, path, where, sizeof where);
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return acsmtp_fail(err, ACSMTP_CONFIG, "%s: %s", where, text);
}

const struct acsmtp_option entry_optional = {
    .name = "optional",
    .type = ACSMTP_BOOLEAN,
    .default_value = "false",
    .summary = "Whether the others do without this plugin where it is not installed.",
};

static int read_optional(struct entry *entry, struct acsmtp_error *err)
{
    const struct acsmtp_json *value = acsmtp_json_get(entry->json, "optional");

    if (value && acsmtp_json_type(value) != ACSMTP_JSON_BOOLEAN)
        return entry_fail(entry, "optional", err, "\"optional\" is true or false (the default)");
    entry->is_optional = acsmtp_json_true(entry->json, "optional");
    return ACSMTP_OK;
}

int entry_init(struct entry *entry, const struct chain_host *host, int kind,
               const struct acsmtp_json *json, const char *path, int depth,
               struct acsmtp_error *err)
{
    const char *name = acsmtp_json_text(json);

    memset(entry, 0, sizeof *entry);
    entry->host = host;
    entry->kind = kind;
    entry->json = json;
    entry->depth = depth;
    entry->name = name ? name : acsmtp_json_string(json, "plugin");
    entry->path = strdup(path);
    if (!entry->path || pthread_mutex_init(&entry->lock, NULL) != 0) {
        free(entry->path);
        entry->path = NULL;
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    }
    if (!entry->name)
        return entry_fail(entry, NULL, err,
                          "a %s is the name of a plugin, or an object with the key \"plugin\"",
                          registry_kind_name(kind));
    if (kind == ACSMTP_KIND_CREDENTIAL || kind == ACSMTP_KIND_TRANSPORT)
        return read_optional(entry, err);
    return ACSMTP_OK;
}

void entry_release(struct entry *entry)
{
    if (!entry->path)
        return;
    settings_free(entry->settings);
    isolate_close(entry->isolate);
    free(entry->nested);
    free(entry->path);
    (void)pthread_mutex_destroy(&entry->lock);
    memset(entry, 0, sizeof *entry);
}

/* ---- nested chains ---- */

static int nested_acquire(void *chain, struct acsmtp_context *context,
                          const struct acsmtp_credential_request *request,
                          struct acsmtp_credential *out, struct acsmtp_error *err)
{
    return chain_acquire(chain, context, request, out, context_report(context).report, err);
}

static void nested_report(void *chain, struct acsmtp_context *context,
                          const struct acsmtp_verdict *verdict)
{
    chain_report(chain, context, verdict);
}

static void nested_close(void *chain)
{
    chain_close(chain);
}

static const struct settings_chain_ops nested_ops = {
    .acquire = nested_acquire,
    .report = nested_report,
    .close = nested_close,
};

static int attach_chain(struct entry *entry, struct acsmtp_settings *settings, const char *option,
                        struct acsmtp_error *err)
{
    const char *path = entry->path;
    const struct acsmtp_json *entries = settings_chain_entries(settings, option, &path);
    struct chain *chain = NULL;
    int status;

    if (!entries)
        return ACSMTP_OK;
    status = chain_open_nested(entry->host, entries, path, entry->depth + 1, &chain, err);
    if (status != ACSMTP_OK)
        return status;
    status = settings_attach_chain(settings, option, chain, &nested_ops, err);
    if (status != ACSMTP_OK)
        chain_close(chain);
    else
        entry->nested[entry->nested_count++] = chain;
    return status;
}

static int attach_chains(struct entry *entry, const struct acsmtp_plugin *plugin,
                         struct acsmtp_settings *settings, struct acsmtp_error *err)
{
    int status = ACSMTP_OK;
    uint32_t i;

    entry->nested_count = 0;
    entry->nested = calloc(plugin->option_count + 1U, sizeof(struct chain *));
    if (!entry->nested)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    for (i = 0; i < plugin->option_count && status == ACSMTP_OK; i++)
        if (plugin->options[i].type == ACSMTP_CHAIN)
            status = attach_chain(entry, settings, plugin->options[i].name, err);
    return status;
}

/* ---- loading ---- */

int entry_has_option(const struct acsmtp_plugin *plugin, const char *name)
{
    uint32_t i;

    for (i = 0; i < plugin->option_count; i++)
        if (strcmp(plugin->options[i].name, name) == 0)
            return 1;
    return 0;
}

/*
 * Keys of the host in an entry mean something in chains only, the last one also of a transport;
 * elsewhere they would be ignored.
 */
static int check_host_keys(const struct entry *entry, const struct acsmtp_plugin *plugin,
                           const struct settings_layer *layer, struct acsmtp_error *err)
{
    static const char *const keys[] = {"on_denied", "on_temporary", "timeout", "retries",
                                       "optional"};
    size_t count = sizeof keys / sizeof keys[0] - (entry->kind == ACSMTP_KIND_TRANSPORT);
    char path[512], where[CONFIG_WHERE_MAX];
    size_t i;

    for (i = 0; i < count; i++) {
        if (layer->only || !layer->path || !acsmtp_json_get(layer->values, keys[i]) ||
            entry_has_option(plugin, keys[i]))
            continue;
        (void)snprintf(path, sizeof path, "%s.%s", layer->path, keys[i]);
        config_where(entry->host->config, path, where, sizeof where);
        return acsmtp_fail(err, ACSMTP_CONFIG, "%s: %s %s has no option '%s'", where,
                           registry_kind_name(entry->kind), entry->name, keys[i]);
    }
    return ACSMTP_OK;
}

/* From the entry alone, unless it says that its options come from layers. */
static int build(const struct entry *entry, const struct acsmtp_plugin *plugin,
                 struct acsmtp_settings **settings, struct acsmtp_error *err)
{
    const struct settings_layer home = {.values = entry->json, .path = entry->path};
    const struct settings_layer *layers = entry->layers ? entry->layers : &home;
    size_t count = entry->layers ? entry->layer_count : 1, i;
    int status = ACSMTP_OK;

    for (i = 0; status == ACSMTP_OK && entry->kind != ACSMTP_KIND_CREDENTIAL && i < count; i++)
        status = check_host_keys(entry, plugin, &layers[i], err);
    if (status != ACSMTP_OK)
        return status;
    return settings_build_layers(entry->host->config, layers, count, &home, entry->flags, plugin,
                                 settings, err);
}

static int load_isolated(struct entry *entry, const struct isolate_policy *policy,
                         const struct acsmtp_plugin **plugin, struct acsmtp_error *err)
{
    char *path = NULL;
    int status = registry_locate(entry->host->registry, entry->kind, entry->name, &path, err);

    if (status == ACSMTP_OK)
        status = isolate_open(path, entry->kind, entry->name, policy, &entry->isolate, err);
    free(path);
    if (status == ACSMTP_OK)
        *plugin = isolate_plugin(entry->isolate);
    return status;
}

int entry_load_plugin(struct entry *entry, const struct acsmtp_plugin **plugin,
                      struct acsmtp_error *err)
{
    struct isolate_policy policy;
    char where[CONFIG_WHERE_MAX];
    int said = isolate_read_policy(entry, &policy, err), status = said;

    if (said == ACSMTP_OK && policy.wanted)
        status = load_isolated(entry, &policy, plugin, err);
    else if (said == ACSMTP_OK)
        status = registry_get(entry->host->registry, entry->kind, entry->name, plugin, err);
    isolate_policy_release(&policy);
    if (said == ACSMTP_OK && status != ACSMTP_OK) {
        config_where(entry->host->config, entry->path, where, sizeof where);
        acsmtp_error_prefix(err, "%s", where);
    }
    return status;
}

static int load(struct entry *entry, struct acsmtp_error *err)
{
    const struct acsmtp_plugin *plugin = NULL;
    struct acsmtp_settings *settings = NULL;
    int status = ACSMTP_OK;

    if (entry->lent)
        plugin = isolate_plugin(entry->lent);
    else
        status = entry_load_plugin(entry, &plugin, err);
    if (status != ACSMTP_OK)
        return status;
    status = build(entry, plugin, &settings, err);
    if (status == ACSMTP_OK)
        status = attach_chains(entry, plugin, settings, err);
    if (status == ACSMTP_OK && entry->kind != ACSMTP_KIND_KEYRING)
        settings_attach_host(settings, entry->host);
    if (status == ACSMTP_OK)
        settings_attach_isolate(settings, entry->lent ? entry->lent : entry->isolate);
    if (status != ACSMTP_OK) {
        settings_free(settings);
        isolate_close(entry->isolate);
        entry->isolate = NULL;
        free(entry->nested);
        entry->nested = NULL;
        entry->nested_count = 0;
        return status;
    }
    entry->settings = settings;
    entry->plugin = plugin;
    return ACSMTP_OK;
}

int entry_load(struct entry *entry, struct acsmtp_error *err)
{
    int status = ACSMTP_OK;

    (void)pthread_mutex_lock(&entry->lock);
    if (!entry->plugin)
        status = load(entry, err);
    (void)pthread_mutex_unlock(&entry->lock);
    return status;
}

int entry_is_absent(const struct entry *entry, const struct acsmtp_error *problem)
{
    return entry->is_optional && strcmp(problem->code, REGISTRY_MISSING) == 0;
}

/* A plugin may name others in the default of an option; packages need not bring all of them. */
static int check_nested(const struct entry *entry, struct chain *nested, struct acsmtp_error *err)
{
    struct acsmtp_error problem = ACSMTP_ERROR_INIT;
    int status = chain_check(nested, &problem);

    if (strcmp(problem.code, REGISTRY_MISSING) == 0 &&
        !config_at(config_root(entry->host->config), nested->path))
        return ACSMTP_OK;
    if (status != ACSMTP_OK)
        walk_copy_error(err, &problem);
    return status;
}

int entry_check(struct entry *entry, struct acsmtp_error *err)
{
    int status = entry_load(entry, err);
    size_t i;

    if (status == ACSMTP_OK)
        status = settings_check_keyrings(entry->settings, err);
    for (i = 0; status == ACSMTP_OK && i < entry->nested_count; i++)
        status = check_nested(entry, entry->nested[i], err);
    return status;
}

/* ---- calls ---- */

void entry_enter(const struct entry *entry)
{
    registry_enter(entry->host->registry, entry->plugin);
}

void entry_leave(const struct entry *entry)
{
    registry_leave(entry->host->registry, entry->plugin);
}

int entry_result(const struct entry *entry, int status, struct acsmtp_error *err)
{
    if (status == ACSMTP_OK) {
        acsmtp_error_clear(err);
        return ACSMTP_OK;
    }
    if (status < 0 || status > ACSMTP_SYSTEM)
        status = ACSMTP_SYSTEM;
    (void)acsmtp_fail(err, status, "plugin '%s' failed without saying why", entry->name);
    if (err)
        err->status = status;
    return status;
}
