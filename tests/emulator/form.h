/* SPDX-License-Identifier: MIT */
/* application/x-www-form-urlencoded, as it stands in a query string and in a token request. */
#ifndef EMULATOR_FORM_H
#define EMULATOR_FORM_H

#include <stdbool.h>
#include <stddef.h>

enum { FORM_MAXIMUM_FIELDS = 64 };

struct form_field {
    char *name;
    char *value;
};

struct form {
    struct form_field fields[FORM_MAXIMUM_FIELDS];
    size_t count;
};

/* -1 for a broken percent escape, an escaped NUL or too many fields; the form is then empty. */
int form_parse(struct form *form, const char *data, size_t length);
void form_release(struct form *form);
/* Borrowed; NULL when absent. */
const char *form_get(const struct form *form, const char *name);
bool form_repeats(const struct form *form, const char *name);
/* A NUL-terminated copy with escapes resolved, '+' to blank when `plus`; NULL when malformed. */
char *form_unescape(const char *data, size_t length, bool plus);
#endif
