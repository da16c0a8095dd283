/* SPDX-License-Identifier: MIT */
/* Names as phrases, see sendmail_phrase.h. */
#include "sendmail_phrase.h"
#include <ctype.h>
#include <string.h>

#define WORD_BEGIN "=?utf-8?Q?"
#define WORD_END "?="

enum {
    WORD_MAX = 75 - (sizeof WORD_BEGIN - 1) - (sizeof WORD_END - 1), /* RFC 2047 section 2 */
    CODED_SIZE = 3                                                   /* "=C3" */
};

int sendmail_phrase_allowed(const char *name)
{
    for (; *name; name++)
        if ((unsigned char)*name < 0x20 || *name == 0x7f)
            return 0;
    return 1;
}

/* What may stand in an encoded word of a phrase as it is (RFC 2047 section 5, rule 3). */
static int is_plain(unsigned char c)
{
    return c < 0x80 && (isalnum(c) || strchr("!*+-/", c));
}

static int is_continuation(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* Bytes of the character that begins here. */
static size_t character(const char *at)
{
    size_t size = 1;

    while (size < 4 && is_continuation(at[size]))
        size++;
    return size;
}

static size_t coded_size(const char *at, size_t size)
{
    return size == 1 && (is_plain((unsigned char)*at) || *at == ' ') ? 1 : size * CODED_SIZE;
}

static void write_coded(FILE *out, const char *at, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)at[i];

        if (c == ' ')
            (void)fputc('_', out);
        else if (is_plain(c))
            (void)fputc(c, out);
        else
            (void)fprintf(out, "=%02X", c);
    }
}

/* No character is torn apart: each word is decoded by itself. */
static void write_encoded(FILE *out, const char *name)
{
    size_t used = 0;

    (void)fputs(WORD_BEGIN, out);
    while (*name) {
        size_t size = character(name), coded = coded_size(name, size);

        if (used + coded > WORD_MAX) {
            (void)fputs(WORD_END "\n " WORD_BEGIN, out);
            used = 0;
        }
        write_coded(out, name, size);
        used += coded;
        name += size;
    }
    (void)fputs(WORD_END, out);
}

static void write_quoted(FILE *out, const char *name)
{
    (void)fputc('"', out);
    for (; *name; name++) {
        if (*name == '"' || *name == '\\')
            (void)fputc('\\', out);
        (void)fputc(*name, out);
    }
    (void)fputc('"', out);
}

void sendmail_phrase_write(FILE *out, const char *name)
{
    int atoms = 1, ascii = 1;

    for (const char *at = name; *at; at++) {
        ascii &= (unsigned char)*at < 0x80;
        atoms &= isalnum((unsigned char)*at) || *at == ' ' || *at == '-' || *at == '_';
    }
    if (!ascii)
        write_encoded(out, name);
    else if (atoms)
        (void)fputs(name, out);
    else
        write_quoted(out, name);
}
