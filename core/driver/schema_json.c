/* SPDX-License-Identifier: MIT */
/* Making the JSON of the schema; see schema_private.h. */
#include "schema_private.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct acsmtp_json *schema_fragment(struct acsmtp_error *err, const char *format, ...)
{
    struct acsmtp_json *made = NULL;
    char *text = NULL;
    va_list args;

    va_start(args, format);
    if (vasprintf(&text, format, args) < 0)
        text = NULL;
    va_end(args);
    for (char *c = text; c && *c; c++)
        if (*c == '\'')
            *c = '"';
    if (text)
        made = acsmtp_json_parse(text, strlen(text), err);
    else
        (void)acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    free(text);
    return made;
}

struct acsmtp_json *schema_reference(const char *name, struct acsmtp_error *err)
{
    return schema_fragment(err, "{'$ref': '#/$defs/%s'}", name);
}

void schema_put(struct acsmtp_json *object, const char *key, struct acsmtp_json *value,
                struct acsmtp_error *err)
{
    (void)acsmtp_json_set(object, key, value, err);
}

void schema_put_text(struct acsmtp_json *object, const char *key, const char *text,
                     struct acsmtp_error *err)
{
    schema_put(object, key, acsmtp_json_new_string(text, err), err);
}

void schema_put_integer(struct acsmtp_json *object, const char *key, int64_t number,
                        struct acsmtp_error *err)
{
    schema_put(object, key, acsmtp_json_new_integer(number, err), err);
}

void schema_add(struct acsmtp_json *array, struct acsmtp_json *value, struct acsmtp_error *err)
{
    (void)acsmtp_json_append(array, value, err);
}

struct acsmtp_json *schema_either(struct acsmtp_json *first, struct acsmtp_json *second,
                                  struct acsmtp_error *err)
{
    struct acsmtp_json *made = acsmtp_json_new_object(err);
    struct acsmtp_json *choices = acsmtp_json_new_array(err);

    schema_add(choices, first, err);
    schema_add(choices, second, err);
    schema_put(made, "anyOf", choices, err);
    return made;
}
