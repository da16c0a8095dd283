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
#define UNREADABLE (CLASS(ACSMTP_PROTOCOL) | CLASS(ACSMTP_UNAVAILABLE))
#define BROKEN_OFF (CLASS(ACSMTP_PROTOCOL) | CLASS(ACSMTP_TEMPORARY))

/* Whom a script can be about, as bits. */
enum side {
    SIDE_BODY = 1, /* HTTP, and bodies matter */
    SIDE_HTTP = 2,
    SIDE_PROGRAM = 4, /* what a helper prints */
    SIDE_SMTP = 8     /* what a server says to the login; the host reads the dialogue */
};

static const struct expectation {
    enum script script;
    unsigned classes;
    enum contract_rule rule;
    unsigned sides; /* enum side, or-ed */
} malformed[] = {
    {SCRIPT_EMPTY, UNREADABLE, RULE_PROTOCOL, SIDE_BODY | SIDE_PROGRAM},
    {SCRIPT_NOT_JSON, UNREADABLE, RULE_PROTOCOL, SIDE_BODY | SIDE_PROGRAM},
    {SCRIPT_CUT_JSON, UNREADABLE, RULE_PROTOCOL, SIDE_BODY | SIDE_PROGRAM},
    {SCRIPT_WRONG_TYPES, UNREADABLE, RULE_PROTOCOL, SIDE_BODY | SIDE_PROGRAM},
    {SCRIPT_DEEP, UNREADABLE, RULE_PROTOCOL, SIDE_BODY | SIDE_PROGRAM},
    {SCRIPT_HUGE, UNREADABLE, RULE_PROTOCOL, SIDE_HTTP | SIDE_PROGRAM},
    {SCRIPT_SHORT_BODY, BROKEN_OFF, RULE_PROTOCOL, SIDE_HTTP},
    {SCRIPT_BAD_CHUNK, BROKEN_OFF, RULE_PROTOCOL, SIDE_HTTP},
    {SCRIPT_BAD_STATUS, BROKEN_OFF, RULE_PROTOCOL, SIDE_HTTP},
};

/* A refusal is for good: who calls it temporary has the caller come again for ever. */
#define FOR_GOOD                                                                                   \
    (CLASS(ACSMTP_DENIED) | CLASS(ACSMTP_UNAVAILABLE) | CLASS(ACSMTP_CONFIG) |                     \
     CLASS(ACSMTP_PROTOCOL) | CLASS(ACSMTP_REJECTED))

static const struct expectation refused[] = {
    {SCRIPT_401, FOR_GOOD, RULE_DENIED, SIDE_HTTP | SIDE_SMTP},
    {SCRIPT_403, FOR_GOOD, RULE_DENIED, SIDE_HTTP | SIDE_SMTP},
    {SCRIPT_404, FOR_GOOD | CLASS(ACSMTP_TEMPORARY), RULE_DENIED, SIDE_HTTP | SIDE_SMTP},
    {SCRIPT_REDIRECT, FOR_GOOD | CLASS(ACSMTP_TEMPORARY), RULE_HTTPS, SIDE_HTTP},
};

static const struct expectation temporary[] = {
    {SCRIPT_429, CLASS(ACSMTP_TEMPORARY), RULE_TEMPORARY, SIDE_HTTP | SIDE_SMTP},
    {SCRIPT_429_RETRY, CLASS(ACSMTP_TEMPORARY), RULE_TEMPORARY, SIDE_HTTP | SIDE_SMTP},
    {SCRIPT_500, CLASS(ACSMTP_TEMPORARY), RULE_TEMPORARY, SIDE_HTTP | SIDE_SMTP},
    {SCRIPT_503_RETRY, CLASS(ACSMTP_TEMPORARY), RULE_TEMPORARY, SIDE_HTTP | SIDE_SMTP},
};

static const struct expectation lost[] = {
    {SCRIPT_RESET, CLASS(ACSMTP_TEMPORARY), RULE_TEMPORARY, SIDE_HTTP},
};

/* Whom this plugin asks. A transport may go by the status alone, all others ask for something. */
static unsigned sides_of(const struct subject *subject, const struct baseline *baseline)
{
    int needs_body = baseline->bodies || subject->plugin->kind != ACSMTP_KIND_TRANSPORT;

    return (baseline->requests ? SIDE_HTTP : 0U) |
           (baseline->requests && needs_body ? SIDE_BODY : 0U) |
           (baseline->programs ? SIDE_PROGRAM : 0U) | (baseline->sessions ? SIDE_SMTP : 0U);
}

static void judge_end(const struct session *session, const struct expectation *expectation)
{
    /* SMTP has no such word. */
    int tells_wait = session->probe.requests && (expectation->script == SCRIPT_429_RETRY ||
                                                 expectation->script == SCRIPT_503_RETRY);

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
 * From every request on once, of many a sample that begins with the first: a plugin may do without
 * some reply in the middle, but not without any.
 */
static void play(const struct subject *subject, const struct baseline *baseline,
                 const struct expectation *expectation)
{
    unsigned most = subject->samples < REQUESTS_MAX ? subject->samples : REQUESTS_MAX;
    unsigned count = baseline_asks(baseline);
    struct session session;

    for (unsigned n = 1; n <= count && !verdict_failed(); n += 1 + (count - 1) / most) {
        struct plan plan = {.probe = {.script = expectation->script, .script_from = n},
                            .timeout_ms = TIMEOUT_MS,
                            .without_probe = 1};

        if (baseline_live(subject, &plan, &session) < 0)
            return;
        if (n == 1 && (baseline->status == ACSMTP_OK || expectation->rule != RULE_PROTOCOL))
            judge_end(&session, expectation);
    }
}

/* Why nobody can answer as the scripts do. */
static const char *why_silent(unsigned sides)
{
    if (sides & SIDE_SMTP)
        return "its replies are SMTP, which the host reads for it";
    if (sides & SIDE_PROGRAM)
        return "it asks programs, which cannot answer so";
    return BASELINE_ASKS_NOBODY;
}

static void play_all(struct subject *subject, const struct expectation *expectations, size_t count)
{
    struct baseline baseline;
    unsigned sides;
    int played = 0;

    if (subject_take(subject) != 0 || baseline_take(subject, &baseline) != 0)
        return;
    sides = sides_of(subject, &baseline);
    for (size_t i = 0; i < count; i++)
        if (expectations[i].sides & sides) {
            play(subject, &baseline, &expectations[i]);
            played = 1;
        }
    if (!played)
        (void)verdict_skip("%s", why_silent(sides));
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
