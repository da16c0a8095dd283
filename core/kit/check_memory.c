/* SPDX-License-Identifier: MIT */
/*
 * Memory that runs out: once at every allocation that the plugin makes, or that the host makes for
 * it. It must tell, keep nothing, and stand.
 */
#include "baseline.h"
#include "checks.h"
#include "memory.h"
#include "verdict.h"

static void judge_failure(const struct session *session, const struct baseline *baseline,
                          unsigned number)
{
    if (session->last_status != ACSMTP_SYSTEM && !baseline_allows(baseline, session->last_status))
        (void)verdict_fail(RULE_SYSTEM,
                           "%s() without memory at allocation %u of %u ended with '%s' instead of "
                           "'system': %.300s",
                           session->last_name, number, baseline->allocations,
                           acsmtp_status_name(session->last_status), session->last_error.message);
    if (memory_live() > baseline->live)
        (void)verdict_fail(RULE_CLOSE,
                           "%zu of its blocks stay behind when allocation %u of %u fails",
                           memory_live() - baseline->live, number, baseline->allocations);
}

void check_allocations(struct subject *subject)
{
    struct plan plan = PLAN_INIT;
    struct baseline baseline;
    struct session session;
    unsigned step;

    if (subject_take(subject) != 0 || baseline_take(subject, &baseline) != 0)
        return;
    if (!baseline.allocations) {
        (void)verdict_skip("it allocates nothing");
        return;
    }
    step =
        1 + baseline.allocations / subject->samples; /* of very many a sample, as the seed says */
    for (unsigned n = 1 + subject->seed % step; n <= baseline.allocations; n += step) {
        plan.probe.fail_at = n;
        if (verdict_failed() || baseline_live(subject, &plan, &session) < 0)
            return;
        judge_failure(&session, &baseline, n);
    }
}
