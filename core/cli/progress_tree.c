/* SPDX-License-Identifier: MIT */
/*
 * The lines of the tree. What waits for others than the step that it stands below names them.
 */
#include "progress_private.h"
#include "terminal.h"
#include <stdlib.h>
#include <string.h>

#define COLUMNS_MIN 20

/* ---- one line ---- */

struct line {
    FILE *out;
    int colours, used, limit;
};

static void put(struct line *line, int style, const char *text)
{
    int width;
    size_t size = terminal_fit(text, line->limit - line->used, &width);

    if (!size)
        return;
    (void)fprintf(line->out, "%s%.*s%s", terminal_on(style, line->colours), (int)size, text,
                  terminal_off(style, line->colours));
    line->used += width;
}

static void pad(struct line *line, int column)
{
    for (; line->used < column && line->used < line->limit; line->used++)
        (void)fputc(' ', line->out);
}

static const struct {
    const char *utf8, *ascii;
    int style;
} signs[] = {
    [ACSMTP_STEP_PENDING] = {"○", "o", TERMINAL_DIM},
    [ACSMTP_STEP_RUNNING] = {"●", "*", TERMINAL_CYAN},
    [ACSMTP_STEP_WAITING] = {"◐", "~", TERMINAL_YELLOW},
    [ACSMTP_STEP_DONE] = {"✓", "+", TERMINAL_GREEN},
    [ACSMTP_STEP_FAILED] = {"✗", "x", TERMINAL_RED},
    [ACSMTP_STEP_SKIPPED] = {"–", "-", TERMINAL_DIM},
};
enum { SIGNS = sizeof signs / sizeof signs[0] };

/* What a step that has not begun waits for, besides the one it stands below. */
static void put_after(const struct progress *progress, struct line *line,
                      const struct progress_row *row)
{
    const struct progress_step *step = &progress->steps[row->step];
    const char *before = "after ";

    for (char **need = step->needs; *need; need++) {
        size_t at = progress_index(progress, *need);

        if (at == PROGRESS_NOBODY || at == row->parent ||
            progress->steps[at].state == ACSMTP_STEP_DONE)
            continue;
        put(line, TERMINAL_DIM, before);
        put(line, TERMINAL_DIM, progress->steps[at].title);
        before = ", ";
    }
}

static int is_quiet(const struct progress_step *step)
{
    return step->state == ACSMTP_STEP_PENDING || step->state == ACSMTP_STEP_SKIPPED ||
           (step->state == ACSMTP_STEP_DONE && step->change &&
            (strcmp(step->change, "keep") == 0 || strcmp(step->change, "absent") == 0));
}

/* "├─ ● email service x   creating   14 s  for the operation to end" */
static void put_row(const struct progress *progress, struct line *line,
                    const struct progress_row *row, int column)
{
    const struct progress_step *step = &progress->steps[row->step];
    int sign = step->state >= 0 && step->state < SIGNS ? step->state : ACSMTP_STEP_PENDING;
    int quiet = is_quiet(step) ? TERMINAL_DIM : TERMINAL_PLAIN;
    char time[32];

    put(line, TERMINAL_DIM, row->branch);
    put(line, signs[sign].style, progress->utf8 ? signs[sign].utf8 : signs[sign].ascii);
    put(line, TERMINAL_PLAIN, " ");
    put(line, quiet, step->title);
    pad(line, column > line->used + 2 ? column : line->used + 2);
    column = line->used;
    if (step->state == ACSMTP_STEP_PENDING) {
        put_after(progress, line, row);
        return;
    }
    put(line, quiet ? quiet : signs[sign].style, progress_word(progress, step));
    pad(line, column + 10);
    progress_time(progress_elapsed(step), time, sizeof time);
    pad(line, column + 10 + (strlen(time) < 6 ? 6 - (int)strlen(time) : 0));
    put(line, TERMINAL_DIM, time);
    if (!step->detail || step->state == ACSMTP_STEP_SKIPPED)
        return;
    put(line, TERMINAL_PLAIN, "  ");
    put(line, step->state == ACSMTP_STEP_FAILED ? TERMINAL_RED : TERMINAL_DIM,
        progress_detail(step));
}

/* ---- all of them ---- */

/* Where the words begin: behind the longest title of those that leave them enough of the window. */
static int word_column(const struct progress *progress, int columns)
{
    int widest = 0;

    for (size_t i = 0; i < progress->row_count; i++) {
        const struct progress_row *row = &progress->rows[i];
        int width =
            terminal_width(row->branch) + 2 + terminal_width(progress->steps[row->step].title) + 2;

        if (width > widest && width <= columns * 3 / 5)
            widest = width;
    }
    return widest;
}

static void put_footer(const struct progress *progress, struct line *line)
{
    size_t done = progress_count(progress, ACSMTP_STEP_DONE, NULL);
    size_t running = progress_count(progress, ACSMTP_STEP_RUNNING, NULL) +
                     progress_count(progress, ACSMTP_STEP_WAITING, NULL);
    size_t folded = progress->count - progress->row_count;
    char text[160], time[32];

    if (progress->ending) {
        progress_totals(progress, text, sizeof text);
        put(line, TERMINAL_BOLD, text);
        return;
    }
    progress_time(progress_now() - progress->begun, time, sizeof time);
    (void)snprintf(text, sizeof text, "%zu of %zu done, %zu running%s%s", done, progress->count,
                   running, time[0] ? ", " : "", time);
    put(line, TERMINAL_DIM, text);
    if (folded) {
        (void)snprintf(text, sizeof text, ", %zu not shown", folded);
        put(line, TERMINAL_DIM, text);
    }
    if (acsmtp_context_cancelled(progress->options.context))
        put(line, TERMINAL_YELLOW, ", stopping");
}

int progress_frame(struct progress *progress, int columns, FILE *out)
{
    size_t lines = progress->row_count + 1;
    int *widths = reallocarray(progress->screen.widths, lines, sizeof *widths);
    int limit = columns > COLUMNS_MIN ? columns - 1 : COLUMNS_MIN - 1, column;

    if (!widths)
        return 0;
    progress->screen.widths = widths;
    progress->screen.lines = lines;
    column = word_column(progress, limit);
    for (size_t i = 0; i < lines; i++) {
        struct line line = {.out = out, .colours = progress->colours, .limit = limit};

        if (i < progress->row_count)
            put_row(progress, &line, &progress->rows[i], column);
        else
            put_footer(progress, &line);
        (void)fputs("\033[K\n", out);
        widths[i] = line.used;
    }
    return 1;
}
