/* SPDX-License-Identifier: MIT */
/* Form decoding, strict about escapes; see form.h. */
#include "form.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static int hex(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

char *form_unescape(const char *data, size_t length, bool plus)
{
    char *out = malloc(length + 1);
    if (out == NULL) {
        return NULL;
    }
    size_t used = 0;
    for (size_t i = 0; i < length; i++) {
        char c = data[i];
        if (c == '%') {
            int high = i + 2 < length ? hex(data[i + 1]) : -1;
            int low = i + 2 < length ? hex(data[i + 2]) : -1;
            c = '\0';
            if (high >= 0 && low >= 0) {
                c = (char)(unsigned char)(high << 4 | low);
            }
            i += 2;
        } else if (c == '+' && plus) {
            c = ' ';
        }
        if (c == '\0') {
            free(out);
            return NULL;
        }
        out[used++] = c;
    }
    out[used] = '\0';
    return out;
}

static int add(struct form *form, const char *data, size_t length)
{
    if (length == 0) {
        return 0;
    }
    if (form->count == FORM_MAXIMUM_FIELDS) {
        return -1;
    }
    const char *equals = memchr(data, '=', length);
    size_t name_length = equals == NULL ? length : (size_t)(equals - data);
    const char *value = equals == NULL ? data + length : equals + 1;
    struct form_field *field = &form->fields[form->count++];
    field->name = form_unescape(data, name_length, true);
    field->value = form_unescape(value, (size_t)(data + length - value), true);
    return field->name == NULL || field->value == NULL ? -1 : 0;
}

int form_parse(struct form *form, const char *data, size_t length)
{
    *form = (struct form){.count = 0};
    size_t start = 0;
    while (start <= length && length > 0) {
        const char *end = memchr(data + start, '&', length - start);
        size_t stop = end == NULL ? length : (size_t)(end - data);
        if (add(form, data + start, stop - start) != 0) {
            form_release(form);
            return -1;
        }
        start = stop + 1;
    }
    return 0;
}

void form_release(struct form *form)
{
    for (size_t i = 0; i < form->count; i++) {
        free(form->fields[i].name);
        free(form->fields[i].value);
    }
    form->count = 0;
}

const char *form_get(const struct form *form, const char *name)
{
    for (size_t i = 0; i < form->count; i++) {
        if (strcmp(form->fields[i].name, name) == 0) {
            return form->fields[i].value;
        }
    }
    return NULL;
}

bool form_repeats(const struct form *form, const char *name)
{
    size_t seen = 0;
    for (size_t i = 0; i < form->count; i++) {
        seen += strcmp(form->fields[i].name, name) == 0;
    }
    return seen > 1;
}
