/* SPDX-License-Identifier: MIT */
/*
 * Token replies as the services really send them, and broken ones.
 */
#include "cunit_main.h"
#include "jwt_text.h"
#include <acsmtp/token.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const struct acsmtp_token_format azure_cli = {.size = sizeof azure_cli,
                                                     .flags = ACSMTP_TOKEN_LOCAL_TIME,
                                                     .token = "accessToken",
                                                     .expires_on = "expiresOn"};
static const struct acsmtp_token_format nested = {
    .size = sizeof nested, .token = "status.token", .expires_on = "status.expirationTimestamp"};

static int parse(const char *text, const struct acsmtp_token_format *format,
                 struct acsmtp_credential *out, struct acsmtp_error *err)
{
    struct acsmtp_secret *reply = acsmtp_secret_new(text, strlen(text), NULL);
    int status = acsmtp_token_parse(reply, format, 1000000, out, err);

    CU_ASSERT_STRING_EQUAL(acsmtp_secret_data(reply), text);
    acsmtp_secret_free(reply);
    return status;
}

static void expect(const char *text, const struct acsmtp_token_format *format, int64_t expires_on,
                   int64_t refresh_on)
{
    struct acsmtp_credential *out = acsmtp_credential_new(NULL);

    CU_ASSERT_EQUAL(parse(text, format, out, NULL), ACSMTP_OK);
    CU_ASSERT_EQUAL(acsmtp_credential_kind(out), ACSMTP_CREDENTIAL_TOKEN);
    CU_ASSERT_STRING_EQUAL(acsmtp_secret_data(acsmtp_credential_secret(out)), "tok");
    CU_ASSERT_EQUAL(acsmtp_credential_expires_on(out), expires_on);
    CU_ASSERT_EQUAL(acsmtp_credential_refresh_on(out), refresh_on);
    acsmtp_credential_free(out);
}

static void replies_of_the_token_endpoint(void)
{
    expect("{\"token_type\":\"Bearer\",\"expires_in\":3599,\"access_token\":\"tok\"}",
           &acsmtp_token_format_oauth2, 1003599, 0);
    expect("{\"expires_in\":86399,\"refresh_in\":43199,\"access_token\":\"tok\"}", NULL, 1086399,
           1043199);
}

static void replies_of_metadata_endpoints(void)
{
    expect("{\"access_token\":\"tok\",\"refresh_token\":\"\",\"expires_in\":\"3599\","
           "\"expires_on\":\"1506484173\",\"not_before\":\"1506480273\"}",
           NULL, 1506484173, 0);
    expect("{\"access_token\":\"tok\",\"expires_on\":1586984735}", NULL, 1586984735, 0);
    expect("{\"access_token\":\"tok\",\"expires_on\":\"11/12/2020 01:50:47 PM +00:00\"}", NULL,
           1605189047, 0);
    expect("{\"access_token\":\"tok\",\"expires_on\":\"2020-11-12T13:50:47Z\"}", NULL, 1605189047,
           0);
}

static void replies_of_helper_programs(void)
{
    (void)setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    tzset();
    expect("{\"accessToken\":\"tok\",\"expiresOn\":\"2020-11-12 14:50:47.000000\"}", &azure_cli,
           1605189047, 0);
    (void)setenv("TZ", "UTC", 1);
    tzset();
    expect("{\"kind\":\"ExecCredential\",\"status\":{\"token\":\"tok\","
           "\"expirationTimestamp\":\"2020-11-12T13:50:47Z\"}}",
           &nested, 1605189047, 0);
}

static void an_unreadable_expiry_gives_way_to_the_next(void)
{
    expect("{\"access_token\":\"tok\",\"expires_on\":\"soon\",\"expires_in\":60}", NULL, 1000060,
           0);
    expect("{\"access_token\":\"tok\",\"expires_on\":null,\"expires_in\":60}", NULL, 1000060, 0);
    expect("{\"access_token\":\"tok\",\"expires_on\":0,\"expires_in\":\"60\"}", NULL, 1000060, 0);
    expect("{\"access_token\":\"tok\",\"expires_on\":-5,\"expires_in\":0}", NULL, 1000000, 0);
    expect("{\"access_token\":\"tok\",\"expires_in\":60,\"refresh_in\":-1}", NULL, 1000060, 0);
}

static void the_tokens_own_expiry_comes_last(void)
{
    struct acsmtp_secret *token =
        jwt_text("{\"alg\":\"PS256\",\"typ\":\"at+jwt\"}", "{\"exp\":1700000000}", "c2ln");
    struct acsmtp_credential *out = acsmtp_credential_new(NULL);
    char text[512];

    (void)snprintf(text, sizeof text, "{\"access_token\":\"%s\"}", acsmtp_secret_data(token));
    CU_ASSERT_EQUAL(parse(text, NULL, out, NULL), ACSMTP_OK);
    CU_ASSERT_EQUAL(acsmtp_credential_expires_on(out), 1700000000);
    (void)snprintf(text, sizeof text, "{\"access_token\":\"%s\",\"expires_in\":5}",
                   acsmtp_secret_data(token));
    CU_ASSERT_EQUAL(parse(text, NULL, out, NULL), ACSMTP_OK);
    CU_ASSERT_EQUAL(acsmtp_credential_expires_on(out), 1000005);
    acsmtp_credential_free(out);
    acsmtp_secret_free(token);
}

static void broken_replies_are_refused_without_being_quoted(void)
{
    static const char *const texts[] = {
        "",
        "<html>hunter22</html>",
        "{\"access_token\":\"hunter22\"",
        "[]",
        "null",
        "\"hunter22\"",
        "{}",
        "{\"expires_in\":60}",
        "{\"access_token\":7,\"expires_in\":60}",
        "{\"access_token\":null,\"expires_in\":60}",
        "{\"access_token\":\"\",\"expires_in\":60}",
        "{\"access_token\":\"hunter22\"}",
        "{\"access_token\":\"hunter22\",\"expires_in\":\"x\"}",
        "{\"access_token\":\"hunter22\",\"expires_in\":-1}",
        "{\"access_token\":\"hunter22\",\"expires_in\":99999999999999}",
        "{\"access_token\":\"hunter 22\",\"expires_in\":60}",
        "{\"access_token\":\"hunter22\\n\",\"expires_in\":60}",
        "{\"access_token\":\"h\\u00e4nter22\",\"expires_in\":60}",
        "{\"access_token\":\"a\\u0000b\",\"expires_in\":60}",
        "{\"access_token\":{\"x\":\"hunter22\"},\"expires_in\":60}",
        "{\"access_token\":\"hunter22\",\"access_token\":\"x\",\"expires_in\":60}"};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct acsmtp_credential *out = acsmtp_credential_new(NULL);
        struct acsmtp_error err = ACSMTP_ERROR_INIT;

        CU_ASSERT_EQUAL(parse(texts[i], NULL, out, &err), ACSMTP_PROTOCOL);
        CU_ASSERT_EQUAL(acsmtp_credential_kind(out), ACSMTP_CREDENTIAL_NONE);
        CU_ASSERT_PTR_NULL(strstr(err.message, "hunter"));
        if (i < 3)
            CU_ASSERT_PTR_NOT_NULL(strstr(err.message, "the reply: not valid JSON"));
        CU_ASSERT_NOT_EQUAL(err.message[0], '\0');
        acsmtp_credential_free(out);
    }
}

static void huge_tokens_are_refused(void)
{
    static char text[100000];
    struct acsmtp_credential *out = acsmtp_credential_new(NULL);

    (void)snprintf(text, sizeof text, "{\"expires_in\":1,\"access_token\":\"%065537d\"}", 1);
    CU_ASSERT_EQUAL(parse(text, NULL, out, NULL), ACSMTP_PROTOCOL);
    (void)snprintf(text, sizeof text, "{\"expires_in\":1,\"access_token\":\"%065536d\"}", 1);
    CU_ASSERT_EQUAL(parse(text, NULL, out, NULL), ACSMTP_OK);
    acsmtp_credential_free(out);
}

/* Number or string, the same is believed: not 1970, and not milliseconds taken for seconds. */
static void absurd_points_in_time_give_way_to_the_next(void)
{
    expect("{\"access_token\":\"tok\",\"expires_on\":\"0\",\"expires_in\":3600}", NULL, 1003600, 0);
    expect("{\"access_token\":\"tok\",\"expires_on\":0,\"expires_in\":3600}", NULL, 1003600, 0);
    expect("{\"access_token\":\"tok\",\"expires_on\":1893456000000,\"expires_in\":3600}", NULL,
           1003600, 0);
    expect("{\"access_token\":\"tok\",\"expires_on\":9223372036854775807,\"expires_in\":3600}",
           NULL, 1003600, 0);
}

CUNIT_MAIN("token", T(replies_of_the_token_endpoint), T(replies_of_metadata_endpoints),
           T(replies_of_helper_programs), T(an_unreadable_expiry_gives_way_to_the_next),
           T(the_tokens_own_expiry_comes_last), T(broken_replies_are_refused_without_being_quoted),
           T(huge_tokens_are_refused), T(absurd_points_in_time_give_way_to_the_next))
