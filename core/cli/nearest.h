/* SPDX-License-Identifier: MIT */
/* "Did you mean ...?" for commands and options. */
#ifndef NEAREST_H
#define NEAREST_H

#include <stddef.h>

struct nearest {
    const char *word;
    const char *best; /* NULL while nothing is near enough */
    size_t distance;
};

void nearest_init(struct nearest *nearest, const char *word);
void nearest_offer(struct nearest *nearest, const char *candidate);

#endif
