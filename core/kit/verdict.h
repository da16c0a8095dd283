/* SPDX-License-Identifier: MIT */
/*
 * What became of one check. A check runs in a child process; its verdict lies in memory that both
 * processes see, so that it survives whatever the plugin does to the child.
 */
#ifndef VERDICT_H
#define VERDICT_H

#include "contract.h"
#include <acsmtp/error.h>
#include <stddef.h>

enum outcome { OUTCOME_PASS, OUTCOME_FAIL, OUTCOME_SKIP };

struct verdict {
    int outcome;      /* enum outcome */
    int rule;         /* enum contract_rule: the sentence that was broken */
    int finished;     /* the check came to its own end */
    int is_last;      /* no other check can say more */
    char detail[600]; /* what was seen, or why nothing could be */
    char step[200];   /* what was going on last: where a crash or a hang happened */
};

/* The verdict of the check that runs in this process. */
void verdict_attach(struct verdict *shared);

/* Say what is going on from here on. */
void verdict_step(const char *format, ...) ACSMTP_PRINTF(1, 2);

/* A sentence was broken; the first one counts. Returns -1. Any thread. */
int verdict_fail(enum contract_rule rule, const char *format, ...) ACSMTP_PRINTF(2, 3);

/* Nothing can be said, and why; a failure is not taken back. Returns -1. */
int verdict_skip(const char *format, ...) ACSMTP_PRINTF(1, 2);

int verdict_failed(void);

/* What was found keeps all other checks from beginning. */
void verdict_end(void);

#endif
