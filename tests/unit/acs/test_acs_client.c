/* SPDX-License-Identifier: MIT */
/* Requests to Azure: where they go, with which token, how often, and what comes back. */
#include "azure_fixture.h"
#include "client_private.h"
#include "cunit_main.h"

#define SERVICE "/subscriptions/s/providers/Microsoft.Communication/emailServices/x?api-version=1"

#define TARGET_MAX 16000

static struct loopback_pki pki;

static int send_one(struct azure *azure, const struct client_request *request,
                    struct client_reply *reply)
{
    int status = client_send(azure->client, azure->context, request, reply, &azure->err);

    if (status != ACSMTP_OK && azure->err.status != status)
        printf("\n    status %d, but the error says %d\n", status, azure->err.status);
    return status;
}

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

    CU_ASSERT_EQUAL(send_one(azure, &request, &reply), ACSMTP_OK);
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

    CU_ASSERT_EQUAL(send_one(azure, &request, &reply), ACSMTP_OK);
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

    CU_ASSERT_EQUAL(send_one(azure, &request, &reply), ACSMTP_OK);
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
        CU_ASSERT_EQUAL(send_one(azure, &request, &reply), ACSMTP_SYSTEM);
    }
    request.method = "GET";
    acsmtp_error_clear(&azure->err);
    CU_ASSERT_EQUAL(send_one(azure, &request, &reply), ACSMTP_OK);
    azure_free(azure);
}

/* ---- where it goes ---- */

static void no_token_leaves_the_service(void)
{
    static const char *const script[] = {NULL};
    static const char *const bad[] = {"http://127.0.0.1:1/x",
                                      "https://management.azure.example/x",
                                      "http://127.0.0.1.evil.example/x",
                                      "x",
                                      "",
                                      "http://",
                                      "http://user@127.0.0.1/x",
                                      "ftp://127.0.0.1/",
                                      "/with blank",
                                      "/with\nline",
                                      "/with#fragment",
                                      "/caf\xc3\xa9"};
    struct azure *azure = azure_new(script, NULL);
    struct client_request request = {.service = CLIENT_ARM, .method = "GET"};

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CLIENT_AUTO_REPLY struct client_reply reply;
        int status;

        request.target = bad[i];
        acsmtp_error_clear(&azure->err);
        status = send_one(azure, &request, &reply);
        if (status != ACSMTP_PROTOCOL)
            printf("\n    taken: %s: %s\n", bad[i], azure->err.message);
        CU_ASSERT_EQUAL(status, ACSMTP_PROTOCOL);
    }
    CU_ASSERT_EQUAL(azure->asked, 0);
    azure_free(azure);
}

static void a_whole_address_of_the_service_goes_out_byte_for_byte(void)
{
    static const char *const script[] = {OK_REPLY("{}"), NULL};
    struct azure *azure = azure_new(script, NULL);
    char target[TARGET_MAX];
    char wanted[TARGET_MAX + 32];
    struct client_request request = {.service = CLIENT_ARM, .method = "GET", .target = target};
    CLIENT_AUTO_REPLY struct client_reply reply;
    size_t used;

    used =
        (size_t)snprintf(target, sizeof target, "%s/a/%%2F*%%7e;x'()/op*0F?t=1&c=", azure->origin);
    while (used < 15000)
        used += (size_t)snprintf(target + used, sizeof target - used, "MIIH%%2B-_~.");
    CU_ASSERT_EQUAL(send_one(azure, &request, &reply), ACSMTP_OK);
    (void)snprintf(wanted, sizeof wanted, "GET %s HTTP/1.1\r\n", target + strlen(azure->origin));
    CU_ASSERT_EQUAL(strncmp(azure->requests[0], wanted, strlen(wanted)), 0);
    azure_free(azure);
}

static void what_is_too_long_is_refused(void)
{
    static const char *const script[] = {NULL};
    struct azure *azure = azure_new(script, NULL);
    char *target = malloc(20000);
    struct client_request request = {.service = CLIENT_ARM, .method = "GET", .target = target};
    CLIENT_AUTO_REPLY struct client_reply reply;

    loopback_need(target != NULL, "memory");
    memset(target, '/', 19999);
    target[19999] = '\0';
    CU_ASSERT_EQUAL(send_one(azure, &request, &reply), ACSMTP_PROTOCOL);
    ASSERT_HAS(azure->err.message, "longer than 16384");
    free(target);
    azure_free(azure);
}

/* The query, which may be a signature of 3 KB, is nobody's business. */
static void attempts_have_short_names(void)
{
    static const struct {
        const char *target, *name;
    } cases[] = {
        {"/subscriptions/s/resourceGroups/rg/providers/Microsoft.X/a/b/providers/"
         "Microsoft.Authorization/roleAssignments/1?api-version=/providers/x",
         "GET Microsoft.Authorization/roleAssignments/1"},
        {"/subscriptions/s/resourceGroups/rg?api-version=1", "GET resourceGroups/rg"},
        {"/subscriptions/s?api-version=1", "GET /subscriptions/s"},
        {"/v1.0/applications/1", "GET /v1.0/applications/1"},
        {"https://h:1/subscriptions/s/providers/Microsoft.X/op/1*2?t=secret",
         "GET Microsoft.X/op/1*2"},
        {"https://h", "GET "},
    };
    char what[CLIENT_WHAT_MAX];

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct client_request request = {.method = "GET", .target = cases[i].target};

        client_what(&request, what);
        ASSERT_TEXT(what, cases[i].name);
        request.what = "look at x";
        client_what(&request, what);
        ASSERT_TEXT(what, "look at x");
    }
}

/* ---- tokens ---- */

static void a_refused_token_is_renewed_once(void)
{
    static const char refusal[] =
        REPLY("401 Unauthorized", "{\"error\":{\"code\":\"InvalidAuthenticationToken\","
                                  "\"message\":\"The access token is invalid.\"}}");
    static const char *const script[] = {refusal, OK_REPLY("{}"), refusal, refusal, NULL};
    struct azure *azure = azure_new(script, NULL);
    const struct client_request request = {.service = CLIENT_ARM, .method = "GET", .target = "/x"};
    CLIENT_AUTO_REPLY struct client_reply reply = {0};
    CLIENT_AUTO_REPLY struct client_reply second = {0};

    CU_ASSERT_EQUAL(send_one(azure, &request, &reply), ACSMTP_OK);
    ASSERT_HAS(azure->requests[0], "Bearer token-1\r\n");
    ASSERT_HAS(azure->requests[1], "Bearer token-2\r\n");
    CU_ASSERT_EQUAL(azure->refreshed, 1);
    CU_ASSERT_EQUAL(send_one(azure, &request, &second), ACSMTP_DENIED);
    CU_ASSERT_EQUAL(azure->refreshed, 2);
    ASSERT_TEXT(azure->err.code, "InvalidAuthenticationToken");
    ASSERT_HAS(azure->err.message, "log in again");
    azure_free(azure);
}

/* Two threads that were refused with the same token: the second takes what the first has brought.
 */
static void only_the_first_refusal_asks_for_a_fresh_token(void)
{
    static const char *const script[] = {NULL};
    struct azure *azure = azure_new(script, NULL);
    CLIENT_AUTO_TOKEN struct client_token first = {.credential = NULL};
    CLIENT_AUTO_TOKEN struct client_token second = {.credential = NULL};
    struct audience *arm = client_audience(azure->client, CLIENT_ARM, "", &azure->err);
    struct client_token *const tokens[] = {&first, &second};

    for (size_t i = 0; i < 2; i++)
        CU_ASSERT_EQUAL(
            client_token_get(azure->client, azure->context, arm, NULL, tokens[i], &azure->err),
            ACSMTP_OK);
    for (size_t i = 0; i < 2; i++) {
        CU_ASSERT_EQUAL(
            client_token_renew(azure->client, azure->context, arm, NULL, tokens[i], &azure->err),
            ACSMTP_OK);
        CU_ASSERT_EQUAL(azure->refreshed, 1);
    }
    CU_ASSERT_EQUAL(
        client_token_renew(azure->client, azure->context, arm, NULL, &first, &azure->err),
        ACSMTP_OK);
    CU_ASSERT_EQUAL(azure->refreshed, 2);
    azure_free(azure);
}

static void a_password_is_no_token(void)
{
    static const char *const script[] = {NULL};
    struct azure *azure = azure_new(script, NULL);
    const struct client_request request = {
        .service = CLIENT_GRAPH, .what = "create application x", .method = "GET", .target = "/x"};
    CLIENT_AUTO_REPLY struct client_reply reply;

    azure->is_password = 1;
    CU_ASSERT_EQUAL(send_one(azure, &request, &reply), ACSMTP_CONFIG);
    ASSERT_HAS(azure->err.message, "create application x: ");
    ASSERT_HAS(azure->err.message, "gave no token but a password");
    azure_free(azure);
}

#define CHALLENGE(more)                                                                            \
    REPLY("401 Unauthorized\r\nWWW-Authenticate: Bearer "                                          \
          "authorization=\"https://login.example/tenant-1\", resource=\"https://localhost\"" more, \
          "{\"error\":{\"code\":\"Unauthorized\",\"message\":\"AKV10000\"}}")

static void a_vault_says_itself_which_token_it_wants(void)
{
    static const char *const script[] = {
        CHALLENGE(""),
        OK_REPLY("{\"id\":\"1\"}"),
        OK_REPLY("{\"id\":\"2\"}"),
        CHALLENGE(", error=\"insufficient_claims\", claims=\"eyJhIjoxfQ==\""),
        OK_REPLY("{\"id\":\"3\"}"),
        NULL};
    struct azure *azure = azure_new(script, &pki);
    ACSMTP_AUTO_SECRET struct acsmtp_secret *secret =
        acsmtp_secret_new("{\"value\":\"s3cret!\"}", 19, NULL);
    const struct client_request request = {.service = CLIENT_VAULT,
                                           .method = "PUT",
                                           .host = azure->origin,
                                           .target = "/secrets/a?api-version=7.4",
                                           .secret_body = secret};

    for (int i = 1; i <= 3; i++) {
        CLIENT_AUTO_REPLY struct client_reply reply;
        char id[2] = {(char)('0' + i), '\0'};

        CU_ASSERT_EQUAL(send_one(azure, &request, &reply), ACSMTP_OK);
        ASSERT_TEXT(acsmtp_json_string(reply.json, "id"), id);
    }
    ASSERT_REQUEST(azure, 0, "GET /secrets/a?api-version=7.4");
    ASSERT_HAS_NOT(azure->requests[0], "Authorization");
    ASSERT_HAS_NOT(azure->requests[0], "s3cret");
    ASSERT_REQUEST(azure, 1, "PUT /secrets/a?api-version=7.4");
    ASSERT_HAS(azure->requests[1], "Bearer token-1\r\n");
    ASSERT_REQUEST(azure, 2, "PUT /secrets/a?api-version=7.4");
    ASSERT_HAS(azure->requests[4], "Bearer token-4\r\n");
    ASSERT_TEXT(azure->scope, "https://localhost/.default");
    ASSERT_TEXT(azure->tenant, "tenant-1");
    ASSERT_TEXT(azure->claims, "{\"a\":1}");
    CU_ASSERT_EQUAL(azure->refreshed, 1);
    azure_free(azure);
}

static void a_strangers_challenge_gets_no_token(void)
{
    static const char *const script[] = {
        REPLY("401 Unauthorized\r\nWWW-Authenticate: Bearer authorization=\"https://l.example/t\", "
              "resource=\"https://management.azure.example\"",
              ""),
        OK_REPLY("{}"), NULL};
    struct azure *azure = azure_new(script, &pki);
    const struct client_request request = {.service = CLIENT_VAULT,
                                           .method = "GET",
                                           .host = azure->origin,
                                           .target = "/secrets/a?api-version=7.4"};

    for (int i = 0; i < 2; i++) {
        CLIENT_AUTO_REPLY struct client_reply reply;

        acsmtp_error_clear(&azure->err);
        CU_ASSERT_EQUAL(send_one(azure, &request, &reply), ACSMTP_PROTOCOL);
    }
    ASSERT_HAS(azure->err.message, "this is not a vault");
    CU_ASSERT_EQUAL(azure->asked, 0);
    azure_free(azure);
}

static void vaults_live_under_their_domain(void)
{
    static const char *const script[] = {NULL};
    static const char *const bad[] = {NULL,
                                      "",
                                      "https://",
                                      "https://localhost:%d",
                                      "https://mx.evil.example",
                                      "https://a.mx.localhost:%d",
                                      "https://.localhost:%d",
                                      "http://mx.localhost:%d",
                                      "https://mx.localhost:1%d",
                                      "https://mx.localhost:%d.evil.example/"};
    struct azure *azure = azure_new(script, &pki);
    char host[128];

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct client_request request = {.service = CLIENT_VAULT,
                                         .method = "GET",
                                         .host = bad[i] ? host : NULL,
                                         .target = "/secrets/a?api-version=7.4"};
        CLIENT_AUTO_REPLY struct client_reply reply;

        (void)snprintf(host, sizeof host, "%s", bad[i] ? bad[i] : "");
        if (bad[i] && strstr(bad[i], "%d")) {
            const char *at = strstr(bad[i], "%d");

            (void)snprintf(host, sizeof host, "%.*s%d%s", (int)(at - bad[i]), bad[i], azure->port,
                           at + 2);
        }
        acsmtp_error_clear(&azure->err);
        CU_ASSERT_EQUAL(send_one(azure, &request, &reply), ACSMTP_PROTOCOL);
        ASSERT_HAS(azure->err.message, "vaults of this cloud live under localhost:");
    }
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

        CU_ASSERT_EQUAL(send_one(azure, &request, &reply), ACSMTP_OK);
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

        CU_ASSERT_EQUAL(send_one(azure, &request, &reply), cases[i].status);
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

    CU_ASSERT_EQUAL(send_one(azure, &request, &reply), ACSMTP_TEMPORARY);
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

    CU_ASSERT_EQUAL(send_one(azure, &request, &bom), ACSMTP_OK);
    ASSERT_TEXT(acsmtp_json_string(bom.json, "a"), "bom");
    for (int i = 0; i < 4; i++) {
        CLIENT_AUTO_REPLY struct client_reply reply = {0};

        CU_ASSERT_EQUAL(send_one(azure, &request, &reply), ACSMTP_OK);
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

    CU_ASSERT_EQUAL(send_one(azure, &request, &first), ACSMTP_PROTOCOL);
    ASSERT_HAS(azure->err.message, "is there a proxy in between?");
    acsmtp_error_clear(&azure->err);
    CU_ASSERT_EQUAL(send_one(azure, &request, &second), ACSMTP_PROTOCOL);
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

/* ---- who is asking ---- */

static int caller_of(const char *claims, struct client_caller *caller, struct acsmtp_error *err)
{
    static const char *const script[] = {NULL};
    struct azure *azure = azure_new(script, NULL);
    struct acsmtp_secret *token = jwt_text("{\"alg\":\"RS256\",\"typ\":\"JWT\"}", claims, "c2ln");
    int status;

    azure->token = acsmtp_secret_data(token);
    status = client_caller(azure->client, azure->context, caller, &azure->err);
    *err = azure->err;
    azure_free(azure);
    acsmtp_secret_free(token);
    return status;
}

static void the_token_tells_whose_it_is(void)
{
    struct acsmtp_error err;
    struct client_caller caller;

    CU_ASSERT_EQUAL(caller_of("{\"oid\":\"11111111-2222-3333-4444-555555555555\",\"tid\":\"t-1\","
                              "\"idtyp\":\"app\",\"appid\":\"a-1\"}",
                              &caller, &err),
                    ACSMTP_OK);
    ASSERT_TEXT(caller.object_id, "11111111-2222-3333-4444-555555555555");
    ASSERT_TEXT(caller.tenant_id, "t-1");
    ASSERT_TEXT(caller.type, "ServicePrincipal");
    ASSERT_TEXT(caller.application_id, "a-1");
    CU_ASSERT_EQUAL(
        caller_of("{\"oid\":\"o\",\"tid\":\"t\",\"scp\":\"user_impersonation\"}", &caller, &err),
        ACSMTP_OK);
    ASSERT_TEXT(caller.type, "User");
    CU_ASSERT_EQUAL(caller_of("{\"oid\":\"o\",\"tid\":\"t\",\"azp\":\"a-2\"}", &caller, &err),
                    ACSMTP_OK);
    ASSERT_TEXT(caller.type, "ServicePrincipal");
    ASSERT_TEXT(caller.application_id, "a-2");
}

static void a_token_of_nobody_is_refused(void)
{
    static const char *const bad[] = {
        "{}", "{\"oid\":\"o\"}", "{\"tid\":\"t\"}", "{\"oid\":\"o'o\",\"tid\":\"t\"}",
        "{\"oid\":\"o\",\"tid\":\"0123456789012345678901234567890123456789\"}"};
    struct acsmtp_error err;
    struct client_caller caller;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CU_ASSERT_EQUAL(caller_of(bad[i], &caller, &err), ACSMTP_PROTOCOL);
        ASSERT_HAS(err.message, "does not tell whose it is");
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
    T(no_token_leaves_the_service),
    T(a_whole_address_of_the_service_goes_out_byte_for_byte),
    T(what_is_too_long_is_refused),
    T(attempts_have_short_names),
    T(a_refused_token_is_renewed_once),
    T(only_the_first_refusal_asks_for_a_fresh_token),
    T(a_password_is_no_token),
    T(a_vault_says_itself_which_token_it_wants),
    T(a_strangers_challenge_gets_no_token),
    T(vaults_live_under_their_domain),
    T(what_may_be_repeated_is_repeated),
    T(a_post_is_sent_once),
    T(a_long_wait_is_told_to_the_caller),
    T(odd_bodies_are_understood),
    T(a_proxys_page_is_no_success),
    T(absence_is_no_failure_of_get),
    T(lists_are_read_to_their_end),
    T(bad_lists_are_refused),
    T(the_token_tells_whose_it_is),
    T(a_token_of_nobody_is_refused),
    T(threads_share_one_client),
};

int main(void)
{
    int result;

    loopback_pki_open(&pki);
    result = cunit_run("acs client", cases, sizeof cases / sizeof cases[0]);
    loopback_pki_close(&pki);
    return result;
}
