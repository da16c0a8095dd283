/* SPDX-License-Identifier: MIT */
/* The edit distance (Levenshtein) between what was typed and what could have been meant. */
#include "nearest.h"
#include <string.h>

enum { NEAREST_WORD_MAX = 40 };

void nearest_init(struct nearest *nearest, const char *word)
{
    *nearest = (struct nearest){.word = word};
}

static size_t least(size_t a, size_t b, size_t c)
{
    size_t least_two = a < b ? a : b;

    return least_two < c ? least_two : c;
}

static size_t edit_distance(const char *a, size_t a_size, const char *b, size_t b_size)
{
    size_t row[NEAREST_WORD_MAX + 1];

    for (size_t j = 0; j <= b_size; j++)
        row[j] = j;
    for (size_t i = 1; i <= a_size; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= b_size; j++) {
            size_t above = row[j];

            row[j] = least(row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
            diagonal = above;
        }
    }
    return row[b_size];
}

/* A third of the word may be wrong: enough for a slip, too little for a guess. */
void nearest_offer(struct nearest *nearest, const char *candidate)
{
    size_t word_size = strnlen(nearest->word, NEAREST_WORD_MAX + 1);
    size_t size = strnlen(candidate, NEAREST_WORD_MAX + 1);
    size_t distance;

    if (word_size > NEAREST_WORD_MAX || size > NEAREST_WORD_MAX)
        return;
    distance = edit_distance(nearest->word, word_size, candidate, size);
    if (distance > (word_size + 2) / 3 || (nearest->best && distance >= nearest->distance))
        return;
    nearest->best = candidate;
    nearest->distance = distance;
}
