/* SPDX-License-Identifier: MIT */
/*
 * From a row of an option table to what JSON Schema says about its values: what settings_value.c
 * would read, no less.
 */
#include "schema_private.h"
#include "settings_private.h"
#include <acsmtp/text.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int schema_option_needed(const struct acsmtp_option *option)
{
    return (option->flags & ACSMTP_REQUIRED) && !option->environment && !option->default_value;
}

/* ---- single values ---- */

static struct acsmtp_json *one_of(const char *const *values, struct acsmtp_error *err)
{
    struct acsmtp_json *made = acsmtp_json_new_object(err);
    struct acsmtp_json *list = acsmtp_json_new_array(err);

    for (; *values; values++)
        schema_add(list, acsmtp_json_new_string(*values, err), err);
    schema_put(made, "enum", list, err);
    return made;
}

static struct acsmtp_json *string_value(const struct acsmtp_option *option,
                                        struct acsmtp_error *err)
{
    if (option->flags & ACSMTP_SECRET)
        return schema_reference("secret", err);
    if (option->values && option->values[0])
        return one_of(option->values, err);
    return schema_reference(option->flags & ACSMTP_REQUIRED ? "words" : "text", err);
}

/* As check_range() of settings_value.c has it: both 0 mean any, and an upper end may be missing. */
static void put_range(struct acsmtp_json *schema, const struct acsmtp_option *option, int64_t unit,
                      struct acsmtp_error *err)
{
    if (!option->minimum && !option->maximum)
        return;
    schema_put_integer(schema, "minimum", (option->minimum + unit - 1) / unit, err);
    if (option->maximum >= option->minimum)
        schema_put_integer(schema, "maximum", option->maximum / unit, err);
}

/* A number that stands in quotes is a number, too; of its range a pattern knows little. */
static struct acsmtp_json *integer_value(const struct acsmtp_option *option,
                                         struct acsmtp_error *err)
{
    const char *digits = "-?[0-9]+";
    struct acsmtp_json *schema;

    if (option->minimum > 0)
        digits = "0*[1-9][0-9]*";
    else if (option->minimum == 0 && option->maximum > 0)
        digits = "-?0+|[0-9]+";
    schema = schema_fragment(err, "{'type': ['integer', 'string'], 'pattern': '^(%s)$'}", digits);
    put_range(schema, option, 1, err);
    return schema;
}

/* The range of a number without unit, which is of seconds; of the others only "more than none". */
static struct acsmtp_json *duration_value(const struct acsmtp_option *option,
                                          struct acsmtp_error *err)
{
    struct acsmtp_json *schema = schema_fragment(err, "{'allOf': [{'$ref': '#/$defs/duration'}]}");

    if (option->minimum > 0)
        schema_put_text(schema, "pattern", "[1-9]", err);
    put_range(schema, option, 1000, err);
    return schema;
}

static struct acsmtp_json *single_value(const struct acsmtp_option *option,
                                        struct acsmtp_error *err)
{
    switch (option->type) {
    case ACSMTP_STRING:
        return string_value(option, err);
    case ACSMTP_INTEGER:
        return integer_value(option, err);
    case ACSMTP_BOOLEAN:
        return schema_fragment(err, "{'type': ['boolean', 'string'], 'pattern': '^(true|false)$'}");
    case ACSMTP_DURATION:
        return duration_value(option, err);
    case ACSMTP_CHAIN:
        return schema_reference("chain", err);
    default: /* of a plugin for a later acsmtp */
        return acsmtp_json_new_object(err);
    }
}

static struct acsmtp_json *list_value(const struct acsmtp_option *option, struct acsmtp_error *err)
{
    struct acsmtp_json *list = schema_fragment(err, "{'type': 'array'}");

    schema_put(list, "items", single_value(option, err), err);
    schema_put_integer(list, "maxItems", SETTINGS_ITEMS_MAX, err);
    if (option->flags & ACSMTP_REQUIRED)
        schema_put_integer(list, "minItems", 1, err);
    return schema_either(single_value(option, err), list, err);
}

/* ---- what it says to people ---- */

static void put_description(struct acsmtp_json *schema, const struct acsmtp_option *option,
                            struct acsmtp_error *err)
{
    char *text = NULL;

    if (asprintf(&text, "%s%s%s%s", option->summary ? option->summary : "",
                 option->environment ? " Environment: " : "",
                 option->environment ? option->environment : "",
                 option->environment ? "." : "") < 0)
        text = NULL;
    if (!text || *text)
        schema_put_text(schema, "description", text, err);
    free(text);
}

/* In the type that a person would write. */
static void put_default(struct acsmtp_json *schema, const struct acsmtp_option *option,
                        struct acsmtp_error *err)
{
    const char *text = option->default_value;

    if (!text || (option->flags & ACSMTP_SECRET))
        return;
    if (option->type == ACSMTP_INTEGER)
        schema_put_integer(schema, "default", strtoll(text, NULL, 10), err);
    else if (option->type == ACSMTP_BOOLEAN)
        schema_put(schema, "default", acsmtp_json_new_boolean(strcmp(text, "true") == 0, err), err);
    else
        schema_put_text(schema, "default", text, err);
}

struct acsmtp_json *schema_option(const struct acsmtp_option *option, struct acsmtp_error *err)
{
    struct acsmtp_json *schema =
        option->flags & ACSMTP_LIST ? list_value(option, err) : single_value(option, err);

    put_description(schema, option, err);
    put_default(schema, option, err);
    return schema;
}
