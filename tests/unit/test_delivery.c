/* SPDX-License-Identifier: MIT */
/* From a credential through a transport: which one, how often, and what is never sent twice. */
#include "cunit_main.h"
#include "driver/delivery.h"
#include "driver/delivery_private.h"
#include "plugins/fixture.h"
#include <pthread.h>
#include <time.h>

#define SCOPE "https://communication.azure.com/.default"
#define MAILS 4

#define TELL(more) "{\"plugin\": \"tell\", \"log\": \"@/log\", " more "}"
#define WIRE(kind, more) "{\"plugin\": \"wire-" kind "\", \"log\": \"@/wire\"" more "}"

static struct fixture fixture;
static struct chain *chain;
static struct delivery *delivery;
static struct acsmtp_credential_request request;
static struct acsmtp_mail mails[MAILS];
static char warnings[4096];

static void keep_line(void *data, int level, const char *line)
{
    size_t used = strlen(warnings);

    (void)data;
    if (level <= ACSMTP_LOG_WARNING)
        (void)snprintf(warnings + used, sizeof warnings - used, "%s\n", line);
}

/* `credentials` NULL: the profile has none. */
static void start(const char *credentials, const char *transports)
{
    char profile[8192];
    size_t i;

    if (credentials)
        (void)snprintf(profile, sizeof profile, "\"credentials\": [%s], \"transports\": [%s]",
                       credentials, transports);
    else
        (void)snprintf(profile, sizeof profile, "\"transports\": [%s]", transports);
    fixture_open(&fixture, profile);
    warnings[0] = '\0';
    acsmtp_context_set_log(fixture.context, keep_line, NULL, ACSMTP_LOG_WARNING);
    chain = NULL;
    delivery = NULL;
    if (credentials)
        CU_ASSERT_EQUAL_FATAL(
            chain_open(&fixture.host,
                       acsmtp_json_get(config_profile(fixture.config), "credentials"),
                       "profiles.p.credentials", &chain, &fixture.err),
            ACSMTP_OK);
    CU_ASSERT_EQUAL_FATAL(delivery_open(&fixture.host, chain, &delivery, &fixture.err), ACSMTP_OK);
    request = (struct acsmtp_credential_request){
        .size = sizeof request, .scope = SCOPE, .username = "profile-user"};
    for (i = 0; i < MAILS; i++)
        mails[i] = (struct acsmtp_mail){.size = sizeof mails[i],
                                        .result = acsmtp_result_new(1, &fixture.err)};
}

static void stop(void)
{
    size_t i;

    for (i = 0; i < MAILS; i++)
        acsmtp_result_free(mails[i].result);
    delivery_close(delivery);
    chain_close(chain);
    fixture_close(&fixture);
}

static int deliver(size_t count)
{
    acsmtp_error_clear(&fixture.err);
    return delivery_run(delivery, fixture.context, &request, mails, count, fixture.report,
                        &fixture.err);
}

static void delivers(size_t count)
{
    size_t i;

    if (deliver(count) != ACSMTP_OK)
        printf("\n  %s\n", fixture.err.message);
    CU_ASSERT_EQUAL(fixture.err.status, ACSMTP_OK);
    for (i = 0; i < count; i++)
        CU_ASSERT_EQUAL(acsmtp_result_message(mails[i].result)->delivery, ACSMTP_ACCEPTED);
}

static void fails(int status, const char *message)
{
    CU_ASSERT_EQUAL(deliver(1), status);
    CU_ASSERT_EQUAL(fixture.err.status, status);
    fixture_says(&fixture.err, message);
    CU_ASSERT_EQUAL(acsmtp_result_message(mails[0].result)->delivery, ACSMTP_NOT_TRIED);
}

static void attempt_is(size_t index, int status, const char *message)
{
    const struct acsmtp_attempt *attempt = acsmtp_report_attempt(fixture.report, index);

    CU_ASSERT_PTR_NOT_NULL_FATAL(attempt);
    if (!attempt)
        return;
    CU_ASSERT_STRING_EQUAL(attempt->plugin, "tell");
    CU_ASSERT_EQUAL(attempt->status, status);
    CU_ASSERT_PTR_NOT_NULL(strstr(attempt->message, message));
}

static void wire_saw(const char *calls)
{
    CU_ASSERT_STRING_EQUAL(fixture_read(&fixture, "wire"), calls);
}

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

static void a_failing_chain_is_the_deliverys_failure(void)
{
    start(TELL("\"answer\": \"temporary\""), WIRE("token", ""));
    fails(ACSMTP_TEMPORARY, "credential tell: told to be temporary");
    wire_saw("");
    stop();
}

/* ---- refused ---- */

static void a_refused_token_is_reported_and_tried_once_more_fresh(void)
{
    start(TELL("\"text\": \"a\""), WIRE("token", ", \"deny\": \"a-1\""));
    delivers(1);
    wire_saw("open\nconnect profile-user a-1\ndisconnect\nconnect profile-user a-2\nsend 1\n"
             "disconnect\nclose\n");
    CU_ASSERT_STRING_EQUAL(fixture_read(&fixture, "log"),
                           "open\nacquire\nreport denied 535\nacquire refresh\nreport ok 0\n");
    attempt_is(0, ACSMTP_OK, "this one answered");
    attempt_is(1, ACSMTP_DENIED, "its credential was refused: transport wire-token: AUTH: 535");
    attempt_is(2, ACSMTP_OK, "asked for a fresh one");
    CU_ASSERT_EQUAL(acsmtp_report_length(fixture.report), 3);
    stop();
}

static void refused_twice_fails_with_the_servers_words(void)
{
    start(TELL("\"text\": \"a\"") ", \"tell-any\"", WIRE("token", ", \"deny\": \"a-\""));
    fails(ACSMTP_DENIED, "transport wire-token: AUTH: 535 5.7.3 Authentication unsuccessful");
    CU_ASSERT_EQUAL(fixture.err.server_code, 535);
    CU_ASSERT_STRING_EQUAL(fixture.err.code, "5.7.3");
    CU_ASSERT_EQUAL(fixture_count(&fixture, "wire", "connect"), 2);
    stop();
}

static void a_source_that_has_nothing_else_is_not_shown_twice(void)
{
    start(TELL("\"answer\": \"password\", \"repeat\": true"),
          WIRE("password", ", \"deny\": \"password\""));
    fails(ACSMTP_DENIED, "535");
    CU_ASSERT_EQUAL(fixture_count(&fixture, "wire", "connect"), 1);
    CU_ASSERT_EQUAL(fixture_count(&fixture, "log", "acquire refresh"), 1);
    stop();
}

static void on_denied_next_goes_to_the_next_member_after_the_second_refusal(void)
{
    start(TELL("\"text\": \"a\", \"on_denied\": \"next\"") ", " TELL("\"text\": \"b\""),
          WIRE("token", ", \"deny\": \"a-\""));
    delivers(1);
    CU_ASSERT_EQUAL(fixture_count(&fixture, "wire", "connect profile-user a-"), 2);
    CU_ASSERT_EQUAL(fixture_count(&fixture, "wire", "connect profile-user b-"), 1);
    stop();
}

static void the_next_member_may_need_another_transport(void)
{
    start(TELL("\"text\": \"a\", \"on_denied\": \"next\"") ", " TELL("\"answer\": \"password\""),
          WIRE("token", ", \"deny\": \"a-\"") ", " WIRE("password", ""));
    delivers(1);
    CU_ASSERT_EQUAL(fixture_count(&fixture, "wire", "open"), 2);
    CU_ASSERT_EQUAL(fixture_count(&fixture, "wire", "close"), 2);
    CU_ASSERT_EQUAL(fixture_count(&fixture, "wire", "disconnect"), 3);
    stop();
}

static void a_server_that_refuses_everybody_is_left_alone_at_the_end(void)
{
    start(TELL("\"on_denied\": \"next\"") ", " TELL("\"on_denied\": \"next\"") ", " TELL(
              "\"on_denied\": \"next\""),
          WIRE("token", ", \"deny\": \"tok\""));
    fails(ACSMTP_DENIED, "535");
    CU_ASSERT(fixture_count(&fixture, "wire", "connect") <= 6);
    stop();
}

static void an_unreachable_server_is_no_refusal(void)
{
    start(TELL("\"text\": \"a\""), WIRE("token", ", \"unreachable\": true"));
    fails(ACSMTP_TEMPORARY, "transport wire-token: cannot connect");
    wire_saw("open\nconnect profile-user a-1\ndisconnect\nclose\n");
    CU_ASSERT_EQUAL(fixture_count(&fixture, "log", "report"), 0);
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

/* ---- what a token says ---- */

static const char digits64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void append_base64url(char *text, const char *bytes)
{
    size_t size = strlen(bytes);
    size_t used = strlen(text);
    size_t i;

    for (i = 0; i < size; i += 3) {
        unsigned long group = (unsigned long)(unsigned char)bytes[i] << 16;
        size_t count = size - i < 3 ? size - i : 3;
        size_t j;

        group |= count > 1 ? (unsigned long)(unsigned char)bytes[i + 1] << 8 : 0;
        group |= count > 2 ? (unsigned long)(unsigned char)bytes[i + 2] : 0;
        for (j = 0; j <= count; j++)
            text[used++] = digits64[(group >> (18 - 6 * j)) & 63];
    }
    text[used] = '\0';
}

/* A chain whose member gives a JWT with these claims; `exp` is added, seconds from now. */
static void start_with_claims(const char *claims, long exp)
{
    char text[2048] = "";
    char member[4096];
    char all[1024];

    append_base64url(text, "{\"alg\":\"RS256\",\"typ\":\"JWT\"}");
    (void)snprintf(text + strlen(text), sizeof text - strlen(text), ".");
    (void)snprintf(all, sizeof all, "{%s%s\"exp\":%ld}", claims, *claims ? "," : "",
                   (long)time(NULL) + exp);
    append_base64url(text, all);
    (void)snprintf(text + strlen(text), sizeof text - strlen(text), ".c2ln");
    (void)snprintf(member, sizeof member, TELL("\"repeat\": true, \"text\": \"%s\""), text);
    start(member, WIRE("token", ""));
}

static void a_token_for_another_service_is_named_before_connecting(void)
{
    static const char *const wrong[] = {
        "https://outlook.office365.com", "https://outlook.office.com/",
        "https://graph.microsoft.com", "00000002-0000-0ff1-ce00-000000000000"};
    char claims[256];
    size_t i;

    for (i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        (void)snprintf(claims, sizeof claims, "\"aud\":\"%s\"", wrong[i]);
        start_with_claims(claims, 3600);
        fails(ACSMTP_DENIED, wrong[i]);
        CU_ASSERT_PTR_NOT_NULL(strstr(fixture.err.message, "scope " SCOPE));
        CU_ASSERT_EQUAL(fixture_count(&fixture, "wire", "connect"), 0);
        CU_ASSERT_EQUAL(fixture_count(&fixture, "log", "acquire"), 1);
        stop();
    }
}

static void such_a_token_is_right_when_it_was_asked_for(void)
{
    start_with_claims("\"aud\":\"https://outlook.office365.com\"", 3600);
    request.scope = "https://outlook.office365.com/.default";
    delivers(1);
    CU_ASSERT_STRING_EQUAL(warnings, "");
    stop();
}

static void an_unknown_audience_is_only_a_warning(void)
{
    start_with_claims("\"aud\":\"00000000-1111-2222-3333-444444444444\"", 3600);
    delivers(1);
    CU_ASSERT_PTR_NOT_NULL(strstr(warnings, "audience is '00000000-1111"));
    stop();
    start_with_claims("\"aud\":\"https://communication.azure.com\"", 3600);
    delivers(1);
    CU_ASSERT_STRING_EQUAL(warnings, "");
    stop();
}

static void an_expired_token_is_refused_before_connecting_after_a_refresh(void)
{
    start_with_claims("\"aud\":\"https://communication.azure.com\"", -100);
    fails(ACSMTP_DENIED, "the token expired 10");
    CU_ASSERT_EQUAL(fixture_count(&fixture, "wire", "connect"), 0);
    CU_ASSERT_EQUAL(fixture_count(&fixture, "log", "acquire refresh"), 1);
    stop();
}

static void a_token_of_another_tenant_is_a_warning(void)
{
    start_with_claims("\"aud\":\"https://communication.azure.com\","
                      "\"tid\":\"aaaaaaaa-0000-0000-0000-000000000000\"",
                      3600);
    request.tenant = "bbbbbbbb-0000-0000-0000-000000000000";
    delivers(1);
    CU_ASSERT_PTR_NOT_NULL(strstr(warnings, "is of tenant aaaaaaaa"));
    stop();
}

static void an_opaque_token_is_taken_as_it_is(void)
{
    start(TELL("\"text\": \"not-a-jwt\""), WIRE("token", ""));
    delivers(1);
    CU_ASSERT_STRING_EQUAL(warnings, "");
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
           T(a_failing_chain_is_the_deliverys_failure),
           T(a_refused_token_is_reported_and_tried_once_more_fresh),
           T(refused_twice_fails_with_the_servers_words),
           T(a_source_that_has_nothing_else_is_not_shown_twice),
           T(on_denied_next_goes_to_the_next_member_after_the_second_refusal),
           T(the_next_member_may_need_another_transport),
           T(a_server_that_refuses_everybody_is_left_alone_at_the_end),
           T(an_unreachable_server_is_no_refusal),
           T(after_a_lost_connection_the_rest_is_sent_over_a_new_one),
           T(a_session_that_does_nothing_is_repeated_once),
           T(a_mail_whose_fate_is_unknown_is_not_sent_again), T(refused_recipients_are_a_result),
           T(after_the_deadline_nobody_connects_again), T(no_mails_are_no_work),
           T(a_token_for_another_service_is_named_before_connecting),
           T(such_a_token_is_right_when_it_was_asked_for), T(an_unknown_audience_is_only_a_warning),
           T(an_expired_token_is_refused_before_connecting_after_a_refresh),
           T(a_token_of_another_tenant_is_a_warning), T(an_opaque_token_is_taken_as_it_is),
           T(many_threads_may_deliver_at_once))
