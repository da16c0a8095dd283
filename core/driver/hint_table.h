/* SPDX-License-Identifier: MIT */
/*
 * The known failures as data: what a failure looks like, what is behind it, what proves it, what
 * ends it. acsmtp_hint(), acsmtp_explain(), `acsmtp explain` and `acsmtp doctor` read these rows
 * and nothing else; tests/system/test_cli_explain.py makes each of them happen.
 */
#ifndef HINT_TABLE_H
#define HINT_TABLE_H

#include <stddef.h>

/*
 * Of the first five members those that are set must fit; 0 and NULL say nothing. `words` is enough
 * by itself: what other tools, or a log, say of the same failure.
 */
struct hint {
    const char *name;  /* stable; NULL: `code` is the name */
    int status;        /* enum acsmtp_status */
    int server_code;   /* SMTP reply or HTTP status */
    const char *code;  /* err->code, or a word of the server's text or the message */
    const char *text;  /* a part of the server's text or the message, in any letter case */
    const char *words; /* texts as `text` is one, separated by '|' */

    const char *cause;    /* one or two sentences, likely causes in the order of practice */
    const char *evidence; /* where to look to be sure, or NULL */
    const char *command; /* a command that ends it; words in capitals are to be replaced; or NULL */
    int is_clock;        /* a clock that is wrong looks like this */
};

struct hint_table {
    const struct hint *rows;
    size_t count;
};

/* One family of failures a file. Within and among the tables the first row that fits counts: what
 * knows more stands before what knows less. */
extern const struct hint_table hint_smtp, hint_entra_application, hint_entra_sign_in, hint_vault,
    hint_azure, hint_local;

#define HINT_ROWS(list)                                                                            \
    {                                                                                              \
        .rows = (list), .count = sizeof(list) / sizeof((list)[0])                                  \
    }

/* The index-th row of all tables, NULL beyond the end. */
const struct hint *hint_row(size_t index);
const char *hint_name(const struct hint *row);

/* Whether `word` stands in the text with no letter, digit or dotted number at its ends. */
int hint_has_word(const char *text, const char *word);

/* Whether one of the row's `words` is in the text. */
int hint_has_words(const struct hint *row, const char *text);

/* The row of a failure, or NULL. */
struct acsmtp_error;
const struct hint *hint_find(const struct acsmtp_error *err);

#endif
