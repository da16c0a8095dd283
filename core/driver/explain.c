/* SPDX-License-Identifier: MIT */
/*
 * From a text of any program to a row of the tables of known failures. A text tells no status: rows
 * that need one are found by their `words` alone. Numbers count where a reply has them.
 */
#include "hint_table.h"
#include <acsmtp/driver.h>
#include <acsmtp/text.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { CODE_MAX = 63, CODES_MAX = 256 };

/* ---- what a line says ---- */

static int ends_reply_code(char next)
{
    return next == ' ' || next == '-' || next == ':' || next == ',' || next == '\0' || next == '\r';
}

/* The first number of a line that can be an SMTP reply's: "535 5.7.3", "550-...",
 * "=> 535", "(535, b'...')"; 0. */
static int reply_code(const char *text)
{
    const char *at;

    for (at = text; *at; at++) {
        if (at > text && (isalnum((unsigned char)at[-1]) || strchr("._-:/", at[-1])))
            continue;
        if ((at[0] == '4' || at[0] == '5') && isdigit((unsigned char)at[1]) &&
            isdigit((unsigned char)at[2]) && ends_reply_code(at[3]))
            return (int)strtol(at, NULL, 10);
    }
    return 0;
}

/* A code of ours says nothing in a text; those of others have digits or begin with a capital. */
static int is_foreign(const char *code)
{
    return strpbrk(code, "0123456789") || isupper((unsigned char)code[0]);
}

static int fits_text(const struct hint *row, const char *text, int number)
{
    if (row->status || (!row->server_code && !row->code && !row->text))
        return 0;
    if (row->code && !(is_foreign(row->code) && hint_has_word(text, row->code)))
        return 0;
    return (!row->server_code || row->server_code == number) &&
           (!row->text || strcasestr(text, row->text));
}

static const struct hint *find(const char *text)
{
    int number = reply_code(text);
    const struct hint *row;
    size_t i;

    for (i = 0; (row = hint_row(i)); i++)
        if (strcmp(text, hint_name(row)) == 0)
            return row;
    for (i = 0; (row = hint_row(i)); i++)
        if (fits_text(row, text, number))
            return row;
    for (i = 0; (row = hint_row(i)); i++)
        if (hint_has_words(row, text))
            return row;
    return NULL;
}

/* ---- for programs ---- */

static int describe(const struct hint *row, struct acsmtp_explanation *explanation)
{
    struct acsmtp_explanation full = {
        .name = hint_name(row),
        .cause = row->cause,
        .evidence = row->evidence,
        .command = row->command,
        .server_code = row->server_code,
        .code = row->code,
        .text = row->text,
        .words = row->words,
    };
    uint32_t size = explanation->size;

    full.size = size;
    memcpy(explanation, &full, size < sizeof full ? size : sizeof full);
    return 1;
}

int acsmtp_explain(const char *text, struct acsmtp_explanation *explanation)
{
    const struct hint *row = text && *text ? find(text) : NULL;

    return row ? describe(row, explanation) : 0;
}

int acsmtp_explanation(size_t index, struct acsmtp_explanation *explanation)
{
    const struct hint *row = hint_row(index);

    return row ? describe(row, explanation) : 0;
}

/* ---- did you mean ---- */

/* A code that means something by itself; "LOGIN" does only beside a 535. */
static const char *code_of(const struct hint *row)
{
    const char *code = row->code ? row->code : row->name;

    return is_foreign(code) && !row->server_code && !row->text && !row->status ? code : NULL;
}

static size_t known_codes(const char *codes[CODES_MAX])
{
    const struct hint *row;
    size_t count = 0;
    size_t i;

    for (i = 0; (row = hint_row(i)) && count < CODES_MAX; i++)
        if (code_of(row))
            codes[count++] = code_of(row);
    return count;
}

static int is_code_letter(char letter)
{
    return isalnum((unsigned char)letter) || letter == '.' || letter == '_';
}

/* Words of a sentence are no codes: a code has a digit, or a capital within. */
static int looks_like_code(const char *word)
{
    size_t i;

    if (strlen(word) < 5)
        return 0;
    for (i = 0; word[i]; i++)
        if (isdigit((unsigned char)word[i]) || (i > 0 && isupper((unsigned char)word[i])))
            return 1;
    return 0;
}

const char *acsmtp_explain_nearest(const char *text)
{
    const char *codes[CODES_MAX];
    size_t count = known_codes(codes);
    char word[CODE_MAX + 1];

    while (*text) {
        size_t size = 0;
        const char *nearest;

        while (*text && !is_code_letter(*text))
            text++;
        while (is_code_letter(text[size]))
            size++;
        if (size > 0 && size <= CODE_MAX) {
            memcpy(word, text, size);
            word[size] = '\0';
            nearest = looks_like_code(word) ? acsmtp_suggest(word, codes, count) : NULL;
            if (nearest)
                return nearest;
        }
        text += size;
    }
    return NULL;
}
