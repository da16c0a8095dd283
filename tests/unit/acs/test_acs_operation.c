/* SPDX-License-Identifier: MIT */
/* Long-running operations, with every quirk that Azure has been seen to have. */
#include "azure_fixture.h"
#include "client_private.h"
#include "cunit_main.h"

#define RESOURCE "/subscriptions/s/providers/Microsoft.Communication/emailServices/x?api-version=1"
#define MONITOR_1 "/op/1f*0A?api-version=1&t=1&c=MII%2B~x'()&s=a-b_c&h=1"
#define MONITOR_2 "/op/1f*0A?api-version=1&t=2&c=MII%2B~x'()&s=d-e_f&h=2"
#define ASYNC(status, monitor) status "\r\nAzure-AsyncOperation: {origin}" monitor
#define CREATED REPLY(ASYNC("201 Created", MONITOR_1), ACCEPTED_BODY)
#define ACCEPTED_BODY "{\"name\":\"x\",\"properties\":{\"provisioningState\":\"Accepted\"}}"
#define READY OK_REPLY("{\"name\":\"x\",\"properties\":{\"provisioningState\":\"Succeeded\"}}")
#define RUNNING OK_REPLY("{\"id\":\"/op\",\"status\":\"Accepted\"}")
#define SUCCEEDED OK_REPLY("{\"id\":\"/op\",\"status\":\"Succeeded\",\"properties\":null}")

/* One change and what became of it. */
struct outcome {
    struct azure *azure;
    struct acsmtp_json *json;
    int status;
    int waits;
    char told[64];
    int64_t took_ms;
};

static void note(void *data, const char *what)
{
    struct outcome *outcome = data;

    outcome->waits++;
    (void)snprintf(outcome->told, sizeof outcome->told, "%s", what);
}

static struct outcome change(const char *method, const char *const *script, int64_t wait_ms)
{
    struct outcome outcome = {.azure = azure_new(script, NULL)};
    const struct client_change change = {
        .request = {.service = CLIENT_ARM,
                    .what = "create email service x",
                    .method = method,
                    .target = RESOURCE,
                    .is_repeatable = 1},
        .progress = note,
        .progress_data = &outcome,
        .wait_ms = wait_ms,
        .poll_ms = 8,
    };
    int64_t began = azure_now_ms();

    outcome.status = client_change(outcome.azure->client, outcome.azure->context, &change,
                                   &outcome.json, &outcome.azure->err);
    outcome.took_ms = azure_now_ms() - began;
    if (outcome.status != ACSMTP_OK)
        CU_ASSERT_PTR_NULL(outcome.json);
    return outcome;
}

static void finish(struct outcome *outcome)
{
    acsmtp_json_free(outcome->json);
    azure_free(outcome->azure);
}

static void succeeds(const char *method, const char *const *script, int waits)
{
    struct outcome outcome = change(method, script, 10000);

    if (outcome.status != ACSMTP_OK)
        printf("\n    %s\n", outcome.azure->err.message);
    CU_ASSERT_EQUAL(outcome.status, ACSMTP_OK);
    CU_ASSERT_EQUAL(outcome.waits, waits);
    finish(&outcome);
}

static void fails(const char *method, const char *const *script, int status, const char *words)
{
    struct outcome outcome = change(method, script, 10000);

    CU_ASSERT_EQUAL(outcome.status, status);
    ASSERT_HAS(outcome.azure->err.message, words);
    ASSERT_HAS(outcome.azure->err.message, "create email service x: ");
    finish(&outcome);
}

/* ---- the usual way ---- */

static void the_newest_monitor_is_followed_byte_for_byte(void)
{
    static const char *const script[] = {
        CREATED,   RUNNING, REPLY(ASYNC("200 OK", MONITOR_2), "{\"status\":\"Accepted\"}"),
        SUCCEEDED, READY,   NULL};
    struct outcome outcome = change("PUT", script, 10000);

    CU_ASSERT_EQUAL(outcome.status, ACSMTP_OK);
    ASSERT_TEXT(client_state(outcome.json), "Succeeded");
    ASSERT_REQUEST(outcome.azure, 0, "PUT " RESOURCE);
    ASSERT_REQUEST(outcome.azure, 1, "GET " MONITOR_1);
    ASSERT_REQUEST(outcome.azure, 2, "GET " MONITOR_1);
    ASSERT_REQUEST(outcome.azure, 3, "GET " MONITOR_2);
    ASSERT_REQUEST(outcome.azure, 4, "GET " RESOURCE);
    ASSERT_HAS(outcome.azure->requests[3], "Authorization: Bearer ");
    CU_ASSERT_EQUAL(outcome.waits, 3);
    ASSERT_TEXT(outcome.told, "waiting for Azure (Accepted)");
    finish(&outcome);
}

static void signed_addresses_may_be_very_long(void)
{
    static char created[9000];
    const char *script[] = {created, SUCCEEDED, READY, NULL};
    char path[8400];
    char wanted[8500];
    struct outcome outcome;
    size_t used = (size_t)snprintf(path, sizeof path, "/op/1f*0A?t=1&c=");

    while (used < 8300)
        used += (size_t)snprintf(path + used, sizeof path - used, "MIIHhTCCBm2gAwIBAgIT-_~%%2B");
    (void)snprintf(created, sizeof created,
                   "HTTP/1.1 201 Created\r\nAzure-AsyncOperation: {origin}%s\r\n\r\n{}", path);
    outcome = change("PUT", script, 10000);
    CU_ASSERT_EQUAL(outcome.status, ACSMTP_OK);
    (void)snprintf(wanted, sizeof wanted, "GET %s HTTP/1.1\r\n", path);
    CU_ASSERT_EQUAL(strncmp(outcome.azure->requests[1], wanted, strlen(wanted)), 0);
    finish(&outcome);
}

static void what_is_done_at_once_is_done(void)
{
    static const char *const plain[] = {READY, NULL};
    static const char *const stateless[] = {
        REPLY("201 Created\r\nLocation: {origin}/where/it/is", "{\"name\":\"x\"}"), NULL};
    static const char *const empty[] = {REPLY("204 No Content", ""), NULL};
    static const char *const deleted[] = {REPLY("204 No Content", ""), NULL};
    static const char *const absent[] = {
        REPLY("404 Not Found", "{\"error\":{\"code\":\"ResourceNotFound\"}}"), NULL};
    static const char *const null[] = {OK_REPLY("null"), NULL};

    succeeds("PUT", plain, 0);
    succeeds("PUT", stateless, 0);
    succeeds("PATCH", empty, 0);
    succeeds("DELETE", deleted, 0);
    succeeds("DELETE", absent, 0);
    succeeds("DELETE", null, 0);
    succeeds("POST", plain, 0);
}

/* A resource may have a "status" that has nothing to do with its making. */
static void a_status_of_the_resource_itself_is_not_waited_for(void)
{
    static const char *const script[] = {OK_REPLY("{\"status\":\"Enabled\"}"), NULL};

    succeeds("PUT", script, 0);
}

static void a_location_is_polled(void)
{
    static const char *const script[] = {
        REPLY("202 Accepted\r\nLocation: {origin}/r/1\r\nRetry-After: 0", ""),
        REPLY("202 Accepted\r\nLocation: {origin}/r/2", ""), REPLY("202 Accepted", ""),
        OK_REPLY(""), NULL};
    struct outcome outcome = change("DELETE", script, 10000);

    CU_ASSERT_EQUAL(outcome.status, ACSMTP_OK);
    ASSERT_REQUEST(outcome.azure, 1, "GET /r/1");
    ASSERT_REQUEST(outcome.azure, 2, "GET /r/2");
    ASSERT_REQUEST(outcome.azure, 3, "GET /r/2");
    finish(&outcome);
}

/* Asked with pauses of its own: 1, 2, 4, 8, 8, ... ms. */
static void no_wait_asked_for_is_no_reason_to_hurry(void)
{
    static const char busy[] = REPLY("202 Accepted\r\nRetry-After: 0", "");
    static const char *const script[] = {
        REPLY("202 Accepted\r\nLocation: {origin}/r/1\r\nRetry-After: 0", ""),
        busy,
        busy,
        busy,
        busy,
        busy,
        busy,
        busy,
        busy,
        OK_REPLY(""),
        NULL};
    struct outcome outcome = change("DELETE", script, 10000);

    CU_ASSERT_EQUAL(outcome.status, ACSMTP_OK);
    CU_ASSERT(outcome.took_ms >= 1 + 2 + 4 + 6 * 8);
    finish(&outcome);
}

static void a_post_gives_what_its_monitor_said_last(void)
{
    static const char *const script[] = {
        REPLY("202 Accepted\r\nLocation: {origin}/r/1", ""), RUNNING,
        OK_REPLY("{\"status\":\"Succeeded\",\"name\":\"y\"}"), NULL};
    struct outcome outcome = change("POST", script, 10000);

    CU_ASSERT_EQUAL(outcome.status, ACSMTP_OK);
    ASSERT_TEXT(acsmtp_json_string(outcome.json, "name"), "y");
    finish(&outcome);
}

/* The communication provider names both for a delete, and answers 202 without a body meanwhile. */
static void of_two_monitors_the_status_counts(void)
{
    static const char *const script[] = {
        REPLY(ASYNC("202 Accepted", MONITOR_1) "\r\nLocation: {origin}/r/1", ""),
        REPLY("202 Accepted\r\nLocation: {origin}/r/2", ""), SUCCEEDED, NULL};
    struct outcome outcome = change("DELETE", script, 10000);

    CU_ASSERT_EQUAL(outcome.status, ACSMTP_OK);
    ASSERT_REQUEST(outcome.azure, 1, "GET " MONITOR_1);
    ASSERT_REQUEST(outcome.azure, 2, "GET " MONITOR_1);
    finish(&outcome);
}

static void without_a_monitor_the_resource_is_asked(void)
{
    static const char *const script[] = {
        OK_REPLY("{\"properties\":{\"provisioningState\":\"RegisteringDns\"}}"),
        OK_REPLY("{\"properties\":{\"provisioningState\":\"RegisteringDns\"}}"), READY, NULL};
    struct outcome outcome = change("PUT", script, 10000);

    CU_ASSERT_EQUAL(outcome.status, ACSMTP_OK);
    ASSERT_REQUEST(outcome.azure, 1, "GET " RESOURCE);
    ASSERT_TEXT(outcome.told, "waiting for Azure (RegisteringDns)");
    finish(&outcome);
}

static void the_resource_may_lag_behind_its_monitor(void)
{
    static const char *const script[] = {
        CREATED,
        SUCCEEDED,
        REPLY("404 Not Found", "{\"error\":{\"code\":\"ResourceNotFound\"}}"),
        OK_REPLY(ACCEPTED_BODY),
        READY,
        NULL};

    succeeds("PUT", script, 3);
}

static void words_of_states_are_read_leniently(void)
{
    static const char *const lower[] = {CREATED, OK_REPLY("{\"status\":\"succeeded\"}"), READY,
                                        NULL};
    static const char *const empty[] = {CREATED, OK_REPLY(""), READY, NULL};
    static const char *const nothing[] = {CREATED, REPLY("204 No Content", ""), READY, NULL};
    static const char *const other[] = {CREATED, OK_REPLY("{\"status\":\"ResolvingDns\"}"),
                                        SUCCEEDED, READY, NULL};

    succeeds("PUT", lower, 1);
    succeeds("PUT", empty, 1);
    succeeds("PUT", nothing, 1);
    succeeds("PUT", other, 2);
}

/* ---- what goes wrong ---- */

static void a_monitor_may_be_late(void)
{
    static const char not_yet[] =
        REPLY("404 Not Found", "{\"error\":{\"code\":\"OperationNotFound\"}}");
    static const char *const late[] = {CREATED, not_yet, not_yet, RUNNING, SUCCEEDED, READY, NULL};
    static const char *const lost[] = {CREATED, RUNNING, not_yet, NULL};
    static const char *const gone[] = {REPLY(ASYNC("202 Accepted", MONITOR_1), ""), not_yet, NULL};

    succeeds("PUT", late, 4);
    fails("PUT", lost, ACSMTP_CONFIG, "OperationNotFound");
    succeeds("DELETE", gone, 1);
}

static void a_failed_operation_tells_why(void)
{
    static const char *const quota[] = {
        CREATED,
        OK_REPLY("{\"status\":\"Failed\",\"error\":{\"code\":\"QuotaExceeded\","
                 "\"message\":\"Too many services.\"}}"),
        NULL};
    static const char *const silent[] = {CREATED, OK_REPLY("{\"status\":\"failed\"}"), NULL};
    static const char *const cancelled[] = {
        CREATED,
        OK_REPLY("{\"status\":\"Canceled\",\"error\":{\"code\":\"X\",\"message\":\"By hand.\"}}"),
        NULL};
    static const char *const british[] = {CREATED, OK_REPLY("{\"status\":\"Cancelled\"}"), NULL};
    static const char *const resource[] = {
        OK_REPLY("{\"properties\":{\"provisioningState\":\"Creating\"}}"),
        OK_REPLY("{\"properties\":{\"provisioningState\":\"Failed\"}}"), NULL};

    fails("PUT", quota, ACSMTP_CONFIG, "a quota of the subscription is used up");
    fails("PUT", quota, ACSMTP_CONFIG, "ended as 'Failed' QuotaExceeded: Too many services.");
    fails("PUT", silent, ACSMTP_TEMPORARY, "ended as 'failed': the reply does not say why");
    fails("PUT", cancelled, ACSMTP_TEMPORARY, "ended as 'Canceled' X: By hand.");
    fails("PUT", british, ACSMTP_TEMPORARY, "ended as 'Cancelled'");
    fails("PUT", resource, ACSMTP_TEMPORARY, "ended as 'Failed'");
}

static void a_refused_change_tells_why(void)
{
    static const char *const taken[] = {
        REPLY("409 Conflict", "{\"error\":{\"code\":\"VaultAlreadyExists\",\"message\":\"m\"}}"),
        NULL};
    static const char *const tampered[] = {
        CREATED,
        REPLY("403 Forbidden", "{\"error\":{\"code\":\"Bad\",\"message\":\"Signature.\"}}"), NULL};

    fails("PUT", taken, ACSMTP_CONFIG, "the name is taken, in all of Azure");
    fails("PUT", tampered, ACSMTP_DENIED, "HTTP 403 Bad: Signature.");
}

static void a_monitor_elsewhere_gets_no_token(void)
{
    static const char *const script[] = {
        REPLY("201 Created\r\nAzure-AsyncOperation: https://evil.example/op", "{}"), NULL};

    fails("PUT", script, ACSMTP_PROTOCOL, "'https://evil.example' is sent no token");
}

/* The client gives up on one poll after five attempts; the operation goes on all the same. */
static void a_poll_that_gets_nowhere_does_not_end_it(void)
{
    static const char *const script[] = {
        CREATED, REPLY("429 Too Many Requests\r\nRetry-After: 61", ""), RUNNING, NULL};
    static const char *const recovers[] = {CREATED, HANG_UP,   HANG_UP, HANG_UP, HANG_UP,
                                           HANG_UP, SUCCEEDED, READY,   NULL};
    struct outcome outcome = change("PUT", script, 300);

    /* It is told to wait for longer than there is time. */
    CU_ASSERT_EQUAL(outcome.status, ACSMTP_TEMPORARY);
    CU_ASSERT(outcome.took_ms >= 290 && outcome.took_ms < 5000);
    ASSERT_HAS(outcome.azure->err.message, "Azure is still at it (Accepted)");
    finish(&outcome);
    outcome = change("PUT", recovers, 60000);
    CU_ASSERT_EQUAL(outcome.status, ACSMTP_OK);
    finish(&outcome);
}

static void patience_ends(void)
{
    static const char *const script[] = {
        REPLY(ASYNC("201 Created", MONITOR_1) "\r\nRetry-After: 1", "{}"),
        REPLY("200 OK\r\nRetry-After: 30", "{\"status\":\"Accepted\"}"), RUNNING, NULL};
    struct outcome outcome = change("PUT", script, 1300);

    CU_ASSERT_EQUAL(outcome.status, ACSMTP_TEMPORARY);
    CU_ASSERT(outcome.took_ms >= 1290 && outcome.took_ms < 8000);
    ASSERT_TEXT(outcome.azure->err.message,
                "create email service x: Azure is still at it (Accepted) after 1 s; it may end "
                "later: run this again, or with a longer 'wait'");
    finish(&outcome);
}

static void *cancel_soon(void *data)
{
    const struct timespec soon = {.tv_nsec = 100000000};

    (void)nanosleep(&soon, NULL);
    acsmtp_context_cancel(data);
    return NULL;
}

static void a_cancellation_ends_the_wait(void)
{
    static const char *const script[] = {
        REPLY(ASYNC("201 Created", MONITOR_1) "\r\nRetry-After: 30", "{}"), NULL};
    struct azure *azure = azure_new(script, NULL);
    const struct client_change change = {
        .request = {.service = CLIENT_ARM, .method = "PUT", .target = RESOURCE},
        .wait_ms = 60000,
        .poll_ms = 10};
    struct acsmtp_json *json = NULL;
    int64_t began = azure_now_ms();
    pthread_t thread;

    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, cancel_soon, azure->context), 0);
    CU_ASSERT_EQUAL(client_change(azure->client, azure->context, &change, &json, &azure->err),
                    ACSMTP_CANCELLED);
    CU_ASSERT(azure_now_ms() - began < 5000);
    (void)pthread_join(thread, NULL);
    azure_free(azure);
}

CUNIT_MAIN("acs operation", T(the_newest_monitor_is_followed_byte_for_byte),
           T(signed_addresses_may_be_very_long), T(what_is_done_at_once_is_done),
           T(a_status_of_the_resource_itself_is_not_waited_for), T(a_location_is_polled),
           T(no_wait_asked_for_is_no_reason_to_hurry), T(a_post_gives_what_its_monitor_said_last),
           T(of_two_monitors_the_status_counts), T(without_a_monitor_the_resource_is_asked),
           T(the_resource_may_lag_behind_its_monitor), T(words_of_states_are_read_leniently),
           T(a_monitor_may_be_late), T(a_failed_operation_tells_why), T(a_refused_change_tells_why),
           T(a_monitor_elsewhere_gets_no_token), T(a_poll_that_gets_nowhere_does_not_end_it),
           T(patience_ends), T(a_cancellation_ends_the_wait))
