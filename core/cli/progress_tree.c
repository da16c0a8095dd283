/* SPDX-License-Identifier: MIT */
/*
 * The steps as a tree. What needs several others stands below the one of them that comes last, so
 * that the tree reads in the order of the work; while it waits it names the others.
 */
#include "progress_private.h"
#include "terminal.h"
#include <stdlib.h>
#include <string.h>

#define COLUMNS_MIN 20

/* ---- the order ---- */

void progress_forget_rows(struct progress *progress)
{
    for (size_t i = 0; progress->rows && i < progress->count; i++)
        free(progress->rows[i].branch);
    free(progress->rows);
    progress->rows = NULL;
}

struct arranging {
    const struct progress *progress;
    struct progress_row *rows;
    size_t placed;
    size_t *depth;  /* of each step: the longest way to one that needs nothing */
    size_t *parent; /* of each step */
};

static size_t index_of(const struct progress *progress, const char *id)
{
    const struct progress_step *step = progress_find(progress, id);

    return step ? (size_t)(step - progress->steps) : PROGRESS_NOBODY;
}

/* One round: every step one deeper than what it needs. A circle would go on for ever. */
static int deepen(struct arranging *a)
{
    int moved = 0;

    for (size_t i = 0; i < a->progress->count; i++)
        for (char **need = a->progress->steps[i].needs; *need; need++) {
            size_t at = index_of(a->progress, *need);

            if (at == PROGRESS_NOBODY || at == i || a->depth[at] < a->depth[i])
                continue;
            a->depth[i] = a->depth[at] + 1;
            moved = 1;
        }
    return moved;
}

static void find_parents(struct arranging *a)
{
    for (size_t round = 0; round < a->progress->count && deepen(a); round++)
        ;
    for (size_t i = 0; i < a->progress->count; i++) {
        a->parent[i] = PROGRESS_NOBODY;
        for (char **need = a->progress->steps[i].needs; *need; need++) {
            size_t at = index_of(a->progress, *need);

            if (at == PROGRESS_NOBODY || a->depth[at] >= a->depth[i])
                continue;
            if (a->parent[i] == PROGRESS_NOBODY || a->depth[at] > a->depth[a->parent[i]])
                a->parent[i] = at;
        }
    }
}

static size_t next_child(const struct arranging *a, size_t parent, size_t from)
{
    while (from < a->progress->count && a->parent[from] != parent)
        from++;
    return from < a->progress->count ? from : PROGRESS_NOBODY;
}

/* `stem` is what stands before the branches of this step's children. */
static int place(struct arranging *a, size_t step, const char *branch, const char *stem)
{
    int utf8 = a->progress->utf8, placed = 1;
    struct progress_row *row = &a->rows[a->placed++];
    size_t child = next_child(a, step, 0);

    *row = (struct progress_row){.step = step, .parent = a->parent[step], .branch = strdup(branch)};
    placed = row->branch != NULL;
    while (placed && child != PROGRESS_NOBODY) {
        size_t next = next_child(a, step, child + 1);
        int last = next == PROGRESS_NOBODY;
        char *fork = NULL, *below = NULL;

        placed = asprintf(&fork, "%s%s", stem,
                          utf8 ? (last ? "└─ " : "├─ ") : (last ? "`- " : "|- ")) >= 0;
        if (!placed)
            break;
        placed = asprintf(&below, "%s%s", stem, last ? "   " : utf8 ? "│  " : "|  ") >= 0;
        placed = placed && place(a, child, fork, below);
        free(fork);
        free(below);
        child = next;
    }
    return placed;
}

static int place_roots(struct arranging *a)
{
    size_t root = next_child(a, PROGRESS_NOBODY, 0);
    int placed = 1;

    for (; placed && root != PROGRESS_NOBODY; root = next_child(a, PROGRESS_NOBODY, root + 1))
        placed = place(a, root, "", "");
    return placed;
}

int progress_arrange(struct progress *progress)
{
    struct arranging a = {.progress = progress};
    int arranged = 0;

    if (progress->rows)
        return 1;
    a.rows = calloc(progress->count + 1, sizeof *a.rows);
    a.depth = calloc(progress->count + 1, sizeof *a.depth);
    a.parent = calloc(progress->count + 1, sizeof *a.parent);
    if (a.rows && a.depth && a.parent) {
        find_parents(&a);
        arranged = place_roots(&a);
    }
    free(a.depth);
    free(a.parent);
    progress->rows = a.rows;
    if (!arranged)
        progress_forget_rows(progress);
    return arranged;
}

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
        size_t at = index_of(progress, *need);

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

/* Where the words begin: behind the longest title of those that leave them half of the window. */
static int word_column(const struct progress *progress, int columns)
{
    int widest = 0;

    for (size_t i = 0; i < progress->count; i++) {
        const struct progress_row *row = &progress->rows[i];
        int width =
            terminal_width(row->branch) + 2 + terminal_width(progress->steps[row->step].title) + 2;

        if (width > widest && width <= columns / 2)
            widest = width;
    }
    return widest;
}

static void put_footer(const struct progress *progress, struct line *line)
{
    size_t done = progress_count(progress, ACSMTP_STEP_DONE, NULL);
    size_t running = progress_count(progress, ACSMTP_STEP_RUNNING, NULL) +
                     progress_count(progress, ACSMTP_STEP_WAITING, NULL);
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
    if (acsmtp_context_cancelled(progress->options.context))
        put(line, TERMINAL_YELLOW, ", stopping");
}

int progress_frame(struct progress *progress, int columns, FILE *out)
{
    int *widths = reallocarray(progress->screen.widths, progress->count + 1, sizeof *widths);
    int limit = columns > COLUMNS_MIN ? columns - 1 : COLUMNS_MIN - 1, column;

    if (!widths)
        return 0;
    progress->screen.widths = widths;
    if (!progress_arrange(progress))
        return 0;
    column = word_column(progress, limit);
    for (size_t i = 0; i <= progress->count; i++) {
        struct line line = {.out = out, .colours = progress->colours, .limit = limit};

        if (i < progress->count)
            put_row(progress, &line, &progress->rows[i], column);
        else
            put_footer(progress, &line);
        (void)fputs("\033[K\n", out);
        widths[i] = line.used;
    }
    progress->screen.lines = progress->count + 1;
    return 1;
}
