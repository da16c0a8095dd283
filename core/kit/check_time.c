/* SPDX-License-Identifier: MIT */
/*
 * Deadlines and cancellation. An operation that overlooks them hangs, which the time limit of the
 * check finds; one that ends must tell why.
 */
#include "baseline.h"
#include "checks.h"
#include "verdict.h"
#include <stdio.h>
#include <string.h>

enum { SHORT_MS = 300 };

/*
 * As wanted, or as without disturbance where that is allowed (NULL: it is not). A probe that cannot
 * be answered in time says that there is nobody.
 */
static int is_expected(const struct session *session, int wanted,
                       const struct baseline *undisturbed)
{
    if (session->last_status == wanted ||
        (undisturbed && baseline_allows(undisturbed, session->last_status)))
        return 1;
    return session->last_status == ACSMTP_UNAVAILABLE && strcmp(session->last_name, "probe") == 0;
}

static void tell_wrong(enum contract_rule rule, const struct session *session, const char *when,
                       int wanted)
{
    (void)verdict_fail(rule, "%s() %s ended with '%s' instead of '%s': %.300s", session->last_name,
                       when, acsmtp_status_name(session->last_status), acsmtp_status_name(wanted),
                       session->last_error.message);
}

void check_deadline_zero(struct subject *subject)
{
    struct plan plan = PLAN_INIT;
    struct baseline baseline;
    struct session session;

    if (subject_take(subject) != 0 || baseline_take(subject, &baseline) != 0)
        return;
    plan.timeout_ms = 0;
    if (baseline_live(subject, &plan, &session) >= 0 &&
        !is_expected(&session, ACSMTP_TEMPORARY, &baseline))
        tell_wrong(RULE_DEADLINE, &session, "without any time left", ACSMTP_TEMPORARY);
}

void check_deadline_slow(struct subject *subject)
{
    struct plan plan = PLAN_INIT;
    struct baseline baseline;
    struct session session;

    if (subject_take(subject) != 0 || baseline_take(subject, &baseline) != 0)
        return;
    if (!baseline_asks(&baseline)) {
        (void)verdict_skip("%s", BASELINE_ASKS_NOBODY);
        return;
    }
    plan.probe.script = SCRIPT_SLOW;
    plan.timeout_ms = SHORT_MS;
    if (baseline_live(subject, &plan, &session) < 0)
        return;
    if (!is_expected(&session, ACSMTP_TEMPORARY, NULL))
        tell_wrong(RULE_DEADLINE, &session, "with a server that never ends", ACSMTP_TEMPORARY);
}

void check_cancelled_before(struct subject *subject)
{
    struct baseline baseline;
    struct session session;

    if (subject_take(subject) != 0 || baseline_take(subject, &baseline) != 0)
        return;
    if (session_init(&session, subject, 0) == 0) {
        session.cancelled = 1;
        (void)session_live(&session);
        if (!is_expected(&session, ACSMTP_CANCELLED, &baseline))
            tell_wrong(RULE_CANCELLED, &session, "in a cancelled context", ACSMTP_CANCELLED);
    }
    session_release(&session);
}

void check_cancelled_anywhere(struct subject *subject)
{
    struct plan plan = PLAN_INIT;
    struct baseline baseline;
    struct session session;
    char when[64];
    unsigned step;

    if (subject_take(subject) != 0 || baseline_take(subject, &baseline) != 0)
        return;
    step = 1 + baseline.services / subject->samples; /* of very many a sample, as the seed says */
    for (unsigned n = 1 + subject->seed % step; n <= baseline.services; n += step) {
        if (verdict_failed())
            return;
        plan.probe.cancel_at = n;
        if (baseline_live(subject, &plan, &session) < 0)
            return;
        (void)snprintf(when, sizeof when, "cancelled at host call %u of %u", n, baseline.services);
        if (session.last_status != ACSMTP_CANCELLED &&
            !baseline_allows(&baseline, session.last_status))
            tell_wrong(RULE_CANCELLED, &session, when, ACSMTP_CANCELLED);
    }
}
