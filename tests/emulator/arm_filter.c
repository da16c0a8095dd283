/* SPDX-License-Identifier: MIT */
/* A reader of filters from left to right; see arm_filter.h. */
#include "arm_filter.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static void skip_blanks(const char **at)
{
    while (**at == ' ') {
        (*at)++;
    }
}

/* A word that must be followed by a blank. */
static bool take_word(const char **at, const char *word)
{
    size_t length = strlen(word);
    if (strncasecmp(*at, word, length) != 0 || (*at)[length] != ' ') {
        return false;
    }
    *at += length;
    skip_blanks(at);
    return true;
}

static bool take_name(const char **at, struct arm_condition *condition)
{
    size_t length = 0;
    while (isalnum((unsigned char)(*at)[length]) || (length > 0 && (*at)[length] == '/')) {
        length++;
    }
    if (length == 0 || length >= sizeof(condition->name)) {
        return false;
    }
    memcpy(condition->name, *at, length);
    condition->name[length] = '\0';
    *at += length;
    return true;
}

static bool take_literal(const char **at, struct arm_condition *condition)
{
    size_t used = 0;
    if (**at != '\'') {
        return false;
    }
    const char *c = *at + 1;
    for (; *c != '\0' && (*c != '\'' || c[1] == '\''); c++) {
        if (used + 1 >= sizeof(condition->value)) {
            return false;
        }
        c += *c == '\'';
        condition->value[used++] = *c;
    }
    condition->value[used] = '\0';
    *at = c + 1;
    return *c == '\'';
}

static bool take_condition(const char **at, struct arm_condition *condition)
{
    *condition = (struct arm_condition){.function = false};
    if (!take_name(at, condition)) {
        return false;
    }
    if (**at == '(') {
        condition->function = true;
        (*at)++;
        if (**at != ')' && !take_literal(at, condition)) {
            return false;
        }
        return *(*at)++ == ')';
    }
    if (**at != ' ') {
        return false;
    }
    skip_blanks(at);
    return take_word(at, "eq") && take_literal(at, condition);
}

bool arm_filter_parse(const char *text, struct arm_filter *filter)
{
    *filter = (struct arm_filter){.count = 0};
    if (text == NULL) {
        return true;
    }
    const char *at = text;
    do {
        skip_blanks(&at);
        if (filter->count == ARM_FILTER_CONDITIONS ||
            !take_condition(&at, &filter->conditions[filter->count])) {
            return false;
        }
        filter->count++;
        skip_blanks(&at);
    } while (take_word(&at, "and"));
    return *at == '\0';
}

const char *arm_filter_value(const struct arm_filter *filter, const char *name)
{
    for (size_t i = 0; i < filter->count; i++) {
        if (strcasecmp(filter->conditions[i].name, name) == 0) {
            return filter->conditions[i].value;
        }
    }
    return NULL;
}

bool arm_filter_only(const struct arm_filter *filter, const char *const *names)
{
    for (size_t i = 0; i < filter->count; i++) {
        const char *const *name = names;
        while (*name != NULL && strcasecmp(*name, filter->conditions[i].name) != 0) {
            name++;
        }
        if (*name == NULL) {
            return false;
        }
    }
    return true;
}
