/* SPDX-License-Identifier: MIT */
/* The verdicts as people read them, and as a document for programs. */
#ifndef REPORT_H
#define REPORT_H

#include "runner.h"

struct report {
    const struct subject *subject;
    const char *again; /* the words that repeat a check, up to its name */
    const struct result *results;
    size_t count;
};

/* One line as soon as a check has ended; what was broken and how to see it again below it. */
void report_print(const struct report *report, const struct result *result);
void report_print_sum(const struct report *report);

/* All of it at once, on standard output. 0, or -1 when memory fails. */
int report_json(const struct report *report);

size_t report_count(const struct report *report, int outcome);

#endif
