/* SPDX-License-Identifier: MIT */
/* Undisturbed lives, see baseline.h. */
#include "baseline.h"
#include "memory.h"
#include "provider.h"
#include "verdict.h"

int baseline_live(const struct subject *subject, const struct plan *plan, struct session *session)
{
    int status = session_init(session, subject, plan->probe.instance);

    if (status == 0) {
        session->probe = plan->probe;
        session->timeout_ms = plan->timeout_ms < 0 ? SESSION_TIMEOUT_MS : plan->timeout_ms;
        session->without_probe = plan->without_probe;
        status = session_live(session);
    }
    session_release(session);
    return status;
}

unsigned baseline_asks(const struct baseline *baseline)
{
    return baseline->requests + baseline->programs + baseline->sessions;
}

int baseline_allows(const struct baseline *baseline, int status)
{
    return status == baseline->status || (status != ACSMTP_OK && baseline->status != ACSMTP_OK);
}

int baseline_take(const struct subject *subject, struct baseline *baseline)
{
    const struct plan plan = PLAN_INIT;
    struct session session;
    int status = baseline_live(subject, &plan, &session);

    if (status < 0)
        return -1;
    if (!session.was_open)
        return verdict_skip("there is no life to disturb: open() ends with '%s', see life.whole",
                            acsmtp_status_name(session.last_status));
    if (!provider_is_there())
        status = baseline_live(subject, &plan, &session);
    baseline->status = status;
    baseline->services = session.probe.services;
    baseline->requests = session.probe.requests;
    baseline->programs = session.probe.programs;
    baseline->sessions = session.probe.sessions;
    baseline->bodies = session.probe.bodies;
    baseline->allocations = session.probe.allocations;
    baseline->live = memory_live();
    return 0;
}
