/* SPDX-License-Identifier: MIT */
/* Requests to Azure: what they hold, how often they are sent, and what comes back. */
#include "azure_fixture.h"
#include "client_private.h"
#include "cunit_main.h"

#define SERVICE "/subscriptions/s/providers/Microsoft.Communication/emailServices/x?api-version=1"

static struct acsmtp_json *json_of(const char *text)
{
    struct acsmtp_json *json = acsmtp_json_parse(text, strlen(text), NULL);

    loopback_need(json != NULL, "JSON");
    return json;
}

/* ---- what goes out ---- */

static void a_request_carries_token_body_and_header(void)
{
    static const char *const script[] = {
        REPLY("201 Created\r\nAzure-AsyncOperation: {origin}/op\r\nLocation: {origin}/at\r\n"
              "Retry-After: 7",
              "{\"name\":\"x\"}"),
        NULL};
    struct azure *azure = azure_new(script, NULL);
    ACSMTP_AUTO_JSON struct acsmtp_json *body = json_of("{\"location\":\"global\"}");
    const struct client_request request = {.service = CLIENT_ARM,
                                           .method = "PUT",
                                           .target = SERVICE,
                                           .body = body,
                                           .header = "Prefer: create-if-missing"};
    CLIENT_AUTO_REPLY struct client_reply reply;

    CU_ASSERT_EQUAL(azure_send(azure, &request, &reply), ACSMTP_OK);
    ASSERT_REQUEST(azure, 0, "PUT " SERVICE);
    ASSERT_HAS(azure->requests[0], "\r\nAuthorization: Bearer token-1\r\n");
    ASSERT_HAS(azure->requests[0], "\r\nContent-Type: application/json\r\n");
    ASSERT_HAS(azure->requests[0], "\r\nAccept: application/json\r\n");
    ASSERT_HAS(azure->requests[0], "\r\nPrefer: create-if-missing\r\n");
    ASSERT_HAS(azure->requests[0], "\r\n\r\n{\"location\":\"global\"}");
    CU_ASSERT_EQUAL(reply.status, 201);
    CU_ASSERT_EQUAL(reply.retry_after, 7);
    ASSERT_TEXT(acsmtp_json_string(reply.json, "name"), "x");
    CU_ASSERT_EQUAL(strncmp(reply.operation, azure->origin, strlen(azure->origin)), 0);
    ASSERT_HAS(reply.operation, "/op");
    ASSERT_HAS(reply.location, "/at");
    ASSERT_HAS(azure->scope, azure->origin);
    ASSERT_HAS(azure->scope, "/.default");
    ASSERT_TEXT(azure->tenant, "");
    azure_free(azure);
}

/* libcurl would call an empty body a form. */
static void an_empty_post_is_json(void)
{
    static const char *const script[] = {OK_REPLY("{}"), NULL};
    struct azure *azure = azure_new(script, NULL);
    const struct client_request request = {
        .service = CLIENT_GRAPH, .method = "POST", .target = "/v1.0/x"};
    CLIENT_AUTO_REPLY struct client_reply reply;

    CU_ASSERT_EQUAL(azure_send(azure, &request, &reply), ACSMTP_OK);
    ASSERT_HAS(azure->requests[0], "\r\nContent-Type: application/json\r\n");
    ASSERT_HAS(azure->requests[0], "\r\nContent-Length: 0\r\n");
    azure_free(azure);
}

static void a_secret_body_goes_out_as_it_is(void)
{
    static const char *const script[] = {OK_REPLY("{}"), NULL};
    struct azure *azure = azure_new(script, NULL);
    ACSMTP_AUTO_SECRET struct acsmtp_secret *secret =
        acsmtp_secret_new("{\"value\":\"s3cret!\"}", 19, NULL);
    const struct client_request request = {
        .service = CLIENT_ARM, .method = "PUT", .target = "/x", .secret_body = secret};
    CLIENT_AUTO_REPLY struct client_reply reply;

    CU_ASSERT_EQUAL(azure_send(azure, &request, &reply), ACSMTP_OK);
    ASSERT_HAS(azure->requests[0], "\r\n\r\n{\"value\":\"s3cret!\"}");
    azure_free(azure);
}

static void a_reader_sends_no_change(void)
{
    static const char *const script[] = {OK_REPLY("{}"), NULL};
    static const char *const changes[] = {"PUT", "POST", "PATCH", "DELETE"};
    struct azure *azure = azure_new(script, NULL);
    struct client_request request = {.service = CLIENT_ARM, .target = "/x"};
    CLIENT_AUTO_REPLY struct client_reply reply = {0};

    client_set_read_only(azure->client, 1);
    for (size_t i = 0; i < 4; i++) {
        request.method = changes[i];
        acsmtp_error_clear(&azure->err);
        CU_ASSERT_EQUAL(azure_send(azure, &request, &reply), ACSMTP_SYSTEM);
    }
    request.method = "GET";
    acsmtp_error_clear(&azure->err);
    CU_ASSERT_EQUAL(azure_send(azure, &request, &reply), ACSMTP_OK);
    azure_free(azure);
}

/* ---- how often ---- */

static void what_may_be_repeated_is_repeated(void)
{
    static const char *const methods[] = {"GET", "PUT", "PATCH", "DELETE", "POST"};

    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        static const char *const script[] = {HANG_UP, REPLY("503 Service Unavailable", ""),
                                             OK_REPLY("{}"), NULL};
        struct azure *azure = azure_new(script, NULL);
        const struct client_request request = {.service = CLIENT_ARM,
                                               .method = methods[i],
                                               .target = "/x",
                                               .is_repeatable = strcmp(methods[i], "POST") == 0};
        CLIENT_AUTO_REPLY struct client_reply reply;

        CU_ASSERT_EQUAL(azure_send(azure, &request, &reply), ACSMTP_OK);
        azure_free(azure);
    }
}

static void a_post_is_sent_once(void)
{
    static const char *const lost[] = {HANG_UP, NULL};
    static const char *const failed[] = {REPLY("503 Service Unavailable", ""), NULL};
    static const char *const throttled[] = {REPLY("429 Too Many Requests\r\nRetry-After: 1", ""),
                                            OK_REPLY("{}"), NULL};
    static const struct {
        const char *const *script;
        int status;
    } cases[] = {{lost, ACSMTP_TEMPORARY}, {failed, ACSMTP_TEMPORARY}, {throttled, ACSMTP_OK}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct azure *azure = azure_new(cases[i].script, NULL);
        const struct client_request request = {.service = CLIENT_GRAPH,
                                               .method = "POST",
                                               .target = "/v1.0/applications/1/addPassword"};
        CLIENT_AUTO_REPLY struct client_reply reply;

        CU_ASSERT_EQUAL(azure_send(azure, &request, &reply), cases[i].status);
        azure_free(azure);
    }
}

static void a_long_wait_is_told_to_the_caller(void)
{
    static const char *const script[] = {REPLY("429 Too Many Requests\r\nRetry-After: 300", ""),
                                         NULL};
    struct azure *azure = azure_new(script, NULL);
    const struct client_request request = {
        .service = CLIENT_ARM, .method = "GET", .target = SERVICE};
    CLIENT_AUTO_REPLY struct client_reply reply;

    CU_ASSERT_EQUAL(azure_send(azure, &request, &reply), ACSMTP_TEMPORARY);
    CU_ASSERT_EQUAL(azure->err.retry_after, 300);
    ASSERT_TEXT(azure->err.message,
                "GET Microsoft.Communication/emailServices/x: HTTP 429: the reply does not say why "
                "(Azure asks to wait 300 s)");
    azure_free(azure);
}

/* ---- what comes back ---- */

static void odd_bodies_are_understood(void)
{
    static const char *const script[] = {
        OK_REPLY("\xef\xbb\xbf{\"a\":\"bom\"}"),
        OK_REPLY("null"),
        OK_REPLY(" \r\n"),
        REPLY("204 No Content\r\nContent-Type: application/json", ""),
        REPLY("409 Conflict", "<html>"),
        NULL};
    struct azure *azure = azure_new(script, NULL);
    const struct client_request request = {.service = CLIENT_ARM, .method = "GET", .target = "/x"};
    CLIENT_AUTO_REPLY struct client_reply bom = {0};

    CU_ASSERT_EQUAL(azure_send(azure, &request, &bom), ACSMTP_OK);
    ASSERT_TEXT(acsmtp_json_string(bom.json, "a"), "bom");
    for (int i = 0; i < 4; i++) {
        CLIENT_AUTO_REPLY struct client_reply reply = {0};

        CU_ASSERT_EQUAL(azure_send(azure, &request, &reply), ACSMTP_OK);
        CU_ASSERT_PTR_NULL(reply.json);
        CU_ASSERT_EQUAL(reply.is_foreign, reply.status == 409);
    }
    azure_free(azure);
}

static void a_proxys_page_is_no_success(void)
{
    static const char *const script[] = {OK_REPLY("<html>Please log in</html>"),
                                         REPLY("302 Found\r\nLocation: {origin}/login", ""), NULL};
    struct azure *azure = azure_new(script, NULL);
    const struct client_request request = {.service = CLIENT_ARM, .method = "GET", .target = "/x"};
    CLIENT_AUTO_REPLY struct client_reply first;
    CLIENT_AUTO_REPLY struct client_reply second;

    CU_ASSERT_EQUAL(azure_send(azure, &request, &first), ACSMTP_PROTOCOL);
    ASSERT_HAS(azure->err.message, "is there a proxy in between?");
    acsmtp_error_clear(&azure->err);
    CU_ASSERT_EQUAL(azure_send(azure, &request, &second), ACSMTP_PROTOCOL);
    ASSERT_HAS(azure->err.message, "HTTP 302");
    azure_free(azure);
}

static void absence_is_no_failure_of_get(void)
{
    static const char *const script[] = {
        OK_REPLY("{\"name\":\"x\"}"),
        REPLY("404 Not Found", "{\"error\":{\"code\":\"ResourceNotFound\",\"message\":\"m\"}}"),
        REPLY("404 Not Found", ""),
        REPLY("404 Not Found", "{\"error\":{\"code\":\"SubscriptionNotFound\",\"message\":\"m\"}}"),
        REPLY("404 Not Found", "<html>"),
        NULL};
    static const int statuses[] = {ACSMTP_OK, ACSMTP_OK, ACSMTP_OK, ACSMTP_CONFIG, ACSMTP_PROTOCOL};
    struct azure *azure = azure_new(script, NULL);

    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        ACSMTP_AUTO_JSON struct acsmtp_json *json = NULL;

        acsmtp_error_clear(&azure->err);
        CU_ASSERT_EQUAL(
            client_get(azure->client, azure->context, CLIENT_ARM, SERVICE, &json, &azure->err),
            statuses[i]);
        CU_ASSERT_EQUAL(json != NULL, i == 0);
        if (i == 3)
            ASSERT_HAS(azure->err.message, "check option 'subscription'");
    }
    azure_free(azure);
}

/* ---- lists ---- */

static void lists_are_read_to_their_end(void)
{
    static const char *const script[] = {
        OK_REPLY("{\"value\":[{\"n\":\"1\"},{\"n\":\"2\"}],"
                 "\"nextLink\":\"{origin}/p?$skiptoken=dae9w8==&x=%2B\"}"),
        OK_REPLY("{\"value\":[],\"@odata.nextLink\":\"{origin}/q\"}"),
        OK_REPLY("{\"value\":[{\"n\":\"3\"}],\"nextLink\":null}"), OK_REPLY("{\"value\":[]}"),
        NULL};
    struct azure *azure = azure_new(script, NULL);
    ACSMTP_AUTO_JSON struct acsmtp_json *items = NULL;
    ACSMTP_AUTO_JSON struct acsmtp_json *none = NULL;

    CU_ASSERT_EQUAL(
        client_list(azure->client, azure->context, CLIENT_ARM, "/p?a=1", &items, &azure->err),
        ACSMTP_OK);
    CU_ASSERT_EQUAL(acsmtp_json_length(items), 3);
    ASSERT_TEXT(acsmtp_json_string(acsmtp_json_item(items, 2), "n"), "3");
    ASSERT_REQUEST(azure, 1, "GET /p?$skiptoken=dae9w8==&x=%2B");
    CU_ASSERT_EQUAL(
        client_list(azure->client, azure->context, CLIENT_GRAPH, "/q", &none, &azure->err),
        ACSMTP_OK);
    CU_ASSERT_EQUAL(acsmtp_json_type(none), ACSMTP_JSON_ARRAY);
    CU_ASSERT_EQUAL(acsmtp_json_length(none), 0);
    azure_free(azure);
}

static void bad_lists_are_refused(void)
{
    static const char *const elsewhere[] = {
        OK_REPLY("{\"value\":[],\"nextLink\":\"https://evil.example/x\"}"), NULL};
    static const char *const shapeless[] = {OK_REPLY("{\"value\":{}}"), NULL};
    static const char *const missing[] = {
        REPLY("404 Not Found", "{\"error\":{\"code\":\"ResourceGroupNotFound\"}}"), NULL};
    static const struct {
        const char *const *script;
        int status;
        const char *words;
    } cases[] = {{elsewhere, ACSMTP_PROTOCOL, "'https://evil.example' is sent no token"},
                 {shapeless, ACSMTP_PROTOCOL, "no array 'value'"},
                 {missing, ACSMTP_CONFIG, "ResourceGroupNotFound"}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct azure *azure = azure_new(cases[i].script, NULL);
        ACSMTP_AUTO_JSON struct acsmtp_json *items = NULL;

        CU_ASSERT_EQUAL(
            client_list(azure->client, azure->context, CLIENT_ARM, "/p", &items, &azure->err),
            cases[i].status);
        ASSERT_HAS(azure->err.message, cases[i].words);
        CU_ASSERT_PTR_NULL(items);
        azure_free(azure);
    }
}

/* ---- several threads ---- */

static void *get_one(void *data)
{
    struct azure *azure = data;
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    ACSMTP_AUTO_JSON struct acsmtp_json *json = NULL;
    struct acsmtp_context *context = acsmtp_context_limit(azure->context, -1);
    int status = client_get(azure->client, context, CLIENT_ARM, "/x", &json, &err);

    acsmtp_context_free(context);
    return status == ACSMTP_OK ? NULL : azure;
}

static void threads_share_one_client(void)
{
    static const char *const script[] = {OK_REPLY("{}"), OK_REPLY("{}"), OK_REPLY("{}"),
                                         OK_REPLY("{}"), OK_REPLY("{}"), OK_REPLY("{}"),
                                         OK_REPLY("{}"), OK_REPLY("{}"), NULL};
    struct azure *azure = azure_new(script, NULL);
    pthread_t threads[8];

    for (size_t i = 0; i < 8; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, get_one, azure), 0);
    for (size_t i = 0; i < 8; i++) {
        void *failed = NULL;

        (void)pthread_join(threads[i], &failed);
        CU_ASSERT_PTR_NULL(failed);
    }
    CU_ASSERT_EQUAL(azure->asked, 8);
    azure_free(azure);
}

static const struct cunit_case cases[] = {
    T(a_request_carries_token_body_and_header),
    T(an_empty_post_is_json),
    T(a_secret_body_goes_out_as_it_is),
    T(a_reader_sends_no_change),
    T(what_may_be_repeated_is_repeated),
    T(a_post_is_sent_once),
    T(a_long_wait_is_told_to_the_caller),
    T(odd_bodies_are_understood),
    T(a_proxys_page_is_no_success),
    T(absence_is_no_failure_of_get),
    T(lists_are_read_to_their_end),
    T(bad_lists_are_refused),
    T(threads_share_one_client),
};

int main(void)
{
    return cunit_run("acs client", cases, sizeof cases / sizeof cases[0]);
}
