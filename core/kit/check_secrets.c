/* SPDX-License-Identifier: MIT */
/*
 * Canaries under every script: what the plugin logs, says and frees is searched in every check;
 * here it is given every occasion, and in the end what it has not freed is searched too.
 */
#include "baseline.h"
#include "canary.h"
#include "checks.h"
#include "memory.h"
#include "verdict.h"
#include <stdlib.h>

enum { TIMEOUT_MS = PROBE_RETRY_AFTER * 1000 / 2 };

void check_secrets(struct subject *subject)
{
    struct baseline baseline;
    unsigned char *data;
    const char *found;
    struct session session;

    if (subject_take(subject) != 0 || baseline_take(subject, &baseline) != 0)
        return;
    for (unsigned script = SCRIPT_GOOD; script < SCRIPT_COUNT && !verdict_failed(); script++) {
        struct plan plan = {.probe = {.script = (enum script)script, .script_from = 1},
                            .timeout_ms = TIMEOUT_MS,
                            .without_probe = script % 2 != 0};

        if (script == SCRIPT_SLOW || (script && !baseline_asks(&baseline)))
            continue;
        if (baseline_live(subject, &plan, &session) < 0)
            return;
    }
    memory_search();
    data = image_snapshot(&subject->image);
    found = data ? canary_find(data, subject->image.data_size) : NULL;
    if (found)
        (void)verdict_fail(RULE_SECRET_WIPED, "%s is still in its static data", found);
    free(data);
}
