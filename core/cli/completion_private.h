/* SPDX-License-Identifier: MIT */
/* What the files of the completion share: completion.c finds the cursor, completion_operand.c reads
 * synopses, completion_value.c knows what placeholders stand for. */
#ifndef COMPLETION_PRIVATE_H
#define COMPLETION_PRIVATE_H

#include "completion.h"

enum { OPERANDS_MAX = 8 }; /* no command has a grammar with more; further ones repeat the last */

/* The options that a command knows. */
struct tables {
    const struct option_set *sets;
    size_t count;
};

/* Where the word under the cursor is. */
struct cursor {
    const struct option_row *pending; /* the option whose value it is, or NULL */
    int operands_only;                /* "--" was before it */
    int first;                        /* the index of the first operand; argc when there is none */
    const char *operands[OPERANDS_MAX];
    size_t count;
};

static inline int takes_value(const struct option_row *row)
{
    return row && row->argument != NULL;
}

/* The row of that name, or the only one whose name begins so, as getopt_long has it; or NULL. */
const struct option_row *completion_find_row(const struct tables *tables, const char *name,
                                             size_t size);

/* Offer what the synopsis has at the cursor; 0 when it has no operand there. */
int completion_operands(const struct program *program, const struct option_help *help,
                        const struct tables *tables, const struct cursor *cursor);

/* Offer what a placeholder stands for, each behind `prefix`, the beginning of the word. */
void completion_values(const struct program *program, const char *argument, const char *prefix);

#endif
