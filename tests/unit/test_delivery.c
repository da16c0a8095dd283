/* SPDX-License-Identifier: MIT */
/*
 * From a credential through a transport: which one, how often, and what is never sent twice.
 */
#include "cunit_main.h"
#include "delivery_fixture.h"
#include <pthread.h>

/* ---- which transport ---- */

static void the_first_transport_that_takes_the_credential_is_used(void)
{
    start(TELL("\"answer\": \"password\""), WIRE("token", "") ", " WIRE("password", ""));
    delivers(2);
    wire_saw("open\nconnect profile-user password-1\nsend 2\ndisconnect\nclose\n");
    CU_ASSERT_EQUAL(fixture_count(&fixture, "log", "report ok"), 1);
    stop();
}

static void the_credentials_user_name_goes_before_the_profiles(void)
{
    start(TELL("\"answer\": \"password\", \"username\": \"own\""), WIRE("password", ""));
    delivers(1);
    CU_ASSERT_EQUAL(fixture_count(&fixture, "wire", "connect own password-1"), 1);
    stop();
}

static void when_no_transport_takes_it_both_sides_are_told(void)
{
    start(TELL("\"answer\": \"token\""), "\"wire-password\"");
    fails(ACSMTP_CONFIG,
          "gave a token, but no transport takes one: wire-password takes a password");
    stop();
}

static void a_transport_that_needs_no_credential_asks_nobody(void)
{
    start(TELL("\"answer\": \"denied\""), WIRE("none", "") ", " WIRE("token", ""));
    delivers(1);
    wire_saw("open\nconnect profile-user -\nsend 1\ndisconnect\nclose\n");
    CU_ASSERT_EQUAL(fixture_count(&fixture, "log", "acquire"), 0);
    stop();
}

static void behind_another_one_it_is_not_the_first_choice(void)
{
    start(TELL("\"text\": \"a\""), WIRE("token", "") ", " WIRE("none", ""));
    delivers(1);
    CU_ASSERT_EQUAL(fixture_count(&fixture, "wire", "connect profile-user a-1"), 1);
    stop();
}

static void a_profile_without_credentials_needs_such_a_transport(void)
{
    start(NULL, "\"wire-token\", \"wire-none\"");
    delivers(1);
    stop();
    start(NULL, "\"wire-token\"");
    fails(ACSMTP_CONFIG, "profile 'p' has no \"credentials\", but transport wire-token needs one");
    stop();
}

static void a_profile_without_transports_is_told(void)
{
    start(TELL("\"text\": \"a\""), "");
    fails(ACSMTP_CONFIG, "profile 'p' has no \"transports\"");
    stop();
}

static void a_dry_run_goes_to_the_folder_and_asks_nobody(void)
{
    start(TELL("\"answer\": \"denied\""), WIRE("token", ""));
    CU_ASSERT_EQUAL(delivery_set_dry_run(delivery, "/somewhere", &fixture.err), ACSMTP_OK);
    delivers(1);
    wire_saw("");
    CU_ASSERT_EQUAL(delivery_set_dry_run(delivery, NULL, &fixture.err), ACSMTP_OK);
    acsmtp_result_clear(mails[0].result);
    fails(ACSMTP_DENIED, "told to be denied");
    stop();
}

static void keys_of_chains_mean_nothing_to_transports(void)
{
    start(TELL("\"text\": \"a\""), WIRE("token", ", \"on_denied\": \"next\""));
    fails(ACSMTP_CONFIG, "transport wire-token has no option 'on_denied'");
    CU_ASSERT_PTR_NOT_NULL(strstr(fixture.err.message, "config.json:1"));
    stop();
}

static void an_optional_transport_need_not_be_installed(void)
{
    static const char missing[] = "{\"plugin\": \"not-there\", \"optional\": true}";
    char transports[256];

    (void)snprintf(transports, sizeof transports, "%s, \"wire-token\"", missing);
    start(TELL("\"text\": \"a\""), transports);
    CU_ASSERT_EQUAL(delivery_check(delivery, &fixture.err), ACSMTP_OK);
    delivers(1);
    stop();
    (void)snprintf(transports, sizeof transports, "%s, \"wire-none\"", missing);
    start(TELL("\"text\": \"a\""),
          transports); /* the first one that is there needs no credential */
    delivers(1);
    CU_ASSERT_EQUAL(fixture_count(&fixture, "log", "acquire"), 0);
    stop();
    (void)snprintf(transports, sizeof transports, "%s, \"wire-password\"", missing);
    start(TELL("\"text\": \"a\""), transports);
    fails(ACSMTP_CONFIG, "no transport takes one: wire-password takes a password");
    stop();
    start(NULL, missing);
    fails(ACSMTP_CONFIG,
          "none of the \"transports\" of profile 'p' is installed (first not-there)");
    stop();
}

static void a_transport_that_is_missed_is_told(void)
{
    start(TELL("\"text\": \"a\""), "\"not-there\", \"wire-token\"");
    CU_ASSERT_EQUAL(delivery_check(delivery, &fixture.err), ACSMTP_CONFIG);
    fails(ACSMTP_CONFIG, "there is no transport plugin 'not-there'");
    stop();
    fixture_open(&fixture, "\"transports\": [{\"plugin\": \"wire-token\", \"optional\": 1}]");
    CU_ASSERT_EQUAL(delivery_open(&fixture.host, NULL, &delivery, &fixture.err), ACSMTP_CONFIG);
    CU_ASSERT_PTR_NOT_NULL(strstr(fixture.err.message, "\"optional\" is true or false"));
    fixture_close(&fixture);
}

static void a_failing_chain_is_the_deliverys_failure(void)
{
    start(TELL("\"answer\": \"temporary\""), WIRE("token", ""));
    fails(ACSMTP_TEMPORARY, "credential tell: told to be temporary");
    wire_saw("");
    stop();
}

/* ---- lost connections ---- */

static void after_a_lost_connection_the_rest_is_sent_over_a_new_one(void)
{
    start(TELL("\"text\": \"a\""), WIRE("token", ", \"accept\": 3"));
    delivers(4);
    wire_saw("open\nconnect profile-user a-1\nsend 4\ndisconnect\nconnect profile-user a-1\n"
             "send 1\ndisconnect\nclose\n");
    CU_ASSERT_EQUAL(fixture_count(&fixture, "log", "acquire"), 1);
    stop();
}

static void a_session_that_does_nothing_is_repeated_once(void)
{
    start(TELL("\"text\": \"a\""), WIRE("token", ", \"accept\": 0"));
    fails(ACSMTP_TEMPORARY, "transport wire-token: connection lost");
    CU_ASSERT_EQUAL(fixture_count(&fixture, "wire", "connect"), 2);
    stop();
}

static void a_mail_whose_fate_is_unknown_is_not_sent_again(void)
{
    start(TELL("\"text\": \"a\""), WIRE("token", ", \"accept\": 1, \"dot\": true"));
    CU_ASSERT_EQUAL(deliver(4), ACSMTP_OK);
    CU_ASSERT_EQUAL(acsmtp_result_message(mails[0].result)->delivery, ACSMTP_ACCEPTED);
    CU_ASSERT_EQUAL(acsmtp_result_message(mails[1].result)->delivery, ACSMTP_UNKNOWN);
    CU_ASSERT_EQUAL(acsmtp_result_message(mails[2].result)->delivery, ACSMTP_ACCEPTED);
    CU_ASSERT_EQUAL(acsmtp_result_message(mails[3].result)->delivery, ACSMTP_UNKNOWN);
    CU_ASSERT_EQUAL(fixture_count(&fixture, "wire", "send 4"), 1);
    CU_ASSERT_EQUAL(fixture_count(&fixture, "wire", "send 2"), 1);
    stop();
}

static void refused_recipients_are_a_result(void)
{
    start(TELL("\"text\": \"a\""), WIRE("token", ", \"nobody\": true"));
    CU_ASSERT_EQUAL(deliver(2), ACSMTP_OK);
    CU_ASSERT_EQUAL(fixture_count(&fixture, "wire", "send"), 1);
    CU_ASSERT_EQUAL(acsmtp_result_recipient(mails[1].result, 0)->delivery, ACSMTP_REFUSED);
    stop();
}

static void after_the_deadline_nobody_connects_again(void)
{
    start(TELL("\"text\": \"a\""), WIRE("token", ", \"accept\": 1"));
    acsmtp_context_cancel(fixture.context);
    CU_ASSERT_NOT_EQUAL(deliver(4), ACSMTP_OK);
    CU_ASSERT(fixture_count(&fixture, "wire", "connect") <= 1);
    stop();
}

static void no_mails_are_no_work(void)
{
    start(TELL("\"text\": \"a\""), WIRE("token", ""));
    CU_ASSERT_EQUAL(deliver(0), ACSMTP_OK);
    wire_saw("");
    stop();
}

/* ---- threads ---- */

static void *deliver_some(void *data)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct acsmtp_context *context = NULL;
    struct acsmtp_mail mail = {.size = sizeof mail, .result = acsmtp_result_new(1, &err)};
    int status = acsmtp_context_new(&context, &err);
    int i;

    for (i = 0; i < 5 && status == ACSMTP_OK; i++) {
        acsmtp_result_clear(mail.result);
        status = delivery_run(data, context, &request, &mail, 1, NULL, &err);
    }
    acsmtp_result_free(mail.result);
    acsmtp_context_free(context);
    return status == ACSMTP_OK ? NULL : data;
}

static void many_threads_may_deliver_at_once(void)
{
    pthread_t threads[8];
    void *result;
    int i;

    start(TELL("\"text\": \"a\""), WIRE("token", ", \"deny\": \"a-1\""));
    for (i = 0; i < 8; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, deliver_some, delivery), 0);
    for (i = 0; i < 8; i++) {
        CU_ASSERT_EQUAL(pthread_join(threads[i], &result), 0);
        CU_ASSERT_PTR_NULL(result);
    }
    CU_ASSERT_EQUAL(fixture_count(&fixture, "wire", "send 1"), 40);
    stop();
}

CUNIT_MAIN("delivery", T(the_first_transport_that_takes_the_credential_is_used),
           T(the_credentials_user_name_goes_before_the_profiles),
           T(when_no_transport_takes_it_both_sides_are_told),
           T(a_transport_that_needs_no_credential_asks_nobody),
           T(behind_another_one_it_is_not_the_first_choice),
           T(a_profile_without_credentials_needs_such_a_transport),
           T(a_profile_without_transports_is_told), T(a_dry_run_goes_to_the_folder_and_asks_nobody),
           T(keys_of_chains_mean_nothing_to_transports),
           T(an_optional_transport_need_not_be_installed), T(a_transport_that_is_missed_is_told),
           T(a_failing_chain_is_the_deliverys_failure),
           T(after_a_lost_connection_the_rest_is_sent_over_a_new_one),
           T(a_session_that_does_nothing_is_repeated_once),
           T(a_mail_whose_fate_is_unknown_is_not_sent_again), T(refused_recipients_are_a_result),
           T(after_the_deadline_nobody_connects_again), T(no_mails_are_no_work),
           T(many_threads_may_deliver_at_once))
