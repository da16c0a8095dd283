/* SPDX-License-Identifier: MIT */
/* Parsers for addresses, paths and ESMTP parameters; see smtp_syntax.h. */
#include "smtp_syntax.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static bool is_high(char c)
{
    return (unsigned char)c >= 0x80;
}

static bool is_atext(char c)
{
    return isalnum((unsigned char)c) || is_high(c) ||
           (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

/* The well-formed sequences of Unicode, table 3-7: neither overlong nor a surrogate. */
static const struct {
    unsigned char first_low, first_high, second_low, second_high;
    size_t length;
} UTF8_FORMS[] = {
    {0x00, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
    {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
    {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
};

/* The length of the sequence at text, 0 when it is not well-formed. */
static size_t utf8_sequence(const unsigned char *text, size_t left)
{
    size_t form = 0;
    const size_t forms = sizeof(UTF8_FORMS) / sizeof(UTF8_FORMS[0]);
    while (form < forms &&
           (text[0] < UTF8_FORMS[form].first_low || text[0] > UTF8_FORMS[form].first_high)) {
        form++;
    }
    size_t length = form == forms ? 0 : UTF8_FORMS[form].length;
    if (length < 2) {
        return length;
    }
    if (length > left || text[1] < UTF8_FORMS[form].second_low ||
        text[1] > UTF8_FORMS[form].second_high) {
        return 0;
    }
    for (size_t i = 2; i < length; i++) {
        if ((text[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return length;
}

bool syntax_is_utf8(const char *text, size_t length)
{
    size_t at = 0;
    while (at < length) {
        size_t sequence = utf8_sequence((const unsigned char *)text + at, length - at);
        if (sequence == 0) {
            return false;
        }
        at += sequence;
    }
    return true;
}

static size_t dot_string(const char *text)
{
    size_t i = 0;
    for (;;) {
        size_t start = i;
        while (is_atext(text[i])) {
            i++;
        }
        if (i == start) {
            return 0;
        }
        if (text[i] != '.') {
            return i;
        }
        i++;
    }
}

static size_t quoted_string(const char *text)
{
    size_t i = 1;
    while (text[i] != '"') {
        if (text[i] == '\\') {
            i++;
        }
        if ((text[i] < ' ' && !is_high(text[i])) || text[i] == 0x7f) {
            return 0; /* the end of the line included */
        }
        i++;
    }
    return i + 1;
}

static size_t domain_name(const char *text)
{
    size_t i = 0;
    for (;;) {
        size_t start = i;
        while (isalnum((unsigned char)text[i]) || is_high(text[i]) || text[i] == '-') {
            i++;
        }
        if (i == start || i - start > 63 || text[start] == '-' || text[i - 1] == '-') {
            return 0;
        }
        if (text[i] != '.') {
            return i;
        }
        i++;
    }
}

static size_t address_literal(const char *text)
{
    size_t i = 1;
    while (isalnum((unsigned char)text[i]) || text[i] == '.' || text[i] == ':') {
        i++;
    }
    return i > 2 && text[i] == ']' ? i + 1 : 0;
}

static size_t domain(const char *text)
{
    return text[0] == '[' ? address_literal(text) : domain_name(text);
}

bool syntax_ehlo_name(const char *name)
{
    size_t length = domain(name);
    for (size_t i = 0; i < length; i++) {
        if (is_high(name[i])) {
            return false;
        }
    }
    return length > 0 && length <= SYNTAX_DOMAIN && name[length] == '\0';
}

/* The length of the mailbox, 0 when there is none. */
static size_t mailbox(const char *text)
{
    size_t local = text[0] == '"' ? quoted_string(text) : dot_string(text);
    if (local == 0 || local > SYNTAX_LOCAL_PART) {
        return 0;
    }
    if (text[local] != '@') {
        /* The one mailbox that needs no domain. */
        return local == 10 && strncasecmp(text, "postmaster", local) == 0 ? local : 0;
    }
    size_t right = domain(text + local + 1);
    return right == 0 || right > SYNTAX_DOMAIN ? 0 : local + 1 + right;
}

static size_t parse_path(const char *text, bool null_allowed, struct syntax_path *path)
{
    if (text[0] != '<') {
        return 0;
    }
    size_t length = 0;
    if (text[1] != '>' || !null_allowed) {
        length = mailbox(text + 1);
        if (length == 0 || length + 2 > SYNTAX_PATH || text[length + 1] != '>') {
            return 0;
        }
    }
    memcpy(path->address, text + 1, length);
    path->address[length] = '\0';
    for (size_t i = 0; i < length; i++) {
        path->utf8 = path->utf8 || is_high(path->address[i]);
    }
    return !path->utf8 || syntax_is_utf8(path->address, length) ? length + 2 : 0;
}

static size_t parse_parameter(const char *text, struct syntax_parameter *parameter)
{
    size_t i = 0;
    while (isalnum((unsigned char)text[i]) || (i > 0 && text[i] == '-')) {
        if (i + 1 == sizeof(parameter->keyword)) {
            return 0;
        }
        parameter->keyword[i] = (char)toupper((unsigned char)text[i]);
        i++;
    }
    parameter->keyword[i] = '\0';
    if (i == 0 || text[i] != '=') {
        return i;
    }
    i++;
    parameter->value = text + i;
    while ((text[i] > ' ' && text[i] != '=' && text[i] != 0x7f) || is_high(text[i])) {
        i++;
    }
    parameter->length = (size_t)(text + i - parameter->value);
    return parameter->length > 0 ? i : 0;
}

static bool parse_parameters(const char *text, struct syntax_parameters *parameters)
{
    while (*text != '\0') {
        if (*text != ' ' || parameters->count == SYNTAX_PARAMETERS) {
            return false;
        }
        struct syntax_parameter *parameter = &parameters->list[parameters->count];
        size_t length = parse_parameter(text + 1, parameter);
        if (length == 0) {
            return false;
        }
        for (size_t i = 0; i < parameters->count; i++) {
            if (strcmp(parameters->list[i].keyword, parameter->keyword) == 0) {
                return false;
            }
        }
        parameters->count++;
        text += length + 1;
    }
    return true;
}

bool syntax_envelope(const char *argument, const char *prefix, bool null_allowed,
                     struct syntax_envelope *envelope)
{
    *envelope = (struct syntax_envelope){.path = {.address = ""}};
    size_t length = strlen(prefix);
    if (strncasecmp(argument, prefix, length) != 0) {
        return false;
    }
    size_t path = parse_path(argument + length, null_allowed, &envelope->path);
    return path > 0 && parse_parameters(argument + length + path, &envelope->parameters);
}

bool syntax_is_xtext(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '+') {
            if (length - i < 3 || !isxdigit((unsigned char)text[i + 1]) ||
                !isxdigit((unsigned char)text[i + 2]) || islower((unsigned char)text[i + 1]) ||
                islower((unsigned char)text[i + 2])) {
                return false;
            }
            i += 2;
        } else if (text[i] < '!' || text[i] > '~' || text[i] == '=') {
            return false;
        }
    }
    return length > 0;
}

int64_t syntax_number(const char *text, size_t length)
{
    int64_t number = 0;
    if (length == 0 || length > 18) {
        return -1;
    }
    for (size_t i = 0; i < length; i++) {
        if (!isdigit((unsigned char)text[i])) {
            return -1;
        }
        number = number * 10 + (text[i] - '0');
    }
    return number;
}

bool syntax_is_notify(const char *text, size_t length)
{
    static const char *const words[] = {"SUCCESS", "FAILURE", "DELAY"};
    if (length == 5 && strncasecmp(text, "NEVER", 5) == 0) {
        return true;
    }
    size_t at = 0;
    while (at <= length) {
        const char *comma = memchr(text + at, ',', length - at);
        size_t word = comma == NULL ? length - at : (size_t)(comma - text) - at;
        bool known = false;
        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
            known =
                known || (strlen(words[i]) == word && strncasecmp(text + at, words[i], word) == 0);
        }
        if (!known) {
            return false;
        }
        at += word + 1;
    }
    return true;
}
