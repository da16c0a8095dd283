/* SPDX-License-Identifier: MIT */
/*
 * "Did you mean ...?" for keys, options and names: the optimal string alignment distance
 * (Damerau-Levenshtein without editing one place twice), since two letters swapped is the commonest
 * slip of all. Letter case counts for nothing, and neither does '-' against '_'.
 */
#include <acsmtp/text.h>
#include <string.h>

#define WORD_MAX 63

struct rows {
    size_t before[WORD_MAX + 1], above[WORD_MAX + 1], here[WORD_MAX + 1];
};

static int fold(char letter)
{
    if (letter >= 'A' && letter <= 'Z')
        return letter - 'A' + 'a';
    return letter == '-' ? '_' : letter;
}

static int same(char a, char b)
{
    return fold(a) == fold(b);
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* One row of the table, for a[i]; the least number in it. */
static size_t next_row(struct rows *rows, const char *a, size_t i, const char *b, size_t b_size)
{
    size_t least = rows->here[0] = i + 1;
    size_t j;

    for (j = 0; j < b_size; j++) {
        size_t cost = rows->above[j] + !same(a[i], b[j]);

        cost = smaller(cost, smaller(rows->above[j + 1], rows->here[j]) + 1);
        if (i > 0 && j > 0 && same(a[i], b[j - 1]) && same(a[i - 1], b[j]))
            cost = smaller(cost, rows->before[j - 1] + 1);
        rows->here[j + 1] = cost;
        least = smaller(least, cost);
    }
    return least;
}

/* The distance, or bound + 1 as soon as it is known to be larger. */
static size_t distance(const char *a, size_t a_size, const char *b, size_t b_size, size_t bound)
{
    struct rows rows = {{0}, {0}, {0}};
    size_t i;

    for (i = 0; i <= b_size; i++)
        rows.above[i] = i;
    for (i = 0; i < a_size; i++) {
        if (next_row(&rows, a, i, b, b_size) > bound)
            return bound + 1;
        memcpy(rows.before, rows.above, sizeof rows.before);
        memcpy(rows.above, rows.here, sizeof rows.above);
    }
    return smaller(rows.above[b_size], bound + 1);
}

const char *acsmtp_suggest(const char *word, const char *const *candidates, size_t count)
{
    size_t word_size = strnlen(word, WORD_MAX + 1);
    const char *best = NULL;
    /* A third of the word may be wrong: enough for a slip, too little for a guess. */
    size_t bound = (word_size + 2) / 3;
    size_t i;

    if (word_size == 0 || word_size > WORD_MAX)
        return NULL;
    for (i = 0; i < count; i++) {
        size_t size = candidates[i] ? strnlen(candidates[i], WORD_MAX + 1) : 0;
        size_t found;

        if (size == 0 || size > WORD_MAX)
            continue;
        found = distance(word, word_size, candidates[i], size, bound);
        if (found > bound || found >= word_size || (best && found == bound))
            continue;
        best = candidates[i];
        bound = found;
    }
    return best;
}
