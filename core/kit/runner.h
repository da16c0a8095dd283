/* SPDX-License-Identifier: MIT */
/*
 * Running one check in a child process: a crash, a hang and an exit of the plugin are verdicts of
 * that check and of nothing else.
 */
#ifndef RUNNER_H
#define RUNNER_H

#include "checks.h"
#include "verdict.h"
#include <stdint.h>

struct result {
    const struct check *check;
    struct verdict verdict;
    int64_t elapsed_ms;
};

/*
 * Run the check within the limit. -1 with errno when no child can be made. The child gets a private
 * folder as home, an environment of its own, and no way to print.
 */
int runner_run(const struct subject *subject, const struct check *check, int64_t limit_ms,
               struct result *result);

#endif
