/* SPDX-License-Identifier: MIT */
/*
 * The answers that plugins get. A question for an option that the plugin's own table does not have
 * is a defect of that plugin, found by its first test.
 */
#undef NDEBUG
#include "settings_private.h"
#include <assert.h>
#include <string.h>

struct setting *settings_find(const struct acsmtp_settings *settings, const char *name, int type,
                              uint32_t flag)
{
    struct setting *found = NULL;
    size_t i;

    for (i = 0; i < settings->count && !found; i++)
        if (strcmp(settings->list[i].option.name, name) == 0)
            found = &settings->list[i];
    assert(found && "the plugin asks for an option that is not in its table");
    assert((type == 0 || found->option.type == type) &&
           "the plugin asks for an option with another type than its table says");
    assert((found->option.flags & (ACSMTP_SECRET | ACSMTP_LIST) & ~flag) == 0 &&
           "the plugin asks for a secret or a list as if it were a plain value");
    return found;
}

const char *acsmtp_settings_string(const struct acsmtp_settings *settings, const char *name)
{
    const struct setting *setting = settings_find(settings, name, ACSMTP_STRING, 0);

    return setting->has ? setting->items[0] : NULL;
}

int64_t acsmtp_settings_integer(const struct acsmtp_settings *settings, const char *name)
{
    return settings_find(settings, name, ACSMTP_INTEGER, 0)->number;
}

int acsmtp_settings_boolean(const struct acsmtp_settings *settings, const char *name)
{
    return settings_find(settings, name, ACSMTP_BOOLEAN, 0)->number != 0;
}

int64_t acsmtp_settings_duration(const struct acsmtp_settings *settings, const char *name)
{
    return settings_find(settings, name, ACSMTP_DURATION, 0)->number;
}

int acsmtp_settings_has(const struct acsmtp_settings *settings, const char *name)
{
    return settings_find(settings, name, 0, ACSMTP_SECRET | ACSMTP_LIST)->has;
}

size_t acsmtp_settings_count(const struct acsmtp_settings *settings, const char *name)
{
    return settings_find(settings, name, ACSMTP_STRING, ACSMTP_LIST)->item_count;
}

const char *acsmtp_settings_item(const struct acsmtp_settings *settings, const char *name,
                                 size_t index)
{
    const struct setting *setting = settings_find(settings, name, ACSMTP_STRING, ACSMTP_LIST);

    return index < setting->item_count ? setting->items[index] : NULL;
}

/* ---- chains ---- */

int acsmtp_settings_credential(const struct acsmtp_settings *settings,
                               struct acsmtp_context *context, const char *name,
                               const struct acsmtp_credential_request *request,
                               struct acsmtp_credential *out, struct acsmtp_error *err)
{
    const struct setting *setting = settings_find(settings, name, ACSMTP_CHAIN, ACSMTP_LIST);

    if (!setting->has)
        return acsmtp_fail(err, ACSMTP_CONFIG, "option '%s' is not set", name);
    if (!setting->chain)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "option '%s' has no chain behind it", name);
    return setting->chain_ops->acquire(setting->chain, context, request, out, err);
}

void acsmtp_settings_report(const struct acsmtp_settings *settings, struct acsmtp_context *context,
                            const char *name, const struct acsmtp_verdict *verdict)
{
    const struct setting *setting = settings_find(settings, name, ACSMTP_CHAIN, ACSMTP_LIST);

    if (setting->chain && setting->chain_ops->report)
        setting->chain_ops->report(setting->chain, context, verdict);
}

const struct acsmtp_json *settings_chain_entries(const struct acsmtp_settings *settings,
                                                 const char *name, const char **path)
{
    const struct setting *setting = settings_find(settings, name, ACSMTP_CHAIN, ACSMTP_LIST);

    if (setting->has)
        *path = setting->path;
    return setting->entries;
}

int settings_attach_chain(struct acsmtp_settings *settings, const char *name, void *chain,
                          const struct settings_chain_ops *ops, struct acsmtp_error *err)
{
    struct setting *setting = settings_find(settings, name, ACSMTP_CHAIN, ACSMTP_LIST);

    if (setting->chain)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "option '%s' has a chain already", name);
    setting->chain = chain;
    setting->chain_ops = ops;
    return ACSMTP_OK;
}

/* ---- the host ---- */

void settings_attach_host(struct acsmtp_settings *settings, const struct chain_host *host)
{
    settings->host = host;
}

const struct chain_host *settings_host(const struct acsmtp_settings *settings)
{
    return settings->host;
}

/* ---- other processes ---- */

void settings_attach_remote(struct acsmtp_settings *settings, const struct settings_remote *remote)
{
    settings->remote = remote;
}

const struct settings_remote *settings_remote(const struct acsmtp_settings *settings)
{
    return settings->remote;
}

void settings_attach_isolate(struct acsmtp_settings *settings, struct isolate *isolate)
{
    settings->isolate = isolate;
}

struct isolate *settings_isolate(const struct acsmtp_settings *settings)
{
    return settings->isolate;
}

/* ---- inputs ---- */

static int visit_setting(const struct setting *setting, settings_input_visitor visit, void *data,
                         struct acsmtp_error *err)
{
    const char *environment = setting->option.environment;
    int status = environment ? visit(data, environment, NULL, err) : ACSMTP_OK;

    if (status == ACSMTP_OK && setting->source == SECRET_ENV &&
        (!environment || strcmp(environment, setting->items[0]) != 0))
        status = visit(data, setting->items[0], NULL, err);
    if (status == ACSMTP_OK && setting->source == SECRET_FILE)
        status = visit(data, NULL, setting->items[0], err);
    return status;
}

int settings_inputs(const struct acsmtp_settings *settings, settings_input_visitor visit,
                    void *data, struct acsmtp_error *err)
{
    int status = ACSMTP_OK;
    size_t i;

    for (i = 0; status == ACSMTP_OK && i < settings->count; i++)
        status = visit_setting(&settings->list[i], visit, data, err);
    return status;
}
