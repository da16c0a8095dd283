/* SPDX-License-Identifier: MIT */
/*
 * Credentials that are refused: by the server, then who is asked for what next; or before anybody
 * connects, because of what a token says of itself.
 */
#include "cunit_main.h"
#include "delivery_fixture.h"
#include <time.h>

/* ---- refused ---- */

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

CUNIT_MAIN("delivery_refusal", T(a_refused_token_is_reported_and_tried_once_more_fresh),
           T(refused_twice_fails_with_the_servers_words),
           T(a_source_that_has_nothing_else_is_not_shown_twice),
           T(on_denied_next_goes_to_the_next_member_after_the_second_refusal),
           T(the_next_member_may_need_another_transport),
           T(a_server_that_refuses_everybody_is_left_alone_at_the_end),
           T(an_unreachable_server_is_no_refusal),
           T(a_token_for_another_service_is_named_before_connecting),
           T(such_a_token_is_right_when_it_was_asked_for), T(an_unknown_audience_is_only_a_warning),
           T(an_expired_token_is_refused_before_connecting_after_a_refresh),
           T(a_token_of_another_tenant_is_a_warning), T(an_opaque_token_is_taken_as_it_is))
