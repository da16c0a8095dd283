/* SPDX-License-Identifier: MIT */
/*
 * Inside the progress display: the steps as they are known (progress.c), the words for them and
 * the plain lines (progress_lines.c), the tree's order (progress_arrange.c), its text
 * (progress_tree.c) and its place on the terminal (progress_screen.c), and events
 * (progress_events.c).
 */
#ifndef PROGRESS_PRIVATE_H
#define PROGRESS_PRIVATE_H

#include "progress.h"
#include <pthread.h>
#include <stdio.h>

#define PROGRESS_STEPS_MAX 4096
#define PROGRESS_NOBODY SIZE_MAX

/* A step as it was told last. Texts are fit for a terminal. */
struct progress_step {
    char *id, *title, *change, *detail;
    char **needs;       /* ids, ended by NULL */
    int state;          /* enum acsmtp_step_state */
    int64_t begun;      /* monotonic ms */
    int64_t elapsed_ms; /* of one that has ended */
};

/* Where a step stands in the tree: below the one that it needs and that comes last. */
struct progress_row {
    size_t step;
    size_t parent; /* the step, PROGRESS_NOBODY for a root */
    char *branch;  /* "|  `- " up to the step's own sign */
};

/* What stands on the terminal now. */
struct progress_screen {
    int *widths; /* columns of each line, so that lines that the window has wrapped are counted */
    size_t lines;
};

struct progress {
    struct progress_options options;
    struct acsmtp_provision_observer observer;
    pthread_mutex_t lock; /* guards everything below, and what is written */
    struct progress_step *steps;
    size_t count;
    int64_t begun;

    /* of a tree */
    int utf8, colours, echoes;
    pthread_t thread;
    pthread_cond_t moved;
    int running; /* the thread is there */
    int ending, dirty;
    struct progress_row *rows; /* of the steps that are shown */
    size_t row_count;
    struct progress_screen screen;
};

int64_t progress_now(void);
const struct progress_step *progress_find(const struct progress *progress, const char *id);
int64_t progress_elapsed(const struct progress_step *step);

/* ---- words (progress_lines.c) ---- */

/* "created", "to create", "creating", "failed". Static text. */
const char *progress_word(const struct progress *progress, const struct progress_step *step);
/* The step's detail behind such a word; "" when it has none. Borrowed. */
const char *progress_detail(const struct progress_step *step);
/* "34 s", "2 min 05 s"; "" below a second. */
void progress_time(int64_t elapsed_ms, char *text, size_t capacity);
/* "3 created, 1 failed, 2 not tried (12 s)" */
void progress_totals(const struct progress *progress, char *text, size_t capacity);
void progress_print_totals(const struct progress *progress);
void progress_print_line(const struct progress *progress, const struct progress_step *step,
                         int before);

/* ---- events (progress_events.c) ---- */

void progress_print_event(const struct acsmtp_step *step);

/* ---- the tree's order (progress_arrange.c) ---- */

/* Rows for the steps, at most so many: 0 when those that run are more, or memory fails. */
int progress_arrange(struct progress *progress, size_t room);
void progress_forget_rows(struct progress *progress);
size_t progress_index(const struct progress *progress, const char *id);

/* ---- the tree's text (progress_tree.c) ---- */

/* The rows' lines, each ended by a newline and at most so many columns wide; 0: no memory. */
int progress_frame(struct progress *progress, int columns, FILE *out);

/* ---- the terminal (progress_screen.c) ---- */

int progress_screen_start(struct progress *progress, struct acsmtp_error *err);
/* Under the lock: take the tree off the terminal, draw it anew. */
void progress_screen_erase(struct progress *progress);
void progress_screen_draw(struct progress *progress);
void progress_screen_end(struct progress *progress);

#endif
