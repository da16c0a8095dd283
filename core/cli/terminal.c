/* SPDX-License-Identifier: MIT */
/* See terminal.h. The program itself runs in the "C" locale: only widths are asked of the user's.
 */
#include "terminal.h"
#include <langinfo.h>
#include <locale.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

int terminal_moves(int fd)
{
    const char *term = getenv("TERM");

    return isatty(fd) && term && *term && strcmp(term, "dumb") != 0;
}

int terminal_colours(int fd)
{
    const char *unwanted = getenv("NO_COLOR");

    return terminal_moves(fd) && !(unwanted && *unwanted);
}

void terminal_size(int fd, int *rows, int *columns)
{
    struct winsize size = {0};

    *rows = 24;
    *columns = 80;
    if (ioctl(fd, TIOCGWINSZ, &size) != 0)
        return;
    if (size.ws_row)
        *rows = size.ws_row;
    if (size.ws_col)
        *columns = size.ws_col;
}

int terminal_echoes(int fd)
{
    struct termios mode;

    return tcgetattr(fd, &mode) == 0 && (mode.c_lflag & ECHO) != 0;
}

/* ---- characters ---- */

static locale_t made_locale;

static void make_locale(void)
{
    made_locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
}

/* The user's locale; 0 when the system does not have it. */
static locale_t user_locale(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    (void)pthread_once(&once, make_locale);
    return made_locale;
}

int terminal_utf8(void)
{
    locale_t locale = user_locale();

    return locale && strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0;
}

/* Line separators, and what shows the text behind it in another order (as base/utf8.c has them). */
static int rearranges(wchar_t wide)
{
    return (wide >= 0x2028 && wide <= 0x202e) || (wide >= 0x2066 && wide <= 0x2069);
}

/* One character: its bytes (at least 1) and columns; -1 columns when it must not be shown. */
static size_t character(const char *text, int *columns)
{
    mbstate_t state = {0};
    wchar_t wide = 0;
    size_t size;

    if ((unsigned char)*text < 0x80) {
        *columns = (unsigned char)*text >= 0x20 && *text != 0x7f ? 1 : -1;
        return 1;
    }
    size = terminal_utf8() ? mbrtowc(&wide, text, strlen(text), &state) : (size_t)-1;
    if (size == 0 || size > 8) {
        *columns = -1;
        return 1;
    }
    *columns = rearranges(wide) ? -1 : wcwidth(wide);
    return size;
}

char *terminal_text_dup(const char *text)
{
    locale_t before = user_locale() ? uselocale(user_locale()) : (locale_t)0;
    char *copy = malloc(strlen(text) + 1), *end = copy;

    while (copy && *text) {
        int columns;
        size_t size = character(text, &columns);

        if (*text == '\n' || *text == '\r' || *text == '\t')
            *end++ = ' ';
        else if (columns < 0)
            *end++ = '?';
        else
            for (size_t i = 0; i < size; i++)
                *end++ = text[i];
        text += size;
    }
    if (copy)
        *end = '\0';
    if (before)
        (void)uselocale(before);
    return copy;
}

size_t terminal_fit(const char *text, int columns, int *width)
{
    locale_t before = user_locale() ? uselocale(user_locale()) : (locale_t)0;
    const char *end = text;
    int used = 0;

    while (*end) {
        int wide;
        size_t size = character(end, &wide);

        if (wide < 0)
            wide = 1;
        if (used + wide > columns)
            break;
        used += wide;
        end += size;
    }
    if (before)
        (void)uselocale(before);
    if (width)
        *width = used;
    return (size_t)(end - text);
}

int terminal_width(const char *text)
{
    int width;

    (void)terminal_fit(text, 1 << 20, &width);
    return width;
}

/* ---- styles ---- */

const char *terminal_on(int style, int colours)
{
    static const char *const codes[TERMINAL_STYLES] = {
        "", "\033[2m", "\033[1m", "\033[31m", "\033[32m", "\033[33m", "\033[36m"};

    return colours && style > 0 && style < TERMINAL_STYLES ? codes[style] : "";
}

const char *terminal_off(int style, int colours)
{
    return colours && style > 0 && style < TERMINAL_STYLES ? "\033[0m" : "";
}
