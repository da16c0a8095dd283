/* SPDX-License-Identifier: MIT */
/*
 * Single values: from JSON or from the text of an environment variable or a default to what the
 * option's type says, with range and allowed values. Every message says what would be right.
 */
#include "settings_private.h"
#include <acsmtp/text.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A value may be long and may hold anything; a message shows the beginning of it. */
#define SHOWN "%.60s"

int setting_add_item(struct setting *setting, const char *text, struct acsmtp_error *err)
{
    char **items = realloc(setting->items, (setting->item_count + 2) * sizeof *items);

    if (!items)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    setting->items = items;
    /* Ended by NULL, so that a command's items are its argv. */
    items[setting->item_count + 1] = NULL;
    items[setting->item_count] = strdup(text);
    if (!items[setting->item_count])
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    setting->item_count++;
    return ACSMTP_OK;
}

/* ---- texts ---- */

static int check_allowed(const struct setting_input *input, const struct acsmtp_option *option,
                         const char *text)
{
    char near[128], all[300];
    size_t count = 0;

    if (!option->values)
        return ACSMTP_OK;
    for (; option->values[count]; count++)
        if (strcmp(text, option->values[count]) == 0)
            return ACSMTP_OK;
    config_suggestion(text, option->values, count, near, sizeof near);
    config_join(option->values, count, all, sizeof all);
    return settings_fail(input, option->name, "option '%s' must be one of %s, not '" SHOWN "'%s",
                         option->name, all, text, near);
}

static int read_string(const struct setting_input *input, struct setting *setting, const char *text)
{
    const char *name = setting->option.name;
    int status;

    if (strlen(text) > SETTINGS_TEXT_MAX)
        return settings_fail(input, name, "option '%s' is longer than %d bytes", name,
                             SETTINGS_TEXT_MAX);
    if (!config_text_clean(text))
        return settings_fail(input, name,
                             "option '%s' holds a line break or another control "
                             "character",
                             name);
    if (!*text && (setting->option.flags & ACSMTP_REQUIRED))
        return settings_fail(input, name, "option '%s' is empty", name);
    status = check_allowed(input, &setting->option, text);
    return status == ACSMTP_OK ? setting_add_item(setting, text, input->err) : status;
}

/* ---- numbers ---- */

static int parse_integer(const char *text, int64_t *value)
{
    const char *digits = text + (*text == '-');
    char *end = NULL;

    if (*digits < '0' || *digits > '9')
        return 0;
    errno = 0;
    *value = strtoll(text, &end, 10);
    return errno == 0 && *end == '\0';
}

static int parse_boolean(const char *text, int64_t *value)
{
    *value = strcmp(text, "true") == 0;
    return *value || strcmp(text, "false") == 0;
}

/* A table that gives no sensible upper end (0, or below the lower one) means none. */
static int check_range(const struct setting_input *input, const struct acsmtp_option *option,
                       int64_t value)
{
    const char *unit = option->type == ACSMTP_DURATION ? " ms" : "";
    int bounded = option->maximum >= option->minimum;

    if (option->minimum == 0 && option->maximum == 0)
        return ACSMTP_OK;
    if (value >= option->minimum && (!bounded || value <= option->maximum))
        return ACSMTP_OK;
    if (!bounded)
        return settings_fail(input, option->name, "option '%s' must be at least %lld%s, not %lld%s",
                             option->name, (long long)option->minimum, unit, (long long)value,
                             unit);
    return settings_fail(input, option->name, "option '%s' must be %lld to %lld%s, not %lld%s",
                         option->name, (long long)option->minimum, (long long)option->maximum, unit,
                         (long long)value, unit);
}

static int read_number(const struct setting_input *input, struct setting *setting, const char *text)
{
    static const struct {
        int (*parse)(const char *text, int64_t *value);
        const char *wanted;
    } types[] = {
        [ACSMTP_INTEGER] = {parse_integer, "a whole number"},
        [ACSMTP_BOOLEAN] = {parse_boolean, "true or false"},
        [ACSMTP_DURATION] = {acsmtp_duration_parse,
                             "a time like \"250ms\", \"10s\", \"5m\", \"1h\" or a number of "
                             "seconds, at most a year"},
    };
    const struct acsmtp_option *option = &setting->option;

    if (!types[option->type].parse(text, &setting->number))
        return settings_fail(input, option->name, "option '%s' must be %s, not '" SHOWN "'",
                             option->name, types[option->type].wanted, text);
    if (option->type == ACSMTP_BOOLEAN)
        return ACSMTP_OK;
    return check_range(input, option, setting->number);
}

/* ---- chains ---- */

static int read_chain(const struct setting_input *input, struct setting *setting,
                      const struct acsmtp_json *value)
{
    const char *name = setting->option.name;
    size_t length = acsmtp_json_length(value), i;

    if (length == 0 || length > SETTINGS_ITEMS_MAX)
        return settings_fail(input, name, "option '%s' must be a list of credentials, not empty",
                             name);
    for (i = 0; i < length; i++) {
        const struct acsmtp_json *item = acsmtp_json_item(value, i);

        if (!acsmtp_json_text(item) && !acsmtp_json_string(item, "plugin"))
            return settings_fail(input, name,
                                 "element %zu of option '%s' must be a plugin's name or an object "
                                 "with \"plugin\"",
                                 i, name);
    }
    if (asprintf(&setting->path, "%s.%s", input->path ? input->path : "", name) < 0)
        setting->path = NULL;
    setting->entries = setting->path ? acsmtp_json_dup(value, input->err) : NULL;
    return setting->entries ? ACSMTP_OK : acsmtp_fail(input->err, ACSMTP_SYSTEM, "out of memory");
}

static struct acsmtp_json *optional_entry(const char *name, struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *entry = acsmtp_json_new_object(err);

    if (!entry ||
        acsmtp_json_set(entry, "plugin", acsmtp_json_new_string(name, err), err) != ACSMTP_OK ||
        acsmtp_json_set(entry, "optional", acsmtp_json_new_boolean(1, err), err) != ACSMTP_OK)
        return NULL;
    return ACSMTP_STEAL(struct acsmtp_json, entry);
}

static int add_name(struct acsmtp_json *names, const char *text, size_t size,
                    struct acsmtp_error *err)
{
    int is_optional = text[size - 1] == '?';
    char *name = strndup(text, size - (size_t)is_optional);
    struct acsmtp_json *entry;
    int status;

    if (!name)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    entry = is_optional ? optional_entry(name, err) : acsmtp_json_new_string(name, err);
    status = acsmtp_json_append(names, entry, err);
    free(name);
    return status;
}

/* "imds,azcli?" in a default or a variable; the question mark stands for "optional": true. */
static int read_chain_text(const struct setting_input *input, struct setting *setting,
                           const char *text)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *names = acsmtp_json_new_array(input->err);
    int status = names ? ACSMTP_OK : ACSMTP_SYSTEM;

    while (*text && status == ACSMTP_OK) {
        size_t size = strcspn(text, ",");

        if (size > 0)
            status = add_name(names, text, size, input->err);
        text += size + (text[size] == ',');
    }
    return status == ACSMTP_OK ? read_chain(input, setting, names) : status;
}

/* ---- any value ---- */

int settings_read_text(const struct setting_input *input, struct setting *setting, const char *text)
{
    switch (setting->option.type) {
    case ACSMTP_STRING:
        return read_string(input, setting, text);
    case ACSMTP_INTEGER:
    case ACSMTP_BOOLEAN:
    case ACSMTP_DURATION:
        return read_number(input, setting, text);
    case ACSMTP_CHAIN:
        return read_chain_text(input, setting, text);
    default:
        return acsmtp_fail(input->err, ACSMTP_SYSTEM,
                           "%s: option '%s' is of a type that this acsmtp does not know",
                           input->label, setting->option.name);
    }
}

/* --set tenant_id=1234 is meant as text, although it reads as a number; so are a caller's words. */
static int may_be_text(const struct setting_input *input, const struct setting *setting)
{
    char path[1024];

    if (!input->path)
        return 1;
    (void)snprintf(path, sizeof path, "%s.%s", input->path, setting->option.name);
    return config_set_of(input->config, path) != NULL;
}

static int read_scalar(const struct setting_input *input, struct setting *setting,
                       const struct acsmtp_json *value)
{
    const char *name = setting->option.name;
    int type = acsmtp_json_type(value);
    int textual = setting->option.type == ACSMTP_STRING;
    CONFIG_AUTO_FREE char *plain = NULL;
    const char *text = acsmtp_json_text(value);

    if (!text && type == ACSMTP_JSON_STRING)
        return settings_fail(input, name, "option '%s' holds a NUL character", name);
    if (!text && (type == ACSMTP_JSON_NUMBER || type == ACSMTP_JSON_BOOLEAN) &&
        (!textual || may_be_text(input, setting)))
        plain = acsmtp_json_format(value);
    if (plain)
        text = plain;
    if (text)
        return settings_read_text(input, setting, text);
    if (textual)
        return settings_fail(input, name, "option '%s' must be a text in quotes", name);
    return settings_fail(input, name, "option '%s' must be one value, not a list or an object",
                         name);
}

int settings_read_json(const struct setting_input *input, struct setting *setting,
                       const struct acsmtp_json *value)
{
    size_t length = acsmtp_json_length(value), i;
    int status = ACSMTP_OK;

    if (setting->option.type == ACSMTP_CHAIN)
        return acsmtp_json_text(value) ? read_chain_text(input, setting, acsmtp_json_text(value))
                                       : read_chain(input, setting, value);
    if (!(setting->option.flags & ACSMTP_LIST) || acsmtp_json_type(value) != ACSMTP_JSON_ARRAY)
        return read_scalar(input, setting, value);
    if (length > SETTINGS_ITEMS_MAX)
        return settings_fail(input, setting->option.name, "option '%s' has more than %d elements",
                             setting->option.name, SETTINGS_ITEMS_MAX);
    for (i = 0; status == ACSMTP_OK && i < length; i++)
        status = read_scalar(input, setting, acsmtp_json_item(value, i));
    if (status == ACSMTP_OK && length == 0 && (setting->option.flags & ACSMTP_REQUIRED))
        return settings_fail(input, setting->option.name, "option '%s' is an empty list",
                             setting->option.name);
    return status;
}
