/* SPDX-License-Identifier: MIT */
/* Where in a command line the cursor is, and what the tables have for that place; see completion.h.
 */
#include "completion_private.h"
#include "output.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

void completion_offer(const struct program *program, const char *text, const char *about)
{
    size_t size = about ? strcspn(about, "\n") : 0;

    if (strncmp(text, program->completing, strlen(program->completing)) == 0)
        (void)printf("word\t%s\t%.*s\n", text, (int)size, about ? about : "");
}

/* ---- where the cursor is ---- */

const struct option_row *completion_find_row(const struct tables *tables, const char *name,
                                             size_t size)
{
    const struct option_row *found = NULL;
    size_t matches = 0;

    for (size_t s = 0; s < tables->count; s++)
        for (size_t i = 0; i < tables->sets[s].count; i++) {
            const struct option_row *row = &tables->sets[s].rows[i];

            if (strncmp(row->name, name, size) != 0)
                continue;
            if (row->name[size] == '\0')
                return row;
            found = row;
            matches++;
        }
    return matches == 1 ? found : NULL;
}

static const struct option_row *find_letter(const struct tables *tables, char letter)
{
    for (size_t s = 0; s < tables->count; s++)
        for (size_t i = 0; i < tables->sets[s].count; i++)
            if (tables->sets[s].rows[i].letter == letter)
                return &tables->sets[s].rows[i];
    return NULL;
}

/* The option of the word whose value is the next word, or NULL: "--to", "-vt", not "--to=x". */
static const struct option_row *wants_next(const struct tables *tables, const char *word)
{
    const struct option_row *row;

    if (word[1] == '-') {
        row = strchr(word, '=') ? NULL : completion_find_row(tables, word + 2, strlen(word + 2));
        return takes_value(row) ? row : NULL;
    }
    for (word++; *word; word++) {
        row = find_letter(tables, *word);
        if (takes_value(row))
            return word[1] ? NULL : row;
    }
    return NULL;
}

/* argv[0] is the command; with `stop` the words behind the first operand are another's. */
static struct cursor find_cursor(const struct tables *tables, int stop, int argc, char *const *argv)
{
    struct cursor cursor = {.first = argc};

    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];

        if (cursor.operands_only || word[0] != '-' || word[1] == '\0') {
            if (cursor.first == argc)
                cursor.first = i;
            if (stop)
                break;
            if (cursor.count < OPERANDS_MAX)
                cursor.operands[cursor.count++] = word;
        } else if (strcmp(word, "--") == 0) {
            cursor.operands_only = 1;
        } else if ((cursor.pending = wants_next(tables, word)) && i + 1 < argc) {
            cursor.pending = NULL;
            i++;
        }
    }
    return cursor;
}

/* ---- options ---- */

static void offer_options(const struct program *program, const struct tables *tables)
{
    for (size_t s = 0; s < tables->count; s++)
        for (size_t i = 0; i < tables->sets[s].count; i++) {
            const struct option_row *row = &tables->sets[s].rows[i];
            char *word = NULL;

            if (row->type == OPTION_SECRET || asprintf(&word, "--%s", row->name) < 0)
                continue;
            completion_offer(program, word, row->summary);
            free(word);
        }
}

/* "--profile=a" */
static void offer_joined(const struct program *program, const struct tables *tables)
{
    const char *word = program->completing;
    size_t size = strcspn(word, "=");
    const struct option_row *row = completion_find_row(tables, word + 2, size - 2);
    char *prefix = takes_value(row) ? strndup(word, size + 1) : NULL;

    if (prefix)
        completion_values(program, row->argument, prefix);
    free(prefix);
}

/* ---- the answer ---- */

void completion_answer(const struct program *program, const struct option_help *help,
                       const struct option_set *sets, size_t set_count, int argc, char *const *argv)
{
    const struct tables tables = {.sets = sets, .count = set_count};
    const struct cursor cursor = find_cursor(&tables, 0, argc, argv);
    const char *word = program->completing;

    if (cursor.pending)
        completion_values(program, cursor.pending->argument, "");
    else if (cursor.operands_only)
        (void)completion_operands(program, help, &tables, &cursor);
    else if (strncmp(word, "--", 2) == 0 && strchr(word, '='))
        offer_joined(program, &tables);
    else if (word[0] == '-' || (!completion_operands(program, help, &tables, &cursor) && !*word))
        offer_options(program, &tables);
}

int completion_group(struct program *program, int argc, char **argv,
                     int (*offer)(struct program *program),
                     int (*run)(struct program *program, int argc, char **argv))
{
    static const struct option_help nothing = {.command = "acsmtp", .synopsis = ""};
    const struct option_set global = program_global_set();
    const struct tables tables = {.sets = &global, .count = 1};
    const struct cursor cursor = find_cursor(&tables, 1, argc, argv);

    if (cursor.first < argc)
        return run(program, argc - cursor.first, argv + cursor.first);
    if (!cursor.pending && program->completing[0] != '-')
        return offer(program);
    completion_answer(program, &nothing, &global, 1, argc, argv);
    return EX_OK;
}

/* A person edits a line meanwhile: nothing is said into it, and nobody reads what is typed. */
static int hold_still(void)
{
    if (!freopen("/dev/null", "r", stdin) || !freopen("/dev/null", "w", stderr))
        return EX_OSERR;
    return EX_OK;
}

int completion_run(struct program *program, int argc, char **argv,
                   int (*offer_commands)(struct program *program),
                   int (*run)(struct program *program, int argc, char **argv))
{
    if (argc < 3 || strcmp(argv[1], "--") != 0) {
        talk("__complete is for shells: acsmtp __complete -- WORD...");
        return EX_USAGE;
    }
    program->completing = argv[argc - 1];
    argv++; /* "--" stands where the program's name would */
    argc -= 2;
    if (hold_still() != EX_OK)
        return EX_OSERR;
    program_peek(program, argc, argv);
    (void)completion_group(program, argc, argv, offer_commands, run); /* a slip is no failure */
    return EX_OK;
}
