/* SPDX-License-Identifier: MIT */
/* Where requests to Azure go: to the service that the token is for, and to no other. */
#include "azure_fixture.h"
#include "client_private.h"
#include "cunit_main.h"

#define TARGET_MAX 16000

static struct loopback_pki pki;

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
        status = azure_send(azure, &request, &reply);
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
    CU_ASSERT_EQUAL(azure_send(azure, &request, &reply), ACSMTP_OK);
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
    CU_ASSERT_EQUAL(azure_send(azure, &request, &reply), ACSMTP_PROTOCOL);
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
        CU_ASSERT_EQUAL(azure_send(azure, &request, &reply), ACSMTP_PROTOCOL);
        ASSERT_HAS(azure->err.message, "vaults of this cloud live under localhost:");
    }
    azure_free(azure);
}

static const struct cunit_case cases[] = {
    T(no_token_leaves_the_service),    T(a_whole_address_of_the_service_goes_out_byte_for_byte),
    T(what_is_too_long_is_refused),    T(attempts_have_short_names),
    T(vaults_live_under_their_domain),
};

int main(void)
{
    int result;

    loopback_pki_open(&pki);
    result = cunit_run("acs client target", cases, sizeof cases / sizeof cases[0]);
    loopback_pki_close(&pki);
    return result;
}
