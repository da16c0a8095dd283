/* SPDX-License-Identifier: MIT */
/* Servers and programs that answer what nobody wants to hear. */
#include "baseline.h"
#include "checks.h"
#include "server.h"
#include "verdict.h"

/* Shorter than the wait that servers tell, so that nobody waits for it. */
enum { REQUESTS_MAX = 8, TIMEOUT_MS = PROBE_RETRY_AFTER * 1000 / 2 };

/* The classes that a life may end with under a script, as bits. */
#define CLASS(status) (1U << (status))

static const struct expectation {
    enum script script;
    unsigned classes;
    enum contract_rule rule;
    int needs_http; /* a program has no status line */
} malformed[] = {
    {SCRIPT_EMPTY, CLASS(ACSMTP_PROTOCOL) | CLASS(ACSMTP_UNAVAILABLE), RULE_PROTOCOL, 0},
    {SCRIPT_NOT_JSON, CLASS(ACSMTP_PROTOCOL) | CLASS(ACSMTP_UNAVAILABLE), RULE_PROTOCOL, 0},
    {SCRIPT_CUT_JSON, CLASS(ACSMTP_PROTOCOL) | CLASS(ACSMTP_UNAVAILABLE), RULE_PROTOCOL, 0},
    {SCRIPT_WRONG_TYPES, CLASS(ACSMTP_PROTOCOL) | CLASS(ACSMTP_UNAVAILABLE), RULE_PROTOCOL, 0},
    {SCRIPT_DEEP, CLASS(ACSMTP_PROTOCOL) | CLASS(ACSMTP_UNAVAILABLE), RULE_PROTOCOL, 0},
    {SCRIPT_HUGE, CLASS(ACSMTP_PROTOCOL) | CLASS(ACSMTP_UNAVAILABLE), RULE_PROTOCOL, 0},
    {SCRIPT_SHORT_BODY, CLASS(ACSMTP_PROTOCOL) | CLASS(ACSMTP_TEMPORARY), RULE_PROTOCOL, 1},
    {SCRIPT_BAD_CHUNK, CLASS(ACSMTP_PROTOCOL) | CLASS(ACSMTP_TEMPORARY), RULE_PROTOCOL, 1},
    {SCRIPT_BAD_STATUS, CLASS(ACSMTP_PROTOCOL) | CLASS(ACSMTP_TEMPORARY), RULE_PROTOCOL, 1},
};

/* A refusal is for good: who calls it temporary has the caller come again for ever. */
#define FOR_GOOD                                                                                   \
    (CLASS(ACSMTP_DENIED) | CLASS(ACSMTP_UNAVAILABLE) | CLASS(ACSMTP_CONFIG) |                     \
     CLASS(ACSMTP_PROTOCOL) | CLASS(ACSMTP_REJECTED))

static const struct expectation refused[] = {
    {SCRIPT_401, FOR_GOOD, RULE_DENIED, 1},
    {SCRIPT_403, FOR_GOOD, RULE_DENIED, 1},
    {SCRIPT_404, FOR_GOOD | CLASS(ACSMTP_TEMPORARY), RULE_DENIED, 1},
    {SCRIPT_REDIRECT, FOR_GOOD | CLASS(ACSMTP_TEMPORARY), RULE_HTTPS, 1},
};

static const struct expectation temporary[] = {
    {SCRIPT_429, CLASS(ACSMTP_TEMPORARY), RULE_TEMPORARY, 1},
    {SCRIPT_429_RETRY, CLASS(ACSMTP_TEMPORARY), RULE_TEMPORARY, 1},
    {SCRIPT_500, CLASS(ACSMTP_TEMPORARY), RULE_TEMPORARY, 1},
    {SCRIPT_503_RETRY, CLASS(ACSMTP_TEMPORARY), RULE_TEMPORARY, 1},
};

static const struct expectation lost[] = {
    {SCRIPT_RESET, CLASS(ACSMTP_TEMPORARY), RULE_TEMPORARY, 1},
};

static void judge_end(const struct session *session, const struct expectation *expectation)
{
    /* SMTP has no such word. */
    int tells_wait =
        session->subject->plugin->kind != ACSMTP_KIND_TRANSPORT &&
        (expectation->script == SCRIPT_429_RETRY || expectation->script == SCRIPT_503_RETRY);

    if (!(expectation->classes & CLASS(session->last_status)))
        (void)verdict_fail(expectation->rule, "%s() after %s ended with '%s': %.300s",
                           session->last_name, script_name(expectation->script),
                           acsmtp_status_name(session->last_status), session->last_error.message);
    else if (tells_wait && session->last_error.retry_after != PROBE_RETRY_AFTER)
        (void)verdict_fail(
            RULE_RETRY_AFTER, "%s() after %s tells a wait of %d s instead of %d: %.300s",
            session->last_name, script_name(expectation->script),
            (int)session->last_error.retry_after, PROBE_RETRY_AFTER, session->last_error.message);
}

/*
 * From every request on once: a plugin may do without some reply in the middle, but not without
 * any.
 */
static void play(const struct subject *subject, const struct baseline *baseline,
                 const struct expectation *expectation)
{
    unsigned count = baseline->requests + baseline->programs;
    struct session session;

    if (expectation->needs_http && !baseline->requests)
        return;
    for (unsigned n = 1; n <= count && n <= REQUESTS_MAX && !verdict_failed(); n++) {
        struct plan plan = {.probe = {.script = expectation->script, .script_from = n},
                            .timeout_ms = TIMEOUT_MS,
                            .without_probe = 1};

        if (baseline_live(subject, &plan, &session) < 0)
            return;
        if (n == 1 && (baseline->status == ACSMTP_OK || expectation->rule != RULE_PROTOCOL))
            judge_end(&session, expectation);
    }
}

static void play_all(struct subject *subject, const struct expectation *expectations, size_t count)
{
    struct baseline baseline;
    int is_session, played = 0;

    if (subject_take(subject) != 0 || baseline_take(subject, &baseline) != 0)
        return;
    is_session = subject->plugin->kind == ACSMTP_KIND_TRANSPORT;
    if (!baseline.requests && !(baseline.programs && !expectations[0].needs_http)) {
        (void)verdict_skip("it asks nobody who could answer so");
        return;
    }
    for (size_t i = 0; i < count; i++)
        if (!is_session || expectations[i].script >= SCRIPT_401) {
            play(subject, &baseline, &expectations[i]);
            played = 1;
        }
    if (!played)
        (void)verdict_skip("its replies are SMTP, which the host reads for it");
}

void check_malformed(struct subject *subject)
{
    play_all(subject, malformed, sizeof malformed / sizeof malformed[0]);
}

void check_refused(struct subject *subject)
{
    play_all(subject, refused, sizeof refused / sizeof refused[0]);
}

void check_temporary(struct subject *subject)
{
    play_all(subject, temporary, sizeof temporary / sizeof temporary[0]);
}

void check_lost(struct subject *subject)
{
    play_all(subject, lost, sizeof lost / sizeof lost[0]);
}
