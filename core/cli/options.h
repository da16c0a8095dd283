/* SPDX-License-Identifier: MIT */
/*
 * The command line as tables: a row of a table is an option, and the same row is what getopt_long
 * is fed with, where the value goes, what the help text says and what a misspelt option is
 * compared with.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stddef.h>
#include <stdio.h>

enum option_type {
    OPTION_FLAG = 1, /* int: set to 1 */
    OPTION_COUNT,    /* int: one more each time */
    OPTION_TEXT,     /* const char *: the last one wins */
    OPTION_LIST,     /* struct text_list: all of them, in order */
    OPTION_DURATION, /* int64_t: milliseconds */
    OPTION_SWITCH,   /* struct text_list: "true", or what stands behind '=' */
    OPTION_SECRET    /* never taken: everybody can read a command line */
};

/* Borrowed texts in the order of the command line. */
struct text_list {
    const char **items;
    size_t count;
};
int text_list_add(struct text_list *list, const char *text);
void text_list_release(struct text_list *list);

struct option_row {
    const char *name;
    int letter; /* 0: none */
    int type;
    const char *argument; /* how the help calls the value, NULL for flags */
    size_t offset;        /* of the value in the target */
    const char *summary;
};

struct option_set {
    const struct option_row *rows;
    size_t count;
    void *target;
    const char *title; /* in the help */
};

/* What the help of a command says besides its options. */
struct option_help {
    const char *command;     /* "acsmtp send" */
    const char *synopsis;    /* lines behind "Usage: ", separated by newlines */
    const char *description; /* paragraphs, wrapped by hand */
    const char *epilog;      /* examples and the like; or NULL */
};

/*
 * Read options from argv[1] on. With `stop` reading ends at the first operand, otherwise operands
 * are moved behind the options. Returns the index of the first operand, or -1 after it has said on
 * standard error what is wrong.
 */
int options_parse(const struct option_help *help, const struct option_set *sets, size_t set_count,
                  int stop, int argc, char **argv);

/*
 * What is known of a command line whose other options are not known yet, from a copy of it: nothing
 * is moved, nothing is complained about. Durations are left out.
 */
void options_peek(const struct option_set *sets, size_t set_count, int argc, char *const *argv);

void options_print_help(FILE *out, const struct option_help *help, const struct option_set *sets,
                        size_t set_count);

/* Say what is wrong on one line, then where help is. Returns EX_USAGE. */
int options_usage(const struct option_help *help, const char *format, ...)
    __attribute__((__format__(__printf__, 2, 3)));

#endif
