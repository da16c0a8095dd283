/* SPDX-License-Identifier: MIT */
/*
 * Settings without the config behind them: what was read and checked in the host is taken over as
 * it is.
 */
#include "driver/settings_private.h"
#include "protocol.h"
#include "wire_plugin.h"
#include "wire_value.h"
#include <stdio.h>
#include <stdlib.h>

static int is_secret(const struct setting *setting)
{
    return (setting->option.flags & ACSMTP_SECRET) != 0;
}

void wire_put_settings(struct wire_writer *writer, const struct acsmtp_settings *settings)
{
    size_t i, j;

    wire_put_text(writer, settings->label);
    wire_put_u32(writer, (uint32_t)settings->count);
    for (i = 0; i < settings->count; i++) {
        const struct setting *setting = &settings->list[i];
        size_t items = is_secret(setting) ? 0 : setting->item_count;

        wire_put_u32(writer, setting->has != 0);
        wire_put_i64(writer, setting->number);
        wire_put_u32(writer, (uint32_t)items);
        for (j = 0; j < items; j++)
            wire_put_text(writer, setting->items[j]);
    }
}

static int get_setting(struct wire_reader *reader, struct setting *setting,
                       struct acsmtp_error *err)
{
    uint32_t items, i;
    int status = ACSMTP_OK;

    setting->has = (int)wire_get_count(reader, 1);
    setting->number = wire_get_i64(reader);
    items = wire_get_count(reader, ISOLATE_ITEMS_MAX);
    for (i = 0; status == ACSMTP_OK && !reader->failed && i < items; i++)
        status = setting_add_item(setting, wire_need_text(reader, SETTINGS_TEXT_MAX), err);
    /* acsmtp_settings_string() relies on it. */
    if (setting->has && setting->option.type == ACSMTP_STRING && items == 0 &&
        !(setting->option.flags & (ACSMTP_SECRET | ACSMTP_LIST)))
        reader->failed = 1;
    return status;
}

static int get_all(struct wire_reader *reader, const struct acsmtp_plugin *plugin,
                   struct acsmtp_settings *made, struct acsmtp_error *err)
{
    const char *label = wire_need_text(reader, ISOLATE_TEXT_MAX);
    int status = ACSMTP_OK;
    uint32_t i;

    if (wire_get_u32(reader) != plugin->option_count)
        reader->failed = 1;
    made->list = calloc(plugin->option_count + 1U, sizeof *made->list);
    if (asprintf(&made->label, "%s", label) < 0)
        made->label = NULL;
    if (!made->list || !made->label)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    made->count = plugin->option_count;
    for (i = 0; status == ACSMTP_OK && !reader->failed && i < plugin->option_count; i++) {
        made->list[i].option = plugin->options[i];
        status = get_setting(reader, &made->list[i], err);
    }
    if (status == ACSMTP_OK && reader->failed)
        status = acsmtp_fail(err, ACSMTP_PROTOCOL,
                             "the other process sent settings of another "
                             "plugin");
    return status;
}

int wire_get_settings(struct wire_reader *reader, const struct acsmtp_plugin *plugin,
                      struct acsmtp_settings **settings, struct acsmtp_error *err)
{
    struct acsmtp_settings *made = calloc(1, sizeof *made);
    int status;

    if (!made)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    status = get_all(reader, plugin, made, err);
    if (status == ACSMTP_OK)
        *settings = made;
    else
        settings_free(made);
    return status;
}
