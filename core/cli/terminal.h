/* SPDX-License-Identifier: MIT */
/*
 * What is known of the terminal, and text that may be put on one: what came over the network or
 * out of a file must not move the cursor or change colours.
 */
#ifndef TERMINAL_H
#define TERMINAL_H

#include <stddef.h>

/* Whether `fd` is a terminal that can move its cursor (TERM is not dumb). */
int terminal_moves(int fd);

/* Whether colours are wanted on `fd`: a terminal, and NO_COLOR is not set (no-color.org). */
int terminal_colours(int fd);

/* Rows and columns of the window now; 24 and 80 when it does not tell. */
void terminal_size(int fd, int *rows, int *columns);

/* Whether the terminal shows what is typed; it does not while somebody asks for a password. */
int terminal_echoes(int fd);

/* Whether the locale's character set is UTF-8. */
int terminal_utf8(void);

/*
 * The text on one line: control characters (C1, bidirectional ones and broken UTF-8 included)
 * become '?', line ends spaces; without UTF-8 in the locale everything beyond ASCII does, too. For
 * the caller to free(3); NULL when memory fails.
 */
char *terminal_text_dup(const char *text);

/* Columns that such a text takes. */
int terminal_width(const char *text);

/* Bytes of it that fit into so many columns; *width (may be NULL) is what they take. */
size_t terminal_fit(const char *text, int columns, int *width);

/* ---- styles ---- */

enum terminal_style {
    TERMINAL_PLAIN = 0,
    TERMINAL_DIM,
    TERMINAL_BOLD,
    TERMINAL_RED,
    TERMINAL_GREEN,
    TERMINAL_YELLOW,
    TERMINAL_CYAN,
    TERMINAL_STYLES
};

/* What switches a style on, and all of them off; "" without colours. Static text. */
const char *terminal_on(int style, int colours);
const char *terminal_off(int style, int colours);

#endif
