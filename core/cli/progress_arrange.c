/* SPDX-License-Identifier: MIT */
/*
 * The steps as a tree. What needs several others stands below the one of them that comes last, so
 * that the tree reads in the order of the work. Where the window is lower than the tree, branches
 * are folded from their ends: first what is done, then what has not begun; never what runs.
 */
#include "progress_private.h"
#include <stdlib.h>
#include <string.h>

void progress_forget_rows(struct progress *progress)
{
    for (size_t i = 0; i < progress->row_count; i++)
        free(progress->rows[i].branch);
    free(progress->rows);
    progress->rows = NULL;
    progress->row_count = 0;
}

struct arranging {
    const struct progress *progress;
    struct progress_row *rows;
    size_t placed;
    size_t *depth;  /* of each step: the longest way to one that needs nothing */
    size_t *parent; /* of each step */
    char *folded;   /* of each step: 1 when it is not shown */
};

size_t progress_index(const struct progress *progress, const char *id)
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
            size_t at = progress_index(a->progress, *need);

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
            size_t at = progress_index(a->progress, *need);

            if (at == PROGRESS_NOBODY || a->depth[at] >= a->depth[i])
                continue;
            if (a->parent[i] == PROGRESS_NOBODY || a->depth[at] > a->depth[a->parent[i]])
                a->parent[i] = at;
        }
    }
}

static size_t next_child(const struct arranging *a, size_t parent, size_t from)
{
    while (from < a->progress->count && (a->parent[from] != parent || a->folded[from]))
        from++;
    return from < a->progress->count ? from : PROGRESS_NOBODY;
}

/* ---- folding ---- */

static int is_of(const struct progress_step *step, int done)
{
    if (done)
        return step->state == ACSMTP_STEP_DONE;
    return step->state == ACSMTP_STEP_PENDING || step->state == ACSMTP_STEP_SKIPPED;
}

/* The last step of that kind that nothing shown stands below. */
static int fold_one(struct arranging *a, int done)
{
    for (size_t i = a->progress->count; i-- > 0;)
        if (!a->folded[i] && is_of(&a->progress->steps[i], done) &&
            next_child(a, i, 0) == PROGRESS_NOBODY) {
            a->folded[i] = 1;
            return 1;
        }
    return 0;
}

/* 0 when what runs alone is too much. */
static int fold(struct arranging *a, size_t room)
{
    size_t shown = a->progress->count;

    while (shown > room && (fold_one(a, 1) || fold_one(a, 0)))
        shown--;
    return shown <= room;
}

/* ---- the rows ---- */

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

static int arrange(struct arranging *a, size_t room)
{
    find_parents(a);
    return fold(a, room) && place_roots(a);
}

int progress_arrange(struct progress *progress, size_t room)
{
    struct arranging a = {.progress = progress};
    size_t size = progress->count + 1;
    int arranged = 0;

    if (progress->row_count == progress->count && progress->count <= room)
        return 1; /* unfolded, and since then no step has come */
    progress_forget_rows(progress);
    a.rows = calloc(size, sizeof *a.rows);
    a.depth = calloc(size, sizeof *a.depth);
    a.parent = calloc(size, sizeof *a.parent);
    a.folded = calloc(size, sizeof *a.folded);
    if (a.rows && a.depth && a.parent && a.folded)
        arranged = arrange(&a, room);
    free(a.depth);
    free(a.parent);
    free(a.folded);
    progress->rows = a.rows;
    progress->row_count = a.placed;
    if (!arranged)
        progress_forget_rows(progress);
    return arranged;
}
