/* SPDX-License-Identifier: MIT */
/*
 * Descriptors. The host judges what it reads here with the registry's own checks, as if the plugin
 * had been loaded into it.
 */
#include "wire_plugin.h"
#include "protocol.h"
#include "wire_value.h"
#include <stdlib.h>

/* ---- writing ---- */

static uint32_t count_values(const struct acsmtp_option *option)
{
    uint32_t count = 0;

    while (option->values && option->values[count])
        count++;
    return count;
}

static void put_option(struct wire_writer *writer, const struct acsmtp_option *option)
{
    uint32_t values = count_values(option), i;

    wire_put_text(writer, option->name);
    wire_put_u32(writer, (uint32_t)option->type);
    wire_put_u32(writer, option->flags);
    wire_put_text(writer, option->default_value);
    wire_put_text(writer, option->environment);
    wire_put_text(writer, option->summary);
    wire_put_i64(writer, option->minimum);
    wire_put_i64(writer, option->maximum);
    wire_put_u32(writer, values);
    for (i = 0; i < values; i++)
        wire_put_text(writer, option->values[i]);
}

static uint32_t credential_has(const struct acsmtp_credential_ops *ops)
{
    uint32_t has = 0;

    has |= ops->probe ? HAS_PROBE : 0;
    has |= ops->report ? HAS_REPORT : 0;
    has |= ops->look ? HAS_LOOK : 0;
    has |= ops->forget ? HAS_FORGET : 0;
    return has;
}

static uint32_t provisioner_has(const struct acsmtp_provisioner_ops *ops)
{
    uint32_t has = 0;

    has |= ops->verify ? HAS_VERIFY : 0;
    has |= ops->rotate ? HAS_ROTATE : 0;
    has |= ops->destroy ? HAS_DESTROY : 0;
    has |= ops->export_as ? HAS_EXPORT : 0;
    has |= ops->diagnose ? HAS_DIAGNOSE : 0;
    return has;
}

static uint32_t has_of(const struct acsmtp_plugin *plugin)
{
    switch (plugin->kind) {
    case ACSMTP_KIND_CREDENTIAL:
        return credential_has(plugin->credential);
    case ACSMTP_KIND_TRANSPORT:
        return plugin->transport->diagnose ? HAS_DIAGNOSE : 0;
    case ACSMTP_KIND_PROVISIONER:
        return provisioner_has(plugin->provisioner);
    default:
        return 0;
    }
}

void wire_put_description(struct wire_writer *writer, const struct acsmtp_plugin *plugin)
{
    uint32_t i;

    wire_put_text(writer, plugin->version);
    wire_put_text(writer, plugin->summary);
    wire_put_u32(writer, plugin->kind == ACSMTP_KIND_TRANSPORT ? plugin->transport->accepts : 0);
    wire_put_u32(writer, has_of(plugin));
    wire_put_u32(writer, plugin->option_count);
    for (i = 0; i < plugin->option_count; i++)
        put_option(writer, &plugin->options[i]);
}

/* ---- reading ---- */

/* `room` is where the option's values go; the number of places that it took, their end included. */
static uint32_t get_option(struct wire_reader *reader, struct acsmtp_option *option,
                           const char **room)
{
    uint32_t values, i;

    option->name = wire_need_text(reader, ISOLATE_TEXT_MAX);
    option->type = (int32_t)wire_get_u32(reader);
    option->flags = wire_get_u32(reader);
    option->default_value = wire_get_text(reader, ISOLATE_TEXT_MAX);
    option->environment = wire_get_text(reader, ISOLATE_TEXT_MAX);
    option->summary = wire_get_text(reader, ISOLATE_TEXT_MAX);
    option->minimum = wire_get_i64(reader);
    option->maximum = wire_get_i64(reader);
    values = wire_get_count(reader, ISOLATE_ITEMS_MAX);
    for (i = 0; i < values; i++)
        room[i] = wire_need_text(reader, ISOLATE_TEXT_MAX);
    if (values == 0)
        return 0;
    option->values = room;
    room[values] = NULL;
    return values + 1;
}

static int get_options(struct wire_reader *reader, struct wire_description *description,
                       struct acsmtp_error *err)
{
    uint32_t count = wire_get_count(reader, ISOLATE_OPTIONS_MAX), used = 0, i;

    description->options = calloc(count + 1U, sizeof *description->options);
    description->values =
        calloc((size_t)count * (ISOLATE_ITEMS_MAX + 1U) + 1U, sizeof *description->values);
    if (!description->options || !description->values)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    for (i = 0; i < count && !reader->failed; i++)
        used += get_option(reader, &description->options[i], description->values + used);
    description->option_count = count;
    return ACSMTP_OK;
}

int wire_get_description(struct wire_reader *reader, struct wire_description *description,
                         struct acsmtp_error *err)
{
    int status;

    *description = (struct wire_description){0};
    description->version = wire_need_text(reader, ISOLATE_TEXT_MAX);
    description->summary = wire_need_text(reader, ISOLATE_TEXT_MAX);
    description->accepts = wire_get_u32(reader);
    description->has = wire_get_u32(reader);
    status = get_options(reader, description, err);
    return status == ACSMTP_OK ? wire_check(reader, "descriptor", err) : status;
}

void wire_description_release(struct wire_description *description)
{
    free(description->options);
    free(description->values);
    *description = (struct wire_description){0};
}
