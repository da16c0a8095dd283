/* SPDX-License-Identifier: MIT */
/*
 * What a bug report needs: versions, the config without its secrets, findings, and how they came
 * about. Log lines are redacted by the library before they get here; user names, addresses and ids
 * of tenants stay, since nothing can be understood without them.
 */
#ifndef BUG_REPORT_H
#define BUG_REPORT_H

#include "finding_list.h"
#include "program.h"
#include <stdio.h>

struct bug_report {
    int level;   /* up to which lines are also shown, enum acsmtp_log_level */
    FILE *trace; /* memory */
    char *text;
    size_t size;
    int is_full;
};

/* From here on the log of the program's context is kept. */
int bug_report_begin(struct bug_report *report, struct program *program, struct acsmtp_error *err);

/* Write it, for its owner alone. */
int bug_report_save(struct bug_report *report, const struct program *program,
                    const struct finding_list *findings, const char *path,
                    struct acsmtp_error *err);
void bug_report_release(struct bug_report *report);

#endif
