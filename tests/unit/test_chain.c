/* SPDX-License-Identifier: MIT */
/* Chains of real plugins: the order, the reasons, the limits, and chains inside of chains. */
#include "cunit_main.h"
#include "plugins/chain_fixture.h"
#include <time.h>

/* ---- order and reasons ---- */

static void the_first_that_can_answer_wins_and_all_reasons_are_reported(void)
{
    start("[" UNAVAILABLE ", {\"plugin\": \"tell-one\", \"open\": \"unavailable\"}, " TELL(
        "\"text\": \"a\"") ", \"tell\"]");
    gives("a-1");
    CU_ASSERT_EQUAL(acsmtp_report_length(fixture.report), 3);
    attempt_is(0, "tell-any", ACSMTP_UNAVAILABLE, "told to be unavailable");
    attempt_is(1, "tell-one", ACSMTP_UNAVAILABLE, "not configured");
    attempt_is(2, "tell", ACSMTP_OK, "");
    stop();
}

static void a_refused_identity_stops_the_chain(void)
{
    start("[" TELL("\"answer\": \"denied\"") ", \"tell-any\"]");
    fails(ACSMTP_DENIED, "credential tell: told to be denied");
    CU_ASSERT_EQUAL(acsmtp_report_length(fixture.report), 1);
    stop();
}

static void on_denied_next_goes_on(void)
{
    start("[" TELL("\"answer\": \"denied\", \"on_denied\": \"next\"") ", \"tell-any\"]");
    gives("tok-0");
    attempt_is(0, "tell", ACSMTP_DENIED, "told to be denied");
    stop();
}

static void every_other_failure_stops_the_chain(void)
{
    static const struct {
        const char *word;
        int status;
    } cases[] = {{"config", ACSMTP_CONFIG},       {"temporary", ACSMTP_TEMPORARY},
                 {"rejected", ACSMTP_REJECTED},   {"protocol", ACSMTP_PROTOCOL},
                 {"cancelled", ACSMTP_CANCELLED}, {"empty", ACSMTP_SYSTEM},
                 {"wild", ACSMTP_SYSTEM},         {"mute", ACSMTP_TEMPORARY}};
    char entries[512];
    size_t i;

    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        (void)snprintf(entries, sizeof entries,
                       "[{\"plugin\": \"tell\", \"answer\": \"%s\", \"on_denied\": \"next\"}, "
                       "\"tell-any\"]",
                       cases[i].word);
        start(entries);
        fails(cases[i].status, "credential tell: ");
        CU_ASSERT_EQUAL(acsmtp_report_length(fixture.report), 1);
        stop();
    }
}

static void when_nothing_applies_all_names_are_told(void)
{
    start("[" UNAVAILABLE ", {\"plugin\": \"tell\", \"open\": \"unavailable\"}]");
    fails(ACSMTP_UNAVAILABLE, "none of the 2 credential sources applies here: tell-any, tell");
    stop();
    start("[" UNAVAILABLE "]");
    fails(ACSMTP_UNAVAILABLE, "credential tell-any: told to be unavailable");
    stop();
}

static void the_most_telling_failure_is_the_chains(void)
{
    start("[" UNAVAILABLE ", " TELL(
        "\"answer\": \"denied\", \"on_denied\": \"next\"") ", "
                                                           "{\"plugin\": \"tell-one\", \"answer\": "
                                                           "\"temporary\"}]");
    fails(ACSMTP_DENIED, "credential tell: told to be denied");
    CU_ASSERT_EQUAL(acsmtp_report_length(fixture.report), 3);
    stop();
}

static void the_winner_is_asked_first_from_then_on(void)
{
    start("[" TELL("\"answer\": \"unavailable\"") ", {\"plugin\": \"tell-any\"}]");
    gives("tok-0");
    request.flags = ACSMTP_REQUEST_REFRESH;
    gives("tok-0");
    CU_ASSERT_EQUAL(acquires(), 1);
    stop();
}

/* ---- config ---- */

static void broken_config(const char *entries, const char *message)
{
    int status = try_open(entries);

    if (status == ACSMTP_OK)
        status = chain_check(chain, &fixture.err);
    CU_ASSERT_EQUAL(status, ACSMTP_CONFIG);
    fixture_says(&fixture.err, message);
    stop();
}

static void mistakes_are_told_with_file_and_line(void)
{
    broken_config("[]", "empty");
    broken_config("[\"tell\", {\"plugin\": \"tell\", \"on_denied\": \"maybe\"}]", "config.json:1");
    broken_config("[\"tall\"]", "did you mean 'tell'?");
    broken_config("[\"tall\"]", "config.json:1");
    broken_config("[{\"plugin\": \"tell\", \"anser\": \"x\"}]", "answer");
    broken_config("[{\"plugin\": \"tell\", \"credentials\": [\"nobody\"]}]", "nobody");
}

static void a_timeout_that_is_none_is_told(void)
{
    start("[{\"plugin\": \"tell\", \"timeout\": \"soon\"}]");
    fails(ACSMTP_CONFIG, "timeout");
    stop();
}

static void chains_may_not_be_nested_without_end(void)
{
    char entries[4096] = "[\"tell\"]";
    char deeper[8192];
    int i;

    for (i = 0; i < 10; i++) {
        (void)snprintf(deeper, sizeof deeper, "[{\"plugin\": \"tell\", \"credentials\": %s}]",
                       entries);
        memcpy(entries, deeper, strlen(deeper) + 1);
    }
    broken_config(entries, "nested more than 8 deep");
}

/* ---- limits ---- */

static void a_member_is_probed_only_beside_others(void)
{
    start("[" TELL("\"probe\": \"unavailable\"") "]");
    gives("tok-1");
    CU_ASSERT_EQUAL(fixture_count(&fixture, "log", "probe"), 0);
    CU_ASSERT_EQUAL(fixture_count(&fixture, "log", "acquire chained"), 0);
    stop();
    start("[" TELL("\"probe\": \"unavailable\"") ", " TELL("\"life\": 0") "]");
    gives("tok-1");
    gives("tok-2");
    CU_ASSERT_EQUAL(fixture_count(&fixture, "log", "probe within 1000 ms"), 2);
    CU_ASSERT_EQUAL(fixture_count(&fixture, "log", "acquire chained"), 2);
    attempt_is(0, "tell", ACSMTP_UNAVAILABLE, "nobody there");
    stop();
}

static void a_probe_that_hangs_ends_after_a_second_as_unavailable(void)
{
    time_t start_time;

    start("[" TELL("\"probe\": \"hang\"") ", \"tell-any\"]");
    start_time = time(NULL);
    gives("tok-0");
    CU_ASSERT(time(NULL) - start_time <= 4);
    attempt_is(0, "tell", ACSMTP_UNAVAILABLE, "");
    CU_ASSERT_EQUAL(acquires(), 0);
    stop();
}

static void an_entry_can_have_a_timeout_of_its_own(void)
{
    start("[" TELL("\"pause\": 60000, \"timeout\": \"80ms\"") ", \"tell-any\"]");
    fails(ACSMTP_TEMPORARY, "credential tell: ");
    stop();
}

static void on_temporary_next_goes_on(void)
{
    start("[" TELL("\"answer\": \"temporary\", \"on_temporary\": \"next\"") ", \"tell-any\"]");
    gives("tok-0");
    attempt_is(0, "tell", ACSMTP_TEMPORARY, "told to be temporary");
    stop();
    broken_config("[{\"plugin\": \"tell\", \"on_temporary\": \"later\"}]",
                  "\"on_temporary\" is \"stop\" (the default) or \"next\"");
}

static void what_is_temporary_is_asked_again_when_the_entry_says_so(void)
{
    struct timespec before, after;

    start("[" TELL("\"answer\": \"temporary\", \"retries\": 1") ", \"tell-any\"]");
    (void)clock_gettime(CLOCK_MONOTONIC, &before);
    fails(ACSMTP_TEMPORARY, "credential tell: told to be temporary");
    (void)clock_gettime(CLOCK_MONOTONIC, &after);
    CU_ASSERT_EQUAL(fixture_count(&fixture, "log", "acquire"), 2);
    CU_ASSERT((after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000 >=
              900);
    stop();
    start("[" TELL("\"answer\": \"denied\", \"retries\": 3") "]");
    fails(ACSMTP_DENIED, "told to be denied");
    CU_ASSERT_EQUAL(fixture_count(&fixture, "log", "acquire"), 1);
    stop();
    start("[" TELL("\"answer\": \"temporary\", \"retries\": 3, \"timeout\": \"500ms\"") "]");
    fails(ACSMTP_TEMPORARY, "told to be temporary");
    CU_ASSERT_EQUAL(fixture_count(&fixture, "log", "acquire"), 1);
    stop();
    start("[" TELL("\"retries\": 21") "]");
    fails(ACSMTP_CONFIG, "must be 0 to 20");
    stop();
}

static void an_optional_plugin_need_not_be_installed(void)
{
    start("[{\"plugin\": \"not-there\", \"optional\": true}, \"tell-any\"]");
    CU_ASSERT_EQUAL(chain_check(chain, &fixture.err), ACSMTP_OK);
    gives("tok-0");
    attempt_is(0, "not-there", ACSMTP_UNAVAILABLE, "this plugin is not installed");
    stop();
    start("[{\"plugin\": \"not-there\"}, \"tell-any\"]");
    CU_ASSERT_EQUAL(chain_check(chain, &fixture.err), ACSMTP_CONFIG);
    stop();
    broken_config("[{\"plugin\": \"tell\", \"optional\": 1}]", "\"optional\" is true or false");
}

/* ---- nested ---- */

static void the_members_of_a_nested_chain_are_reported_under_its_name(void)
{
    start("[" TELL("\"credentials\": \"not-there?,tell-any\"") "]");
    gives("tok-1");
    CU_ASSERT_EQUAL(acsmtp_report_length(fixture.report), 3);
    attempt_is(0, "tell/not-there", ACSMTP_UNAVAILABLE, "not installed");
    attempt_is(1, "tell/tell-any", ACSMTP_OK, "");
    attempt_is(2, "tell", ACSMTP_OK, "");
    stop();
}

static void a_nested_chain_is_kept_like_any_other(void)
{
    start("[" TELL("\"answer\": \"password\", \"credentials\": [" UNAVAILABLE
                   ", {\"plugin\": \"tell-one\", \"log\": \"@/nested\"}]") "]");
    gives("password-1");
    gives("password-2");
    CU_ASSERT_EQUAL(fixture_count(&fixture, "nested", "acquire chained"), 1);
    again();
    gives("password-3");
    CU_ASSERT_EQUAL(fixture_count(&fixture, "nested", "acquire"), 1);
    stop();
}

static void a_failing_nested_chain_is_the_members_failure(void)
{
    start("[" TELL("\"credentials\": [{\"plugin\": \"tell-any\", \"answer\": \"denied\"}]") "]");
    fails(ACSMTP_DENIED, "credential tell-any: told to be denied");
    CU_ASSERT_PTR_NOT_NULL(strstr(fixture.err.message, "credential tell: "));
    stop();
}

static void what_a_nested_chain_depends_on_voids_the_outer_token(void)
{
    (void)unsetenv("TELL_SELECTOR");
    start("[" TELL("\"credentials\": [{\"plugin\": \"tell-any\", \"depends\": \"@/inner\"}]") "]");
    fixture_write(&fixture, "inner", "1");
    gives("tok-1");
    again();
    gives("tok-1");
    fixture_write(&fixture, "inner", "22");
    again();
    gives("tok-2");
    stop();
}

CUNIT_MAIN("chain", T(the_first_that_can_answer_wins_and_all_reasons_are_reported),
           T(a_refused_identity_stops_the_chain), T(on_denied_next_goes_on),
           T(every_other_failure_stops_the_chain), T(when_nothing_applies_all_names_are_told),
           T(the_most_telling_failure_is_the_chains), T(the_winner_is_asked_first_from_then_on),
           T(mistakes_are_told_with_file_and_line), T(a_timeout_that_is_none_is_told),
           T(chains_may_not_be_nested_without_end), T(a_member_is_probed_only_beside_others),
           T(a_probe_that_hangs_ends_after_a_second_as_unavailable),
           T(an_entry_can_have_a_timeout_of_its_own), T(a_nested_chain_is_kept_like_any_other),
           T(on_temporary_next_goes_on), T(what_is_temporary_is_asked_again_when_the_entry_says_so),
           T(an_optional_plugin_need_not_be_installed),
           T(the_members_of_a_nested_chain_are_reported_under_its_name),
           T(a_failing_nested_chain_is_the_members_failure),
           T(what_a_nested_chain_depends_on_voids_the_outer_token))
