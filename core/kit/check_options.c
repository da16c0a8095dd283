/* SPDX-License-Identifier: MIT */
/* The option table, row by row: what the host refuses, and what it cannot use. */
#include "checks.h"
#include "driver/config_private.h"
#include "driver/settings_build.h"
#include "values.h"
#include "verdict.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* Rows of the descriptor as the plugin has it, each of full size; the host may refuse the table. */
static int row_at(const struct acsmtp_plugin *raw, size_t index, struct acsmtp_option *row)
{
    size_t stride = raw->option_size;

    if (index >= raw->option_count || !raw->options)
        return 0;
    *row = (struct acsmtp_option){0};
    memcpy(row, (const char *)raw->options + index * stride,
           stride < sizeof *row ? stride : sizeof *row);
    return 1;
}

static const struct acsmtp_plugin *table_of(struct subject *subject)
{
    enum { ROWS_MAX = 256, STRIDE_MAX = 4096 };
    const struct acsmtp_plugin *raw;

    if (subject_load(subject) != 0)
        return NULL;
    raw = subject->raw;
    if (!raw || raw->magic != ACSMTP_ABI_MAGIC ||
        raw->size < offsetof(struct acsmtp_plugin, credential)) {
        (void)verdict_skip("its descriptor cannot be read, see descriptor.abi");
        return NULL;
    }
    if (raw->option_count &&
        (!raw->options || raw->option_count > ROWS_MAX || raw->option_size > STRIDE_MAX ||
         raw->option_size < offsetof(struct acsmtp_option, minimum))) {
        (void)verdict_fail(RULE_STRUCT_SIZE,
                           "the option table has %u rows of %u bytes; use "
                           "ACSMTP_PLUGIN_OPTIONS()",
                           (unsigned)raw->option_count, (unsigned)raw->option_size);
        return NULL;
    }
    return raw;
}

static int is_name(const char *name)
{
    return name && name[0] >= 'a' && name[0] <= 'z' && strlen(name) <= 64 &&
           name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0';
}

static int is_sentence(const char *text)
{
    size_t length = text ? strlen(text) : 0;

    for (size_t i = 0; i < length; i++)
        if (iscntrl((unsigned char)text[i]))
            return 0;
    return length > 0 && !isspace((unsigned char)text[0]) &&
           !isspace((unsigned char)text[length - 1]);
}

static int stands_before(const struct acsmtp_plugin *raw, size_t index, const char *name)
{
    struct acsmtp_option row;

    for (size_t i = 0; i < index && row_at(raw, i, &row); i++)
        if (strcmp(row.name, name) == 0)
            return 1;
    return 0;
}

static int check_row(const struct acsmtp_plugin *raw, size_t index, const struct acsmtp_option *row)
{
    if (!is_name(row->name))
        return verdict_fail(RULE_OPTION_NAME, "row %zu is called '%.80s'", index,
                            row->name ? row->name : "");
    if (stands_before(raw, index, row->name))
        return verdict_fail(RULE_OPTION_TABLE, "option '%s' stands twice", row->name);
    if (row->type < ACSMTP_STRING || row->type > ACSMTP_CHAIN)
        return verdict_fail(RULE_OPTION_TABLE, "option '%s' has type %d", row->name,
                            (int)row->type);
    if ((row->flags & ACSMTP_SECRET) && row->type != ACSMTP_STRING)
        return verdict_fail(RULE_OPTION_SECRET, "option '%s' is a secret and no string", row->name);
    if (!is_sentence(row->summary))
        return verdict_fail(RULE_OPTION_SUMMARY, "option '%s' has no summary of one line",
                            row->name);
    return 0;
}

void check_option_rows(struct subject *subject)
{
    const struct acsmtp_plugin *raw = table_of(subject);
    struct acsmtp_option row;

    for (size_t i = 0; raw && row_at(raw, i, &row); i++)
        if (check_row(raw, i, &row) != 0)
            return;
}

/* ---- defaults: read by the host, one option at a time ---- */

/* A config with one entry that says nothing. NULL when memory fails. */
static struct config *empty_config(struct acsmtp_error *err)
{
    static const char text[] = "{\"profiles\":{\"kit\":{\"credentials\":[{\"plugin\":\"kit\"}]}}}";
    const struct acsmtp_driver_options none = {.size = sizeof none};
    struct config *config = config_new(err);
    struct config_file file = {0};

    if (!config)
        return NULL;
    file.path = strdup("(check)");
    file.text = acsmtp_secret_new(text, sizeof text - 1, err);
    if (config_add(config, &file, err) == ACSMTP_OK &&
        config_finish(config, &none, err) == ACSMTP_OK)
        return config;
    config_free(config);
    return NULL;
}

static void check_default(const struct acsmtp_plugin *plugin, const struct acsmtp_option *option)
{
    static const char path[] = "profiles.kit.credentials.0";
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct acsmtp_plugin single = *plugin;
    struct acsmtp_settings *settings = NULL;
    struct config *config = empty_config(&err);

    single.options = option;
    single.option_count = 1;
    if (config && settings_build(config, path, config_at(config_root(config), path), &single,
                                 &settings, &err) != ACSMTP_OK)
        (void)verdict_fail(RULE_OPTION_DEFAULT, "the default of option '%s' is refused: %s",
                           option->name, err.message);
    settings_free(settings);
    config_free(config);
}

void check_option_defaults(struct subject *subject)
{
    if (subject_take(subject) != 0)
        return;
    for (size_t i = 0; i < subject->plugin->option_count; i++)
        if (subject->plugin->options[i].default_value)
            check_default(subject->plugin, &subject->plugin->options[i]);
}

/* ---- limits ---- */

static int is_variable(const char *name)
{
    return (isupper((unsigned char)name[0]) || name[0] == '_') &&
           name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_")] ==
               '\0';
}

static int check_values(const struct acsmtp_option *row)
{
    if (row->type != ACSMTP_STRING)
        return verdict_fail(RULE_OPTION_VALUES, "option '%s' has allowed values and is no string",
                            row->name);
    if (!row->values[0])
        return verdict_fail(RULE_OPTION_VALUES, "option '%s' allows no value at all", row->name);
    for (size_t i = 0; row->values[i]; i++)
        if (!is_sentence(row->values[i]))
            return verdict_fail(RULE_OPTION_VALUES, "an allowed value of option '%s' is empty",
                                row->name);
    return 0;
}

static int check_limits(const struct acsmtp_option *row)
{
    int is_number = row->type == ACSMTP_INTEGER || row->type == ACSMTP_DURATION;

    if (row->environment && !is_variable(row->environment))
        return verdict_fail(RULE_OPTION_ENVIRONMENT, "option '%s' has the variable '%s'", row->name,
                            row->environment);
    if ((row->minimum || row->maximum) && !is_number)
        return verdict_fail(RULE_OPTION_RANGE, "option '%s' has a range and is no number",
                            row->name);
    if (row->maximum && row->minimum > row->maximum) /* 0 is no upper end */
        return verdict_fail(RULE_OPTION_RANGE, "option '%s' has a range without values", row->name);
    return row->values ? check_values(row) : 0;
}

void check_option_limits(struct subject *subject)
{
    const struct acsmtp_plugin *raw = table_of(subject);
    struct acsmtp_option row;

    for (size_t i = 0; raw && row_at(raw, i, &row); i++)
        if (row.name && check_limits(&row) != 0)
            return;
}
