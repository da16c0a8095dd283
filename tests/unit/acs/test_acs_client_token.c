/* SPDX-License-Identifier: MIT */
/* The tokens of requests to Azure: which is asked for, how often, and whose it is. */
#include "azure_fixture.h"
#include "client_private.h"
#include "cunit_main.h"

static struct loopback_pki pki;

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

    CU_ASSERT_EQUAL(azure_send(azure, &request, &reply), ACSMTP_OK);
    ASSERT_HAS(azure->requests[0], "Bearer token-1\r\n");
    ASSERT_HAS(azure->requests[1], "Bearer token-2\r\n");
    CU_ASSERT_EQUAL(azure->refreshed, 1);
    CU_ASSERT_EQUAL(azure_send(azure, &request, &second), ACSMTP_DENIED);
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
    CU_ASSERT_EQUAL(azure_send(azure, &request, &reply), ACSMTP_CONFIG);
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

        CU_ASSERT_EQUAL(azure_send(azure, &request, &reply), ACSMTP_OK);
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
        CU_ASSERT_EQUAL(azure_send(azure, &request, &reply), ACSMTP_PROTOCOL);
    }
    ASSERT_HAS(azure->err.message, "this is not a vault");
    CU_ASSERT_EQUAL(azure->asked, 0);
    azure_free(azure);
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

static const struct cunit_case cases[] = {
    T(a_refused_token_is_renewed_once),
    T(only_the_first_refusal_asks_for_a_fresh_token),
    T(a_password_is_no_token),
    T(a_vault_says_itself_which_token_it_wants),
    T(a_strangers_challenge_gets_no_token),
    T(the_token_tells_whose_it_is),
    T(a_token_of_nobody_is_refused),
};

int main(void)
{
    int result;

    loopback_pki_open(&pki);
    result = cunit_run("acs client token", cases, sizeof cases / sizeof cases[0]);
    loopback_pki_close(&pki);
    return result;
}
