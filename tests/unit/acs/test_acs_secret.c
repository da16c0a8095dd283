/* SPDX-License-Identifier: MIT */
/* Client secrets: what is to be done about them, their times, and the body that stores them. */
#include "cunit_main.h"
#include "rfc3339.h"
#include "secret_body.h"
#include "secret_state.h"

#include <acsmtp/json.h>
#include <stdio.h>
#include <string.h>

#define APPLICATION "aaaaaaaa-0000-4000-8000-000000000001"
#define HELD "11111111-0000-4000-8000-000000000001"
#define OTHER "22222222-0000-4000-8000-000000000002"
#define NOW INT64_C(1800000000) /* 2027-01-15T08:00:00Z */
#define HOUR_MS INT64_C(3600000)

static struct acsmtp_error err;
static struct secret_state state;

static struct vault_secret holding(const char *key_id)
{
    struct vault_secret vault = {.is_there = 1, .is_marked = 1};

    (void)snprintf(vault.key_id, sizeof vault.key_id, "%s", key_id);
    (void)snprintf(vault.application_id, sizeof vault.application_id, "%s", APPLICATION);
    return vault;
}

/* `credentials` without its brackets. */
static void read_state(const char *credentials, const struct vault_secret *vault)
{
    char text[1024];
    struct acsmtp_json *json;

    (void)snprintf(text, sizeof text, "[%s]", credentials);
    err = (struct acsmtp_error)ACSMTP_ERROR_INIT;
    json = acsmtp_json_parse(text, strlen(text), &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(json);
    secret_state_read(json, APPLICATION, vault, NOW, HOUR_MS, &state);
    acsmtp_json_free(json);
}

#define CREDENTIAL(key, name, end)                                                                 \
    "{\"keyId\":\"" key "\",\"displayName\":\"" name "\",\"endDateTime\":\"" end "\"}"

static void a_secret_that_the_vault_holds_is_kept(void)
{
    struct vault_secret vault = holding(HELD);

    read_state(CREDENTIAL(HELD, "acsmtp", "2027-06-01T00:00:00Z"), &vault);
    CU_ASSERT_EQUAL(state.need, SECRET_VALID);
    CU_ASSERT_EQUAL(state.end, 1811808000);
    CU_ASSERT_EQUAL(state.stale_count, 0);
}

static void one_that_ends_soon_or_has_ended_is_renewed(void)
{
    struct vault_secret vault = holding(HELD);

    read_state(CREDENTIAL(HELD, "acsmtp", "2027-01-15T08:59:59Z"), &vault);
    CU_ASSERT_EQUAL(state.need, SECRET_ENDS_SOON);
    CU_ASSERT_EQUAL(state.stale_count, 0);
    read_state(CREDENTIAL(HELD, "acsmtp", "2027-01-15T09:00:01.5Z"), &vault);
    CU_ASSERT_EQUAL(state.need, SECRET_VALID);
    read_state(CREDENTIAL(HELD, "acsmtp", "2020-01-01T00:00:00Z"), &vault);
    CU_ASSERT_EQUAL(state.need, SECRET_ENDS_SOON);
}

static void what_a_killed_apply_left_is_removed(void)
{
    struct vault_secret empty = {.is_there = 0};

    read_state(CREDENTIAL(OTHER, "acsmtp", "2027-06-01T00:00:00Z"), &empty);
    CU_ASSERT_EQUAL(state.need, SECRET_MISSING);
    CU_ASSERT_EQUAL_FATAL(state.stale_count, 1);
    CU_ASSERT_STRING_EQUAL(state.stale[0], OTHER);
}

static void credentials_of_other_people_stay(void)
{
    struct vault_secret vault = holding(HELD);

    read_state(CREDENTIAL(HELD, "acsmtp", "2027-06-01T00:00:00Z") "," CREDENTIAL(
                   OTHER, "by hand", "2027-06-01T00:00:00Z") ",{\"keyId\":\"" OTHER
                                                             "\",\"displayName\":null},{},7",
               &vault);
    CU_ASSERT_EQUAL(state.need, SECRET_VALID);
    CU_ASSERT_EQUAL(state.stale_count, 0);
}

static void a_replaced_one_stays_for_the_grace(void)
{
    struct vault_secret vault = holding(HELD);
    static const char both[] = CREDENTIAL(HELD, "acsmtp", "2027-06-01T00:00:00Z") "," CREDENTIAL(
        OTHER, "acsmtp", "2027-06-01T00:00:00Z");

    (void)snprintf(vault.previous_key_id, sizeof vault.previous_key_id, "%s", OTHER);
    vault.previous_until = NOW + 1;
    read_state(both, &vault);
    CU_ASSERT_EQUAL(state.stale_count, 0);
    CU_ASSERT_EQUAL(state.grace_end, NOW + 1);
    vault.previous_until = NOW;
    read_state(both, &vault);
    CU_ASSERT_EQUAL(state.stale_count, 1);
    CU_ASSERT_STRING_EQUAL(state.stale[0], OTHER);
}

static void the_secret_of_another_application_is_not_ours(void)
{
    struct vault_secret vault = holding(HELD);

    (void)snprintf(vault.application_id, sizeof vault.application_id, "%s", OTHER);
    read_state(CREDENTIAL(HELD, "acsmtp", "2027-06-01T00:00:00Z"), &vault);
    CU_ASSERT_EQUAL(state.need, SECRET_MISSING);
    CU_ASSERT_EQUAL(state.stale_count, 1);
}

static void times_of_graph_are_read(void)
{
    char text[RFC3339_MAX];

    CU_ASSERT_EQUAL(rfc3339_read("2021-09-09T19:50:29.3086381Z"), 1631217029);
    CU_ASSERT_EQUAL(rfc3339_read("2026-12-31T00:00:00+00:00"), 1798675200);
    rfc3339_write(1798675200, text);
    CU_ASSERT_STRING_EQUAL(text, "2026-12-31T00:00:00Z");
    rfc3339_write(INT64_MAX, text);
    CU_ASSERT_STRING_EQUAL(text, "");
}

static void other_times_are_none(void)
{
    static const char *const wrong[] = {"",
                                        "2021",
                                        "2021-09-09",
                                        "2021-09-09T19:50:29",
                                        "2021-09-09 19:50:29Z",
                                        "2021-09-09T19:50:29+02:00",
                                        "2021-09-09T19:50:29ZZ",
                                        "+021-09-09T19:50:29Z",
                                        "1969-09-09T19:50:29Z"};

    CU_ASSERT_EQUAL(rfc3339_read(NULL), 0);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        CU_ASSERT_EQUAL(rfc3339_read(wrong[i]), 0);
}

static void any_value_survives_in_the_body(void)
{
    static const char value[] = "q\"b\\s/\x01~\xc3\xa9[6g";
    struct vault_secret vault = holding(HELD);
    struct acsmtp_secret *secret = acsmtp_secret_new(value, sizeof value - 1, &err);
    struct acsmtp_secret *body = secret_body_new("acs-smtp-poc", &vault, secret, NOW, &err);
    struct acsmtp_json *json;
    int64_t end = 0;

    CU_ASSERT_PTR_NOT_NULL_FATAL(body);
    json = acsmtp_json_parse(acsmtp_secret_data(body), acsmtp_secret_size(body), &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(json);
    CU_ASSERT_STRING_EQUAL(acsmtp_json_string(json, "value"), value);
    CU_ASSERT_STRING_EQUAL(acsmtp_json_string(json, "contentType"), "text/plain");
    CU_ASSERT(acsmtp_json_integer(acsmtp_json_get(json, "attributes"), "exp", &end));
    CU_ASSERT_EQUAL(end, NOW);
    CU_ASSERT_STRING_EQUAL(acsmtp_json_string(acsmtp_json_get(json, "tags"), "keyId"), HELD);
    CU_ASSERT_PTR_NULL(acsmtp_json_get(acsmtp_json_get(json, "tags"), "previousKeyId"));
    acsmtp_json_free(json);
    acsmtp_secret_free(body);
    acsmtp_secret_free(secret);
}

CUNIT_MAIN("acs_secret", T(a_secret_that_the_vault_holds_is_kept),
           T(one_that_ends_soon_or_has_ended_is_renewed), T(what_a_killed_apply_left_is_removed),
           T(credentials_of_other_people_stay), T(a_replaced_one_stays_for_the_grace),
           T(the_secret_of_another_application_is_not_ours), T(times_of_graph_are_read),
           T(other_times_are_none), T(any_value_survives_in_the_body))
