/* SPDX-License-Identifier: MIT */
/*
 * The tree's place on the terminal. One thread draws it, ten times a second at most and once a
 * second for the clocks: the cursor goes up to the first line, every line is written over what was
 * there, and all of it is one write, so that nothing flickers. The cursor always rests below the
 * tree: whatever else is printed comes there, also when the process dies.
 */
#include "output.h"
#include "progress_private.h"
#include "terminal.h"
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define TICK_MS 100
#define CLOCK_MS 1000

static void write_all(const char *bytes, size_t size)
{
    while (size) {
        ssize_t written = write(STDERR_FILENO, bytes, size);

        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return; /* the terminal is gone; the work goes on */
        bytes += written;
        size -= (size_t)written;
    }
}

/* Rows that the lines take up now: a window that became narrower has wrapped them. */
static size_t rows_taken(const struct progress_screen *screen, int columns)
{
    size_t rows = 0;

    for (size_t i = 0; i < screen->lines; i++)
        rows +=
            screen->widths[i] > columns ? (size_t)((screen->widths[i] + columns - 1) / columns) : 1;
    return rows;
}

/* To the tree's first line, or to the window's: what a lower window has scrolled away stays there.
 */
static void put_cursor_up(const struct progress *progress, int rows, int columns, FILE *out)
{
    size_t up = rows_taken(&progress->screen, columns);

    if (up >= (size_t)rows)
        up = (size_t)rows - 1;
    (void)fputc('\r', out);
    if (up)
        (void)fprintf(out, "\033[%zuA", up);
}

void progress_screen_erase(struct progress *progress)
{
    int rows, columns;

    if (!progress->screen.lines)
        return;
    terminal_size(STDERR_FILENO, &rows, &columns);
    put_cursor_up(progress, rows, columns, stderr);
    (void)fputs("\033[J", stderr);
    progress->screen.lines = 0;
}

/* What runs alone is more than the window holds: lines from here on. */
static void become_lines(struct progress *progress)
{
    progress_screen_erase(progress);
    progress->options.style = PROGRESS_LINES;
    progress->ending = 1;
    for (size_t i = 0; i < progress->count; i++)
        progress_print_line(progress, &progress->steps[i], ACSMTP_STEP_PENDING);
}

/* The question stands below the tree: that one stays as it is, and a new one comes after the
 * answer. */
static int is_being_asked(struct progress *progress)
{
    if (!progress->echoes || terminal_echoes(STDERR_FILENO))
        return 0;
    progress->screen.lines = 0;
    progress->dirty = 1;
    return 1;
}

/*
 * A tree as high as the window would scroll away under its own cursor: a line is the footer's, one
 * the cursor's. The last tree is whole: it may scroll, nothing is drawn over it.
 */
static size_t room_of(const struct progress *progress, int rows)
{
    if (progress->ending)
        return SIZE_MAX;
    return rows > 2 ? (size_t)rows - 2 : 0;
}

void progress_screen_draw(struct progress *progress)
{
    char *bytes = NULL;
    size_t size = 0;
    int rows, columns, drawn;
    FILE *out;

    progress->dirty = 0;
    if (!progress->count || progress->options.style != PROGRESS_TREE || is_being_asked(progress))
        return;
    terminal_size(STDERR_FILENO, &rows, &columns);
    if (!progress_arrange(progress, room_of(progress, rows))) {
        become_lines(progress);
        return;
    }
    out = open_memstream(&bytes, &size);
    if (!out)
        return;
    put_cursor_up(progress, rows, columns, out);
    drawn = progress_frame(progress, columns, out);
    (void)fputs("\033[J", out);
    if (fclose(out) == 0 && drawn)
        write_all(bytes, size);
    free(bytes);
}

/* ---- the thread ---- */

static void wait_tick(struct progress *progress, int64_t ms)
{
    struct timespec until;

    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += (long)(ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    (void)pthread_cond_timedwait(&progress->moved, &progress->lock, &until);
}

static void *draw_while_it_runs(void *data)
{
    struct progress *progress = data;
    int64_t drawn = progress_now(); /* what is over at once does not flash up */

    (void)pthread_mutex_lock(&progress->lock);
    while (!progress->ending) {
        int64_t since = progress_now() - drawn;

        if (since >= CLOCK_MS || (progress->dirty && since >= TICK_MS)) {
            progress_screen_draw(progress);
            drawn = progress_now();
        } else {
            wait_tick(progress, (progress->dirty ? TICK_MS : CLOCK_MS) - since);
        }
    }
    (void)pthread_mutex_unlock(&progress->lock);
    return NULL;
}

int progress_screen_start(struct progress *progress, struct acsmtp_error *err)
{
    pthread_condattr_t kind;
    int problem = pthread_condattr_init(&kind);

    if (problem == 0)
        problem = pthread_condattr_setclock(&kind, CLOCK_MONOTONIC);
    if (problem == 0)
        problem = pthread_cond_init(&progress->moved, &kind);
    if (problem == 0)
        problem = pthread_create(&progress->thread, NULL, draw_while_it_runs, progress);
    if (problem != 0)
        return acsmtp_fail_errno(err, problem, "cannot show the progress");
    progress->running = 1;
    return ACSMTP_OK;
}

void progress_screen_end(struct progress *progress)
{
    if (!progress->running)
        return;
    (void)pthread_mutex_lock(&progress->lock);
    progress->ending = 1;
    (void)pthread_cond_signal(&progress->moved);
    (void)pthread_mutex_unlock(&progress->lock);
    (void)pthread_join(progress->thread, NULL);
    progress->running = 0;
    if (progress->options.reads_only)
        progress_screen_erase(progress);
    else
        progress_screen_draw(progress);
    progress->screen.lines = 0;
    (void)pthread_cond_destroy(&progress->moved);
}
