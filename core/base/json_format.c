/* SPDX-License-Identifier: MIT */
/*
 * JSON text from a document. json-c's own writer keeps the text in the document: two threads that
 * write the same one would race, and growing it leaves copies of secrets in freed memory. This one
 * measures first, then writes into a buffer of the right size.
 */
#include "json_private.h"
#include "utf8.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct output {
    char *text; /* NULL while measuring */
    size_t used;
    int pretty;
};

static void put(struct output *output, const char *bytes, size_t size)
{
    if (output->text)
        memcpy(output->text + output->used, bytes, size);
    output->used += size;
}

static void put_line(struct output *output, unsigned depth)
{
    if (!output->pretty)
        return;
    put(output, "\n", 1);
    while (depth-- > 0)
        put(output, "  ", 2);
}

static void put_character(struct output *output, char c)
{
    static const char names[] = "\bb\ff\nn\rr\tt\"\"\\\\";
    char escaped[8] = {'\\'};

    for (const char *name = names; *name; name += 2) {
        if (*name == c) {
            escaped[1] = name[1];
            put(output, escaped, 2);
            return;
        }
    }
    if ((unsigned char)c < 0x20)
        put(output, escaped, (size_t)snprintf(escaped, sizeof escaped, "\\u%04x", (unsigned)c));
    else
        put(output, &c, 1);
}

static void put_string(struct output *output, const char *text, size_t size)
{
    size_t step;

    put(output, "\"", 1);
    for (; size > 0; text += step, size -= step) {
        step = utf8_size(text, size);
        if (step == 1)
            put_character(output, *text);
        else if (step > 1)
            put(output, text, step);
        else
            put(output, "\xef\xbf\xbd", 3); /* U+FFFD: RFC 8259 knows UTF-8 only */
        step = step ? step : 1;
    }
    put(output, "\"", 1);
}

static void put_number(struct output *output, struct json_object *number)
{
    /* What json-c keeps of a parsed fraction is its text as it came. */
    const char *original = json_object_get_userdata(number);
    char text[32];
    int64_t value;

    if (original) {
        put(output, original, strlen(original));
        return;
    }
    value = json_object_get_int64(number);
    if (value == INT64_MAX)
        (void)snprintf(text, sizeof text, "%" PRIu64, json_object_get_uint64(number));
    else
        (void)snprintf(text, sizeof text, "%" PRId64, value);
    put(output, text, strlen(text));
}

static void put_value(struct output *output, struct json_object *value, unsigned depth);

static void put_array(struct output *output, struct json_object *array, unsigned depth)
{
    size_t count = json_object_array_length(array);

    put(output, "[", 1);
    for (size_t i = 0; i < count; i++) {
        put(output, ",", i > 0);
        put_line(output, depth + 1);
        put_value(output, json_object_array_get_idx(array, i), depth + 1);
    }
    if (count > 0)
        put_line(output, depth);
    put(output, "]", 1);
}

static void put_object(struct output *output, struct json_object *object, unsigned depth)
{
    int count = 0;

    put(output, "{", 1);
    json_object_object_foreach(object, key, value)
    {
        put(output, ",", count > 0);
        count = 1;
        put_line(output, depth + 1);
        put_string(output, key, strlen(key));
        put(output, ": ", output->pretty ? 2 : 1);
        put_value(output, value, depth + 1);
    }
    if (count > 0)
        put_line(output, depth);
    put(output, "}", 1);
}

static void put_value(struct output *output, struct json_object *value, unsigned depth)
{
    switch (json_object_get_type(value)) {
    case json_type_boolean:
        put(output, json_object_get_boolean(value) ? "true" : "false",
            json_object_get_boolean(value) ? 4 : 5);
        break;
    case json_type_double:
    case json_type_int:
        put_number(output, value);
        break;
    case json_type_string:
        put_string(output, json_object_get_string(value),
                   (size_t)json_object_get_string_len(value));
        break;
    case json_type_array:
        put_array(output, value, depth);
        break;
    case json_type_object:
        put_object(output, value, depth);
        break;
    default:
        put(output, "null", 4);
    }
}

static char *format(const struct acsmtp_json *json, int pretty)
{
    struct output output = {.pretty = pretty};

    put_value(&output, json_unwrap(json), 0);
    output.text = malloc(output.used + 1);
    if (!output.text)
        return NULL;
    output.used = 0;
    put_value(&output, json_unwrap(json), 0);
    output.text[output.used] = '\0';
    return output.text;
}

char *acsmtp_json_format(const struct acsmtp_json *json)
{
    return format(json, 0);
}

char *acsmtp_json_format_pretty(const struct acsmtp_json *json)
{
    return format(json, 1);
}
