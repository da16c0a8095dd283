/* SPDX-License-Identifier: MIT */
/* What chains make of verdicts: whose credential it was, and what becomes of its token. */
#include "cunit_main.h"
#include "plugins/chain_fixture.h"
#include <stddef.h>

/* ---- verdicts ---- */

static void a_refused_token_is_forgotten_and_the_member_told(void)
{
    start("[" TELL("\"text\": \"a\"") "]");
    gives("a-1");
    verdict(ACSMTP_DENIED);
    CU_ASSERT_EQUAL(fixture_count(&fixture, "log", "report denied 535"), 1);
    again();
    gives("a-2");
    verdict(ACSMTP_OK);
    CU_ASSERT_EQUAL(fixture_count(&fixture, "log", "report ok"), 1);
    gives("a-2");
    stop();
}

static void a_refused_token_of_the_cache_loads_no_plugin(void)
{
    start("[" TELL("\"text\": \"a\"") "]");
    gives("a-1");
    again();
    gives("a-1");
    verdict(ACSMTP_DENIED);
    CU_ASSERT_PTR_NULL(chain->members[0].entry.plugin);
    gives("a-2");
    stop();
}

static void a_newer_token_of_another_process_replaces_the_refused_one(void)
{
    struct chain *other = NULL;
    struct acsmtp_credential *newer;

    start("[" TELL("\"text\": \"a\"") "]");
    gives("a-1");
    verdict(ACSMTP_DENIED);
    CU_ASSERT_EQUAL_FATAL(chain_open(&fixture.host,
                                     acsmtp_json_get(config_profile(fixture.config), "credentials"),
                                     "profiles.p.credentials", &other, &fixture.err),
                          ACSMTP_OK);
    newer = acsmtp_credential_new(&fixture.err);
    CU_ASSERT_EQUAL(chain_acquire(other, fixture.context, &request, newer, NULL, &fixture.err),
                    ACSMTP_OK);
    acsmtp_credential_free(newer);
    chain_close(other);
    request.flags = ACSMTP_REQUEST_REFRESH;
    gives("a-2");
    CU_ASSERT_EQUAL(acquires(), 2);
    stop();
}

static void a_source_that_repeats_the_refused_token_does_not_bring_it_back_to_the_cache(void)
{
    start("[" TELL("\"repeat\": true, \"text\": \"same\"") "]");
    gives("same");
    verdict(ACSMTP_DENIED);
    request.flags = ACSMTP_REQUEST_REFRESH;
    gives("same");
    CU_ASSERT_EQUAL(acquires(), 2);
    request.flags = 0;
    again();
    gives("same");
    CU_ASSERT_EQUAL(acquires(), 3);
    stop();
}

static void policy_and_rest_of_the_chain_are_the_winners_own(void)
{
    start("[" UNAVAILABLE
          ", " TELL("\"text\": \"a\", \"on_denied\": \"next\"") ", " TELL("\"text\": \"b\"") "]");
    CU_ASSERT_FALSE(chain_next_on_denied(chain, fixture.credential));
    gives("a-1");
    CU_ASSERT(chain_next_on_denied(chain, fixture.credential));
    again();
    gives("a-1");
    CU_ASSERT(chain_next_on_denied(chain, fixture.credential));
    CU_ASSERT_EQUAL(chain_acquire_next(chain, fixture.context, &request, fixture.credential, NULL,
                                       &fixture.err),
                    ACSMTP_OK);
    CU_ASSERT_STRING_EQUAL(fixture_secret(&fixture), "b-2");
    CU_ASSERT_FALSE(chain_next_on_denied(chain, fixture.credential));
    CU_ASSERT_EQUAL(chain_acquire_next(chain, fixture.context, &request, fixture.credential, NULL,
                                       &fixture.err),
                    ACSMTP_UNAVAILABLE);
    stop();
}

/* ---- verdicts that come late ---- */

static void verdict_on(const struct acsmtp_credential *credential)
{
    const struct acsmtp_verdict said = {
        .size = sizeof said, .status = ACSMTP_DENIED, .server_code = 401, .credential = credential};

    chain_report(chain, fixture.context, &said);
}

static void a_late_refusal_does_not_void_a_newer_token(void)
{
    struct acsmtp_credential *old = acsmtp_credential_new(&fixture.err);

    start("[" TELL("\"text\": \"a\"") "]");
    CU_ASSERT_EQUAL(chain_acquire(chain, fixture.context, &request, old, NULL, &fixture.err),
                    ACSMTP_OK);
    gives("a-1");
    verdict_on(fixture.credential);
    gives("a-2");
    verdict_on(old);
    gives("a-2");
    again();
    gives("a-2");
    CU_ASSERT_EQUAL(acquires(), 2);
    CU_ASSERT_EQUAL(fixture_count(&fixture, "log", "report denied 401"), 1);
    acsmtp_credential_free(old);
    stop();
}

static void who_asks_again_with_the_refused_token_gets_the_newer_one(void)
{
    struct acsmtp_credential *old = acsmtp_credential_new(&fixture.err);

    start("[" TELL("\"text\": \"a\"") "]");
    CU_ASSERT_EQUAL(chain_acquire(chain, fixture.context, &request, old, NULL, &fixture.err),
                    ACSMTP_OK);
    gives("a-1");
    verdict_on(fixture.credential);
    request.flags = ACSMTP_REQUEST_REFRESH;
    gives("a-2");
    CU_ASSERT_EQUAL(chain_acquire(chain, fixture.context, &request, old, NULL, &fixture.err),
                    ACSMTP_OK);
    CU_ASSERT_STRING_EQUAL(acsmtp_secret_data(acsmtp_credential_secret(old)), "a-2");
    CU_ASSERT_EQUAL(acquires(), 2);
    acsmtp_credential_free(old);
    stop();
}

static void a_verdict_of_one_scope_leaves_the_other_scopes_token(void)
{
    struct acsmtp_credential *vault = acsmtp_credential_new(&fixture.err);
    struct acsmtp_credential_request of_vault = {.size = sizeof of_vault,
                                                 .scope = "https://vault.example/.default"};

    start("[" TELL("\"text\": \"a\"") "]");
    CU_ASSERT_EQUAL(chain_acquire(chain, fixture.context, &of_vault, vault, NULL, &fixture.err),
                    ACSMTP_OK);
    gives("a-2");
    verdict_on(vault);
    gives("a-2");
    CU_ASSERT_EQUAL(chain_acquire(chain, fixture.context, &of_vault, vault, NULL, &fixture.err),
                    ACSMTP_OK);
    CU_ASSERT_STRING_EQUAL(acsmtp_secret_data(acsmtp_credential_secret(vault)), "a-3");
    acsmtp_credential_free(vault);
    stop();
}

static void a_verdict_of_a_caller_that_knows_no_credentials_is_on_the_last_one(void)
{
    struct acsmtp_verdict said = {.size = offsetof(struct acsmtp_verdict, credential),
                                  .status = ACSMTP_DENIED,
                                  .credential = (void *)&said};

    start("[" TELL("\"text\": \"a\"") "]");
    gives("a-1");
    chain_report(chain, fixture.context, &said);
    gives("a-2");
    stop();
}

CUNIT_MAIN("chain_verdict", T(a_refused_token_is_forgotten_and_the_member_told),
           T(a_refused_token_of_the_cache_loads_no_plugin),
           T(a_newer_token_of_another_process_replaces_the_refused_one),
           T(a_source_that_repeats_the_refused_token_does_not_bring_it_back_to_the_cache),
           T(policy_and_rest_of_the_chain_are_the_winners_own),
           T(a_late_refusal_does_not_void_a_newer_token),
           T(who_asks_again_with_the_refused_token_gets_the_newer_one),
           T(a_verdict_of_one_scope_leaves_the_other_scopes_token),
           T(a_verdict_of_a_caller_that_knows_no_credentials_is_on_the_last_one))
