/* SPDX-License-Identifier: MIT */
/* The thread that renews a token while long work goes on. */
#include "cunit_main.h"
#include "driver/keeper.h"
#include "plugins/chain_fixture.h"
#include <pthread.h>
#include <signal.h>
#include <time.h>

#define SOON KEEPER_REUSE_SECONDS + 2 /* a second until such a token is renewed */

static void give_token(const char *text, int64_t life)
{
    struct acsmtp_secret *token = acsmtp_secret_new(text, strlen(text), &fixture.err);

    CU_ASSERT_EQUAL_FATAL(acsmtp_credential_set_token(fixture.credential, token,
                                                      (int64_t)time(NULL) + life, 0, &fixture.err),
                          ACSMTP_OK);
}

static struct keeper *keep(void)
{
    return keeper_start(chain, fixture.context, &request, fixture.credential);
}

/* Whether the keeper brings something within so many milliseconds. */
static int takes_within(struct keeper *keeper, int milliseconds)
{
    int waited;

    for (waited = 0; waited < milliseconds; waited += 20) {
        if (keeper_take(keeper, fixture.credential))
            return 1;
        CU_ASSERT_EQUAL(acsmtp_context_sleep(fixture.context, 20, &fixture.err), ACSMTP_OK);
    }
    return 0;
}

static void a_token_is_renewed_before_it_ends_and_taken_once(void)
{
    struct keeper *keeper;

    start("[" TELL("\"text\": \"a\"") "]");
    give_token("old", SOON);
    keeper = keep();
    CU_ASSERT_PTR_NOT_NULL_FATAL(keeper);
    CU_ASSERT_FALSE(keeper_take(keeper, fixture.credential));
    CU_ASSERT_STRING_EQUAL(fixture_secret(&fixture), "old");
    CU_ASSERT(takes_within(keeper, 5000));
    CU_ASSERT_STRING_EQUAL(fixture_secret(&fixture), "a-1");
    CU_ASSERT_FALSE(keeper_take(keeper, fixture.credential));
    CU_ASSERT_STRING_EQUAL(chain_name_of(chain, fixture.credential), "tell");
    keeper_stop(keeper);
    CU_ASSERT_EQUAL(acquires(), 1);
    stop();
}

static void a_good_token_is_let_alone(void)
{
    struct keeper *keeper;

    start("[" TELL("\"text\": \"a\"") "]");
    gives("a-1");
    keeper = keep();
    CU_ASSERT_FALSE(takes_within(keeper, 1500));
    keeper_stop(keeper);
    CU_ASSERT_EQUAL(acquires(), 1);
    stop();
}

static void there_is_nothing_to_keep_of_passwords_and_endless_tokens(void)
{
    start("[" TELL("\"answer\": \"password\"") "]");
    CU_ASSERT_EQUAL(acquire(), ACSMTP_OK);
    CU_ASSERT_PTR_NULL(keep());
    stop();
    start("[" TELL("\"life\": 0") "]");
    CU_ASSERT_EQUAL(acquire(), ACSMTP_OK);
    CU_ASSERT_PTR_NULL(keep());
    CU_ASSERT_FALSE(keeper_take(NULL, fixture.credential));
    keeper_stop(NULL);
    stop();
}

static void a_source_that_fails_leaves_the_old_token(void)
{
    struct keeper *keeper;

    start("[" TELL("\"answer\": \"temporary\"") "]");
    give_token("old", SOON);
    keeper = keep();
    CU_ASSERT_FALSE(takes_within(keeper, 1800));
    CU_ASSERT_STRING_EQUAL(fixture_secret(&fixture), "old");
    keeper_stop(keeper);
    CU_ASSERT_EQUAL(acquires(), 1);
    stop();
}

static void it_ends_at_once_in_the_middle_of_a_request(void)
{
    struct timespec before, after;
    struct keeper *keeper;

    start("[" TELL("\"pause\": 60000") "]");
    give_token("old", SOON);
    keeper = keep();
    CU_ASSERT_FALSE(takes_within(keeper, 1500));
    CU_ASSERT_EQUAL(acquires(), 1);
    (void)clock_gettime(CLOCK_MONOTONIC, &before);
    keeper_stop(keeper);
    (void)clock_gettime(CLOCK_MONOTONIC, &after);
    CU_ASSERT(after.tv_sec - before.tv_sec < 5);
    stop();
}

/* The default action of SIGUSR1 would end this program if the keeper's thread could get it. */
static void signals_are_not_for_its_thread(void)
{
    struct keeper *keeper;
    sigset_t usr1, before;
    int got = 0;

    start("[" TELL("\"text\": \"a\"") "]");
    gives("a-1");
    keeper = keep();
    (void)sigemptyset(&usr1);
    (void)sigaddset(&usr1, SIGUSR1);
    CU_ASSERT_EQUAL(pthread_sigmask(SIG_BLOCK, &usr1, &before), 0);
    CU_ASSERT_EQUAL(kill(getpid(), SIGUSR1), 0);
    CU_ASSERT_EQUAL(sigwait(&usr1, &got), 0);
    CU_ASSERT_EQUAL(got, SIGUSR1);
    CU_ASSERT_EQUAL(pthread_sigmask(SIG_SETMASK, &before, NULL), 0);
    keeper_stop(keeper);
    stop();
}

CUNIT_MAIN("keeper", T(a_token_is_renewed_before_it_ends_and_taken_once),
           T(a_good_token_is_let_alone),
           T(there_is_nothing_to_keep_of_passwords_and_endless_tokens),
           T(a_source_that_fails_leaves_the_old_token),
           T(it_ends_at_once_in_the_middle_of_a_request), T(signals_are_not_for_its_thread))
