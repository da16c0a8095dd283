/* SPDX-License-Identifier: MIT */
/* The tokens that chains keep: in memory, between processes, among threads, and when they go. */
#include "cunit_main.h"
#include "plugins/chain_fixture.h"
#include <pthread.h>
#include <sys/wait.h>
#include <time.h>

/* ---- what is kept ---- */

static void a_token_is_asked_for_once_and_then_known_to_memory_and_disk(void)
{
    start("[" UNAVAILABLE ", " TELL("\"text\": \"a\"") "]");
    gives("a-1");
    gives("a-1");
    again();
    gives("a-1");
    CU_ASSERT_EQUAL(acquires(), 1);
    attempt_is(2, "tell", ACSMTP_OK, "from memory");
    attempt_is(3, "tell", ACSMTP_OK, "from the cache");
    CU_ASSERT_PTR_NULL(chain->members[1].entry.plugin);
    stop();
}

static void other_requests_have_other_tokens(void)
{
    start("[" TELL("\"text\": \"a\"") "]");
    gives("a-1");
    request.tenant = "contoso.example";
    gives("a-2");
    request.scope = "https://graph.example/.default";
    gives("a-3");
    request.claims = "{}";
    gives("a-4");
    again();
    request.claims = NULL;
    gives("a-3");
    CU_ASSERT_EQUAL(fixture_count(&fixture, "log", "acquire tenant=contoso.example"), 3);
    stop();
}

static void refresh_asks_anew_and_overwrites(void)
{
    start("[" TELL("\"text\": \"a\"") "]");
    gives("a-1");
    request.flags = ACSMTP_REQUEST_REFRESH;
    gives("a-2");
    CU_ASSERT_EQUAL(fixture_count(&fixture, "log", "acquire refresh"), 1);
    request.flags = 0;
    gives("a-2");
    again();
    gives("a-2");
    stop();
}

static void passwords_and_tokens_without_expiry_are_not_kept(void)
{
    start("[" TELL("\"answer\": \"password\"") "]");
    gives("password-1");
    gives("password-2");
    stop();
    start("[" TELL("\"life\": 0") "]");
    gives("tok-1");
    gives("tok-2");
    again();
    gives("tok-3");
    stop();
}

static void without_a_cache_folder_memory_still_works(void)
{
    start("[" TELL("\"text\": \"a\"") "]");
    (void)setenv("XDG_CACHE_HOME", "/proc/self", 1);
    gives("a-1");
    gives("a-1");
    again();
    gives("a-2");
    stop();
}

static void a_driver_without_cache_leaves_no_file(void)
{
    char path[512];

    start("[" TELL("\"text\": \"a\"") "]");
    fixture.host.use_cache = 0;
    gives("a-1");
    gives("a-1");
    again();
    gives("a-2");
    CU_ASSERT_NOT_EQUAL(access(fixture_path(&fixture, "acsmtp", path), F_OK), 0);
    stop();
}

static void a_changed_variable_or_file_voids_the_token(void)
{
    (void)unsetenv("TELL_SELECTOR");
    start("[" TELL("\"depends\": \"@/source\"") "]");
    fixture_write(&fixture, "source", "one");
    gives("tok-1");
    gives("tok-1");
    (void)setenv("TELL_SELECTOR", "other", 1);
    gives("tok-2");
    again();
    gives("tok-2");
    fixture_write(&fixture, "source", "other");
    gives("tok-3");
    again();
    gives("tok-3");
    fixture_write(&fixture, "source", "once more");
    again();
    gives("tok-4");
    (void)unsetenv("TELL_SELECTOR");
    stop();
}

/* ---- renewal ---- */

static void an_aging_token_is_renewed(void)
{
    start("[" TELL("\"refresh\": -5") "]");
    gives("tok-1");
    gives("tok-2");
    again();
    gives("tok-3");
    stop();
}

static void an_aging_token_does_when_it_cannot_be_renewed_and_is_let_alone_for_a_while(void)
{
    start("[" TELL("\"refresh\": -5, \"script\": \"@/script\"") "]");
    gives("tok-1");
    fixture_write(&fixture, "script", "denied");
    gives("tok-1");
    CU_ASSERT_EQUAL(acquires(), 2);
    gives("tok-1");
    again();
    gives("tok-1");
    CU_ASSERT_EQUAL(acquires(), 2);
    stop();
}

static void a_token_below_five_minutes_is_renewed_before_it_is_given(void)
{
    start("[" TELL("\"life\": 200, \"script\": \"@/script\"") "]");
    gives("tok-1");
    gives("tok-2");
    fixture_write(&fixture, "script", "temporary");
    gives("tok-2");
    fixture_write(&fixture, "script", "unavailable");
    gives("tok-2");
    again();
    gives("tok-2");
    fixture_write(&fixture, "script", "denied");
    fails(ACSMTP_DENIED, "told to be denied");
    stop();
}

static void the_validity_that_was_asked_for_counts(void)
{
    start("[" TELL("\"life\": 1000") "]");
    gives("tok-1");
    request.min_validity = 2000;
    gives("tok-2");
    request.min_validity = 500;
    gives("tok-2");
    stop();
}

static void when_to_refresh_is_half_of_a_long_life_or_ten_minutes_before_the_end(void)
{
    int64_t now;

    start("[" TELL("\"life\": 86400") "]");
    gives("tok-1");
    now = (int64_t)time(NULL);
    CU_ASSERT(acsmtp_credential_refresh_on(fixture.credential) >= now + 43200 - 5);
    CU_ASSERT(acsmtp_credential_refresh_on(fixture.credential) <= now + 43200);
    stop();
    start("[" TELL("\"life\": 7000") "]");
    gives("tok-1");
    CU_ASSERT_EQUAL(acsmtp_credential_refresh_on(fixture.credential),
                    acsmtp_credential_expires_on(fixture.credential) - 600);
    stop();
    start("[" TELL("\"life\": 320") "]");
    gives("tok-1");
    CU_ASSERT_EQUAL(acsmtp_credential_refresh_on(fixture.credential),
                    acsmtp_credential_expires_on(fixture.credential) - 310);
    stop();
}

/* ---- many at once ---- */

#define THREADS 24

/* How many of them did not get the first token. All begin at once, when the gate is closed. */
static int failures_of_processes(int count)
{
    int gate[2];
    char go = 0;
    int bad = 0;
    int i;

    CU_ASSERT_EQUAL_FATAL(pipe(gate), 0);
    for (i = 0; i < count; i++) {
        pid_t child = fork();

        CU_ASSERT_FATAL(child >= 0);
        if (child == 0) {
            (void)close(gate[1]);
            _exit(read(gate[0], &go, 1) != 0 || acquire() != ACSMTP_OK ||
                  strcmp(fixture_secret(&fixture), "tok-1") != 0);
        }
    }
    (void)close(gate[0]);
    (void)close(gate[1]);
    for (i = 0; i < count; i++) {
        int status = 0;

        (void)wait(&status);
        bad += status != 0;
    }
    return bad;
}

static void of_a_hundred_processes_one_asks(void)
{
    start("[" TELL("\"pause\": 100") "]");
    CU_ASSERT_EQUAL(failures_of_processes(100), 0);
    CU_ASSERT_EQUAL(acquires(), 1);
    stop();
}

/* A short-lived token is worth sharing with those that waited for it, too. */
static void of_many_processes_one_asks_for_a_short_lived_token(void)
{
    start("[" TELL("\"pause\": 3000, \"life\": 100") "]");
    CU_ASSERT_EQUAL(failures_of_processes(20), 0);
    CU_ASSERT_EQUAL(acquires(), 1);
    stop();
}

static void *acquire_in_thread(void *data)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct acsmtp_credential *credential = acsmtp_credential_new(&err);
    struct acsmtp_context *context = NULL;
    const char *expected = data;
    int status = acsmtp_context_new(&context, &err);

    if (status == ACSMTP_OK)
        status = chain_acquire(chain, context, &request, credential, NULL, &err);
    if (status == ACSMTP_OK && expected &&
        strcmp(acsmtp_secret_data(acsmtp_credential_secret(credential)), expected) != 0)
        status = ACSMTP_SYSTEM;
    acsmtp_credential_free(credential);
    acsmtp_context_free(context);
    return status == ACSMTP_OK ? NULL : (void *)&request;
}

static void run_threads(void *(*run)(void *), const char *expected)
{
    pthread_t threads[THREADS];
    void *result;
    int i;

    for (i = 0; i < THREADS; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, run, (void *)(size_t)expected), 0);
    for (i = 0; i < THREADS; i++) {
        CU_ASSERT_EQUAL(pthread_join(threads[i], &result), 0);
        CU_ASSERT_PTR_NULL(result);
    }
}

static void of_many_threads_one_asks(void)
{
    start("[" TELL("\"pause\": 100") "]");
    run_threads(acquire_in_thread, "tok-1");
    CU_ASSERT_EQUAL(acquires(), 1);
    stop();
}

static void *acquire_and_report(void *data)
{
    struct acsmtp_credential_request fresh = request;
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct acsmtp_credential *credential = acsmtp_credential_new(&err);
    const struct acsmtp_verdict denied = {.size = sizeof denied, .status = ACSMTP_DENIED};
    struct acsmtp_context *context = NULL;
    int status = acsmtp_context_new(&context, &err);
    int i;

    (void)data;
    for (i = 0; i < 5 && status == ACSMTP_OK; i++) {
        fresh.flags = i % 2 ? ACSMTP_REQUEST_REFRESH : 0;
        status = chain_acquire(chain, context, &fresh, credential, NULL, &err);
        if (i % 2 == 0)
            chain_report(chain, context, &denied);
    }
    acsmtp_credential_free(credential);
    acsmtp_context_free(context);
    /* A token can be voided by one thread just before another one has copied it. */
    return status == ACSMTP_OK || status == ACSMTP_TEMPORARY ? NULL : (void *)&request;
}

static void threads_may_ask_refresh_and_report_at_once(void)
{
    start("[" TELL("\"text\": \"a\"") "]");
    run_threads(acquire_and_report, NULL);
    CU_ASSERT_EQUAL(fixture_count(&fixture, "log", "overlap"), 0);
    stop();
}

/* Two chains of one plugin that allows only one call at a time in the whole process. */
static void *acquire_from_own_chain(void *data)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct acsmtp_credential *credential = acsmtp_credential_new(&err);
    struct acsmtp_context *context = NULL;
    struct chain *own = NULL;
    int status = acsmtp_context_new(&context, &err);

    (void)data;
    if (status == ACSMTP_OK)
        status = chain_open(&fixture.host,
                            acsmtp_json_get(config_profile(fixture.config), "credentials"),
                            "profiles.p.credentials", &own, &err);
    if (status == ACSMTP_OK)
        status = chain_acquire(own, context, &request, credential, NULL, &err);
    chain_close(own);
    acsmtp_credential_free(credential);
    acsmtp_context_free(context);
    return status == ACSMTP_OK ? NULL : (void *)&request;
}

static void a_plugin_that_wants_one_call_at_a_time_gets_it(void)
{
    start("[{\"plugin\": \"tell-one\", \"pause\": 5, \"life\": 0, " LOG "}]");
    fixture.host.use_cache = 0;
    run_threads(acquire_from_own_chain, NULL);
    CU_ASSERT_EQUAL(acquires(), THREADS);
    CU_ASSERT_EQUAL(fixture_count(&fixture, "log", "overlap"), 0);
    stop();
}

static void a_waiting_thread_keeps_its_own_deadline(void)
{
    struct acsmtp_context *hurried = NULL;
    pthread_t slow;
    void *result;

    start("[" TELL("\"pause\": 600") "]");
    CU_ASSERT_EQUAL_FATAL(pthread_create(&slow, NULL, acquire_in_thread, NULL), 0);
    while (acquires() == 0)
        (void)usleep(5000);
    CU_ASSERT_EQUAL(acsmtp_context_new(&hurried, &fixture.err), ACSMTP_OK);
    acsmtp_context_set_timeout(hurried, 50);
    CU_ASSERT_EQUAL(chain_acquire(chain, hurried, &request, fixture.credential, NULL, &fixture.err),
                    ACSMTP_TEMPORARY);
    acsmtp_context_free(hurried);
    CU_ASSERT_EQUAL(pthread_join(slow, &result), 0);
    CU_ASSERT_PTR_NULL(result);
    stop();
}

CUNIT_MAIN("chain_token", T(a_token_is_asked_for_once_and_then_known_to_memory_and_disk),
           T(other_requests_have_other_tokens), T(refresh_asks_anew_and_overwrites),
           T(passwords_and_tokens_without_expiry_are_not_kept),
           T(without_a_cache_folder_memory_still_works), T(a_driver_without_cache_leaves_no_file),
           T(a_changed_variable_or_file_voids_the_token), T(an_aging_token_is_renewed),
           T(an_aging_token_does_when_it_cannot_be_renewed_and_is_let_alone_for_a_while),
           T(a_token_below_five_minutes_is_renewed_before_it_is_given),
           T(the_validity_that_was_asked_for_counts),
           T(when_to_refresh_is_half_of_a_long_life_or_ten_minutes_before_the_end),
           T(of_a_hundred_processes_one_asks),
           T(of_many_processes_one_asks_for_a_short_lived_token), T(of_many_threads_one_asks),
           T(threads_may_ask_refresh_and_report_at_once),
           T(a_plugin_that_wants_one_call_at_a_time_gets_it),
           T(a_waiting_thread_keeps_its_own_deadline))
