/* SPDX-License-Identifier: MIT */
/* The synopsis of a command as the grammar of its operands; see completion.h. */
#include "completion_private.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* A word of the synopsis, without the brackets around it. */
struct symbol {
    const char *text;
    size_t size;
    int is_repeated;
};

/* The next word at *place; 0 at the end of the line, or where the shell's part begins. */
static int next_symbol(const char **place, struct symbol *symbol)
{
    size_t size;

    *place += strspn(*place, " ");
    size = strcspn(*place, " \n");
    if (size == 0 || **place == '<')
        return 0;
    *symbol = (struct symbol){.text = *place, .size = size};
    *place += size;
    if (symbol->size > 3 && strncmp(symbol->text + symbol->size - 3, "...", 3) == 0) {
        symbol->is_repeated = 1;
        symbol->size -= 3;
    }
    while (symbol->size && *symbol->text == '[') {
        symbol->text++;
        symbol->size--;
    }
    while (symbol->size && symbol->text[symbol->size - 1] == ']')
        symbol->size--;
    return 1;
}

/* The next one that stands for an operand: options are known from their tables. */
static int next_operand(const struct tables *tables, const char **place, struct symbol *symbol)
{
    while (next_symbol(place, symbol)) {
        struct symbol value;

        if (symbol->size > 2 && symbol->text[0] == '-') {
            if (takes_value(completion_find_row(tables, symbol->text + 2, symbol->size - 2)))
                (void)next_symbol(place, &value);
        } else if (symbol->size != strlen("OPTION") || strncmp(symbol->text, "OPTION", 6) != 0) {
            return 1;
        }
    }
    return 0;
}

/* Small letters have to be the word itself, capitals stand for any. */
static int symbol_fits(const struct symbol *symbol, const char *word)
{
    const char *part = symbol->text, *end = symbol->text + symbol->size;

    while (part < end) {
        size_t size = strcspn(part, "|");

        if (size > (size_t)(end - part))
            size = (size_t)(end - part);
        if (!islower((unsigned char)part[0]) ||
            (strlen(word) == size && strncmp(part, word, size) == 0))
            return 1;
        part += size + 1;
    }
    return 0;
}

/* What the description says behind a word that begins one of its lines, indented or not; or NULL.
 */
static const char *about_word(const struct option_help *help, const char *word)
{
    size_t size = strlen(word);

    for (const char *line = help->description; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        line += strspn(line, " ");
        if (strncmp(line, word, size) == 0 && line[size] == ' ')
            return line + size + strspn(line + size, " ");
    }
    return NULL;
}

static void offer_symbol(const struct program *program, const struct option_help *help,
                         const struct symbol *symbol)
{
    char *text = strndup(symbol->text, symbol->size), *rest = NULL;

    for (char *part = text ? strtok_r(text, "|", &rest) : NULL; part;
         part = strtok_r(NULL, "|", &rest)) {
        if (islower((unsigned char)part[0]))
            completion_offer(program, part, about_word(help, part));
        else
            completion_values(program, part, "");
    }
    free(text);
}

/* One line of the synopsis; 1 when it has an operand where the cursor is. */
static int offer_line(const struct program *program, const struct option_help *help,
                      const struct tables *tables, const struct cursor *cursor, const char *line)
{
    const char *place = line + strlen(help->command);
    struct symbol symbol = {0};

    for (size_t i = 0; i <= cursor->count; i++) {
        if (!symbol.is_repeated && !next_operand(tables, &place, &symbol))
            return 0;
        if (i < cursor->count && !symbol_fits(&symbol, cursor->operands[i]))
            return 0;
    }
    offer_symbol(program, help, &symbol);
    return 1;
}

int completion_operands(const struct program *program, const struct option_help *help,
                        const struct tables *tables, const struct cursor *cursor)
{
    int found = 0;

    for (const char *line = help->synopsis; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, help->command, strlen(help->command)) == 0)
            found |= offer_line(program, help, tables, cursor, line);
    }
    return found;
}
