/* SPDX-License-Identifier: MIT */
/*
 * Reading a command line by its tables (see options.h), with the words that a person needs when it
 * is wrong. getopt_long does the GNU part: abbreviations, "--", options behind operands.
 */
#include "options.h"
#include "output.h"
#include <acsmtp/error.h>
#include <acsmtp/text.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum {
    OPTIONS_MAX = 320,     /* rows of all sets together */
    OPTIONS_VALUE = 0x100, /* getopt's value of a row: this plus its place, beyond any letter */
    HELP_COLUMN = 28
};

int text_list_add(struct text_list *list, const char *text)
{
    const char **items = reallocarray(list->items, list->count + 1, sizeof *items);

    if (!items)
        return -1;
    list->items = items;
    items[list->count++] = text;
    return 0;
}

void text_list_release(struct text_list *list)
{
    free(list->items);
    *list = (struct text_list){0};
}

int options_usage(const struct option_help *help, const char *format, ...)
{
    struct acsmtp_error line = ACSMTP_ERROR_INIT;
    va_list args;

    va_start(args, format);
    (void)acsmtp_vfail(&line, ACSMTP_SYSTEM, format, args);
    va_end(args);
    talk("%s", line.message);
    (void)fprintf(stderr, "Try '%s --help'.\n", help->command);
    return EX_USAGE;
}

/* ---- the tables as getopt wants them ---- */

struct rows {
    const struct option_row *row[OPTIONS_MAX];
    void *target[OPTIONS_MAX];
    size_t count;
    struct option longs[OPTIONS_MAX + 1];
    char letters[2 * OPTIONS_MAX + 3];
};

static int argument_of(const struct option_row *row)
{
    if (row->type == OPTION_SWITCH)
        return optional_argument;
    return row->argument ? required_argument : no_argument;
}

static void rows_build(struct rows *rows, const struct option_set *sets, size_t set_count, int stop)
{
    char *letter = rows->letters;

    rows->count = 0;
    if (stop)
        *letter++ = '+';
    *letter++ = ':';
    for (size_t s = 0; s < set_count; s++)
        for (size_t i = 0; i < sets[s].count && rows->count < OPTIONS_MAX; i++) {
            const struct option_row *row = &sets[s].rows[i];
            size_t n = rows->count++;

            rows->row[n] = row;
            rows->target[n] = sets[s].target;
            rows->longs[n] = (struct option){
                .name = row->name, .has_arg = argument_of(row), .val = OPTIONS_VALUE + (int)n};
            if (!row->letter)
                continue;
            *letter++ = (char)row->letter;
            if (row->argument)
                *letter++ = ':';
        }
    *letter = '\0';
    rows->longs[rows->count] = (struct option){0};
}

/* The place of the row that getopt's value stands for, or -1. */
static int rows_find(const struct rows *rows, int value)
{
    if (value >= OPTIONS_VALUE && (size_t)(value - OPTIONS_VALUE) < rows->count)
        return value - OPTIONS_VALUE;
    for (size_t i = 0; i < rows->count; i++)
        if (value && rows->row[i]->letter == value)
            return (int)i;
    return -1;
}

static int store(const struct option_help *help, const struct option_row *row, void *target,
                 const char *value)
{
    void *place = (char *)target + row->offset;

    switch (row->type) {
    case OPTION_FLAG:
        *(int *)place = 1;
        return 0;
    case OPTION_COUNT:
        ++*(int *)place;
        return 0;
    case OPTION_TEXT:
        *(const char **)place = value;
        return 0;
    case OPTION_LIST:
        return text_list_add(place, value);
    case OPTION_SWITCH:
        return text_list_add(place, value ? value : "true");
    case OPTION_SECRET: /* its value is not repeated */
        (void)options_usage(
            help,
            "option '--%s' is a secret, and everybody on this machine can read a "
            "command line; write {\"env\": NAME} or {\"file\": PATH} into the config",
            row->name);
        return -1;
    default:
        if (acsmtp_duration_parse(value, place))
            return 0;
        (void)options_usage(
            help, "option '--%s': '%s' is not a duration (250ms, 10s, 5m, 1h, or seconds)",
            row->name, value);
        return -1;
    }
}

/* ---- what is wrong ---- */

static void unknown_option(const struct option_help *help, const struct rows *rows,
                           const char *given)
{
    const char *nearest = NULL;
    char word[64];
    size_t matches = 0;
    size_t size;

    (void)snprintf(word, sizeof word, "%s", given + strspn(given, "-"));
    size = strcspn(word, "=");
    word[size] = '\0';
    for (size_t i = 0; i < rows->count; i++) {
        matches += strncmp(rows->row[i]->name, word, size) == 0;
        nearest = acsmtp_suggest(word, (const char *const[]){nearest, rows->row[i]->name}, 2);
    }
    if (matches > 1)
        (void)options_usage(help, "option '--%s' is ambiguous", word);
    else if (nearest)
        (void)options_usage(help, "unknown option '--%s'; did you mean '--%s'?", word, nearest);
    else
        (void)options_usage(help, "unknown option '--%s'", word);
}

static void complain(const struct option_help *help, const struct rows *rows, int problem,
                     const char *given)
{
    int known = rows_find(rows, optopt);

    if (problem == ':' && known >= 0)
        (void)options_usage(help, "option '%s' needs a value: %s", given,
                            rows->row[known]->argument);
    else if (known >= 0)
        (void)options_usage(help, "option '--%s' takes no value", rows->row[known]->name);
    else if (optopt)
        (void)options_usage(help, "unknown option '-%c'", optopt);
    else
        unknown_option(help, rows, given);
}

int options_parse(const struct option_help *help, const struct option_set *sets, size_t set_count,
                  int stop, int argc, char **argv)
{
    struct rows rows = {0};
    int value;

    rows_build(&rows, sets, set_count, stop);
    optind = 0; /* GNU: begin anew, the first words may have been read with another table */
    opterr = 0;
    while ((value = getopt_long(argc, argv, rows.letters, rows.longs, NULL)) != -1) {
        int n = rows_find(&rows, value);

        if (n < 0) {
            complain(help, &rows, value, argv[optind - 1]);
            return -1;
        }
        if (store(help, rows.row[n], rows.target[n], optarg) != 0)
            return -1;
    }
    return optind;
}

void options_peek(const struct option_set *sets, size_t set_count, int argc, char *const *argv)
{
    static const struct option_help nobody = {.command = "acsmtp"};
    char **copy = calloc((size_t)argc + 1, sizeof *copy); /* getopt moves operands */
    struct rows rows = {0};
    int value;

    if (!copy)
        return;
    for (int i = 0; i < argc; i++)
        copy[i] = argv[i];
    rows_build(&rows, sets, set_count, 0);
    optind = 0;
    opterr = 0;
    while ((value = getopt_long(argc, copy, rows.letters, rows.longs, NULL)) != -1) {
        int n = rows_find(&rows, value);

        if (n >= 0 && rows.row[n]->type != OPTION_DURATION && rows.row[n]->type != OPTION_SECRET)
            (void)store(&nobody, rows.row[n], rows.target[n], optarg);
    }
    free(copy);
}

/* ---- help ---- */

static void print_lines(FILE *out, const char *text, const char *first, const char *next)
{
    const char *prefix = first;

    while (*text) {
        size_t size = strcspn(text, "\n");

        (void)fprintf(out, "%s%.*s\n", size ? prefix : "", (int)size, text);
        text += size + (text[size] == '\n');
        prefix = next;
    }
}

static void print_row(FILE *out, const struct option_row *row)
{
    char left[80];
    char indent[HELP_COLUMN + 1];
    char letter[5] = "    ";

    if (row->type == OPTION_SECRET)
        return;
    if (row->letter)
        (void)snprintf(letter, sizeof letter, "-%c, ", row->letter);
    (void)snprintf(left, sizeof left, "  %s--%s%s%s", letter, row->name, row->argument ? " " : "",
                   row->argument                ? row->argument
                   : row->type == OPTION_SWITCH ? "[=false]"
                                                : "");
    (void)snprintf(indent, sizeof indent, "%*s", HELP_COLUMN, "");
    if (strlen(left) < HELP_COLUMN - 1)
        (void)fprintf(out, "%-*s", HELP_COLUMN, left);
    else
        (void)fprintf(out, "%s\n%s", left, indent);
    print_lines(out, row->summary, "", indent);
}

void options_print_help(FILE *out, const struct option_help *help, const struct option_set *sets,
                        size_t set_count)
{
    print_lines(out, help->synopsis, "Usage: ", "       ");
    (void)fputc('\n', out);
    print_lines(out, help->description, "", "");
    for (size_t s = 0; s < set_count; s++) {
        if (!sets[s].count)
            continue;
        (void)fprintf(out, "\n%s:\n", sets[s].title);
        for (size_t i = 0; i < sets[s].count; i++)
            print_row(out, &sets[s].rows[i]);
    }
    if (!help->epilog)
        return;
    (void)fputc('\n', out);
    print_lines(out, help->epilog, "", "");
}
