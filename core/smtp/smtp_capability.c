/* SPDX-License-Identifier: MIT */
/*
 * The reply to EHLO as a list of keywords and parameters, both compared without regard to case (RFC
 * 5321 section 2.4).
 */
#include "smtp_capability.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct {
    const char *keyword;
    unsigned extension;
} known[] = {
    {"PIPELINING", SMTP_PIPELINING}, {"SIZE", SMTP_SIZE}, {"8BITMIME", SMTP_8BITMIME},
    {"SMTPUTF8", SMTP_UTF8},         {"DSN", SMTP_DSN},
};

static void append(struct smtp_capabilities *capabilities, const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)bytes[i];

        capabilities->text[capabilities->size++] = (char)(c < 0x20 || c == 0x7f ? ' ' : c);
    }
    capabilities->text[capabilities->size++] = '\0';
}

/* One line behind its code. Servers of the 1990s wrote "AUTH=LOGIN". */
static void add_line(struct smtp_capabilities *capabilities, const char *line, size_t size)
{
    size_t keyword = 0;
    size_t parameters;

    while (keyword < size && line[keyword] != ' ' && line[keyword] != '=')
        keyword++;
    parameters = keyword;
    while (parameters < size && (line[parameters] == ' ' || line[parameters] == '='))
        parameters++;
    if (keyword == 0 || capabilities->size + size + 2 > sizeof capabilities->text)
        return;
    append(capabilities, line, keyword);
    append(capabilities, line + parameters, size - parameters);
}

/* RFC 1870: digits; 0 means no fixed limit. */
static int64_t parse_size(const char *parameters)
{
    size_t digits = parameters ? strspn(parameters, "0123456789") : 0;

    return digits > 0 && digits < 19 ? strtoll(parameters, NULL, 10) : 0;
}

void smtp_capabilities_parse(struct smtp_capabilities *capabilities, const char *ehlo, size_t size)
{
    int is_first = 1;

    capabilities->size = 0;
    capabilities->extensions = 0;
    while (size > 0) {
        const char *end = memchr(ehlo, '\n', size);
        size_t line = end ? (size_t)(end - ehlo) + 1 : size;
        size_t text = line;

        while (text > 0 && (ehlo[text - 1] == '\n' || ehlo[text - 1] == '\r'))
            text--;
        /* The first line is the server's name. */
        if (!is_first && text > 4)
            add_line(capabilities, ehlo + 4, text - 4);
        is_first = 0;
        ehlo += line;
        size -= line;
    }
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (smtp_capabilities_find(capabilities, known[i].keyword))
            capabilities->extensions |= known[i].extension;
    capabilities->size_limit = parse_size(smtp_capabilities_find(capabilities, "SIZE"));
}

static const char *next(const char *text)
{
    return text + strlen(text) + 1;
}

const char *smtp_capabilities_find(const struct smtp_capabilities *capabilities,
                                   const char *keyword)
{
    const char *end = capabilities->text + capabilities->size;

    for (const char *at = capabilities->text; at < end; at = next(next(at)))
        if (strcasecmp(at, keyword) == 0)
            return next(at);
    return NULL;
}

static int lists(const char *words, const char *word)
{
    size_t size = strlen(word);

    while (*words) {
        size_t length = strcspn(words, " ");

        if (length == size && strncasecmp(words, word, size) == 0)
            return 1;
        words += length;
        words += strspn(words, " ");
    }
    return 0;
}

int smtp_capabilities_has_mechanism(const struct smtp_capabilities *capabilities,
                                    const char *mechanism)
{
    const char *end = capabilities->text + capabilities->size;

    /* Some servers have both "AUTH LOGIN" and "AUTH=LOGIN PLAIN": all of them count. */
    for (const char *at = capabilities->text; at < end; at = next(next(at)))
        if (strcasecmp(at, "AUTH") == 0 && lists(next(at), mechanism))
            return 1;
    return 0;
}
