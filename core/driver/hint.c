/* SPDX-License-Identifier: MIT */
/*
 * What people can do about a failure: the first row of the tables that fits it. A hint names the
 * likely causes in the order in which they occur in practice; it decides nothing.
 */
#include "hint_table.h"
#include <acsmtp/driver.h>
#include <stdio.h>
#include <string.h>

/* The login at the server first: what people meet most, and what Entra or a vault says is told
 * apart by codes of its own. */
static const struct hint_table *const tables[] = {&hint_smtp,          &hint_entra_application,
                                                  &hint_entra_sign_in, &hint_vault,
                                                  &hint_azure,         &hint_local};
enum { TABLES = sizeof tables / sizeof tables[0], WORDS_MAX = 128 };

const struct hint *hint_row(size_t index)
{
    size_t i;

    for (i = 0; i < TABLES; i++) {
        if (index < tables[i]->count)
            return &tables[i]->rows[index];
        index -= tables[i]->count;
    }
    return NULL;
}

const char *hint_name(const struct hint *row)
{
    return row->name ? row->name : row->code;
}

/* ---- words ---- */

static int is_word_letter(char letter)
{
    return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z') ||
           (letter >= 'A' && letter <= 'Z') || letter == '_';
}

/* "5.7.5" is no word of "5.7.54" nor of "15.7.5", but one of "550 5.7.5." */
int hint_has_word(const char *text, const char *word)
{
    size_t size = strlen(word);
    const char *at = text;

    while ((at = strstr(at, word))) {
        int begins = at == text || (!is_word_letter(at[-1]) && at[-1] != '.');
        int ends = !is_word_letter(at[size]) && !(at[size] == '.' && is_word_letter(at[size + 1]));

        if (begins && ends)
            return 1;
        at++;
    }
    return 0;
}

/* A phrase of letters must not end within a longer word; "curl: (6)" ends as it likes. */
static int has_phrase(const char *text, const char *phrase)
{
    size_t size = strlen(phrase);
    const char *at = text;

    while ((at = strcasestr(at, phrase))) {
        int begins = at == text || !is_word_letter(phrase[0]) || !is_word_letter(at[-1]);
        int ends = !is_word_letter(phrase[size - 1]) || !is_word_letter(at[size]);

        if (begins && ends)
            return 1;
        at++;
    }
    return 0;
}

int hint_has_words(const struct hint *row, const char *text)
{
    const char *next = row->words;
    char phrase[WORDS_MAX];

    while (next && *next) {
        size_t size = strcspn(next, "|");

        (void)snprintf(phrase, sizeof phrase, "%.*s", (int)size, next);
        if (size && has_phrase(text, phrase))
            return 1;
        next += size + (next[size] == '|');
    }
    return 0;
}

/* ---- rows ---- */

/* Names of failures like "dns" and "tls" are codes of ours; in a text they are just words. */
static int has_code(const struct acsmtp_error *err, const char *code)
{
    int looked_for_in_text = strpbrk(code, "0123456789") || (code[0] >= 'A' && code[0] <= 'Z');

    if (strcmp(err->code, code) == 0)
        return 1;
    return looked_for_in_text &&
           (hint_has_word(err->server_text, code) || hint_has_word(err->message, code));
}

static int fits(const struct hint *row, const struct acsmtp_error *err)
{
    if (!row->server_code && !row->code && !row->text)
        return 0;
    return (!row->status || row->status == err->status) &&
           (!row->server_code || row->server_code == err->server_code) &&
           (!row->code || has_code(err, row->code)) &&
           (!row->text || strcasestr(err->server_text, row->text) ||
            strcasestr(err->message, row->text));
}

const struct hint *hint_find(const struct acsmtp_error *err)
{
    const struct hint *row;
    size_t i;

    for (i = 0; (row = hint_row(i)); i++)
        if (fits(row, err))
            return row;
    for (i = 0; (row = hint_row(i)); i++)
        if (hint_has_words(row, err->server_text) || hint_has_words(row, err->message))
            return row;
    return NULL;
}

const char *acsmtp_hint(const struct acsmtp_error *err)
{
    const struct hint *row;

    if (!err || err->size < sizeof *err || err->status == ACSMTP_OK)
        return NULL;
    row = hint_find(err);
    return row ? row->cause : NULL;
}
