/* SPDX-License-Identifier: MIT */
/* Form bodies. */
#include "cunit_main.h"

#include <acsmtp/http.h>
#include <string.h>

static void pairs_are_joined_and_encoded(void)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    ACSMTP_AUTO_SECRET struct acsmtp_secret *form = acsmtp_secret_new("", 0, &err);

    CU_ASSERT_EQUAL(acsmtp_http_form_add(form, "grant_type", "client_credentials", 18, &err), 0);
    CU_ASSERT_EQUAL(acsmtp_http_form_add(form, "scope", "https://a.example/.default", 26, &err), 0);
    CU_ASSERT_EQUAL(acsmtp_http_form_add(form, "secret", "a b+c&d=e~%\0\xff", 13, &err), 0);
    CU_ASSERT_STRING_EQUAL(acsmtp_secret_data(form),
                           "grant_type=client_credentials&scope=https%3A%2F%2Fa.example%2F.default"
                           "&secret=a%20b%2Bc%26d%3De~%25%00%FF");
}

static void an_empty_value_is_a_pair(void)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    ACSMTP_AUTO_SECRET struct acsmtp_secret *form = acsmtp_secret_new("", 0, &err);

    CU_ASSERT_EQUAL(acsmtp_http_form_add(form, "a b", "", 0, &err), 0);
    CU_ASSERT_STRING_EQUAL(acsmtp_secret_data(form), "a%20b=");
}

static void what_would_pass_the_maximum_fails(void)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    static char large[ACSMTP_SECRET_MAX / 2];
    ACSMTP_AUTO_SECRET struct acsmtp_secret *form = acsmtp_secret_new("", 0, &err);

    memset(large, '%', sizeof large);
    CU_ASSERT_EQUAL(acsmtp_http_form_add(form, "a", large, sizeof large, &err), ACSMTP_PROTOCOL);
}

CUNIT_MAIN("http_form", T(pairs_are_joined_and_encoded), T(an_empty_value_is_a_pair),
           T(what_would_pass_the_maximum_fails))
