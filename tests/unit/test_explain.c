/* SPDX-License-Identifier: MIT */
/* From the words of any program to a known failure; that every row is found is tested elsewhere. */
#include "config_fixture.h"
#include "cunit_main.h"

static const char *name_of(const char *text)
{
    struct acsmtp_explanation found = {.size = sizeof found};

    return acsmtp_explain(text, &found) ? found.name : "";
}

static void replies_are_found_in_any_dress(void)
{
    CU_ASSERT_STRING_EQUAL(name_of("535 5.7.3 Authentication unsuccessful"), "login-refused");
    CU_ASSERT_STRING_EQUAL(name_of("535-5.7.8 Username not accepted"), "login-refused");
    CU_ASSERT_STRING_EQUAL(name_of("(535, b'5.7.3 no')"), "login-refused");
    CU_ASSERT_STRING_EQUAL(name_of("AUTH LOGIN: 535 no"), "login-refused-password");
    CU_ASSERT_STRING_EQUAL(name_of("said: 550 5.3.5 x"), "5.3.5");
}

static void numbers_that_are_no_replies_say_nothing(void)
{
    CU_ASSERT_STRING_EQUAL(name_of("took 535ms"), "");
    CU_ASSERT_STRING_EQUAL(name_of("file.c:535"), "");
    CU_ASSERT_STRING_EQUAL(name_of("1535 things"), "");
    CU_ASSERT_STRING_EQUAL(name_of("version 1.535"), "");
}

/* A text tells no class of failure, so what is known by its class is found by words alone. */
static void words_of_ours_need_their_class(void)
{
    CU_ASSERT_STRING_EQUAL(name_of("the tls of dns is lost"), "");
    CU_ASSERT_STRING_EQUAL(name_of("HTTP 504"), "");
    CU_ASSERT_STRING_EQUAL(name_of("the token expired 5 seconds ago"), "token-expired");
}

static void phrases_end_with_their_words(void)
{
    CU_ASSERT_STRING_EQUAL(name_of("curl: (6) Could not resolve host: x"), "dns");
    CU_ASSERT_STRING_EQUAL(name_of("curl: (60) x"), "certificate");
    CU_ASSERT_STRING_EQUAL(name_of("connection refusedly"), "");
}

static void names_explain_themselves(void)
{
    struct acsmtp_explanation row = {.size = sizeof row};
    size_t i;

    for (i = 0; acsmtp_explanation(i, &row); i++)
        CU_ASSERT_STRING_EQUAL(name_of(row.name), row.name);
    CU_ASSERT_TRUE(i > 150);
}

static void near_codes_are_suggested_and_words_are_not(void)
{
    CU_ASSERT_STRING_EQUAL(acsmtp_explain_nearest("x AADSTS700016O y"), "AADSTS700016");
    CU_ASSERT_STRING_EQUAL(acsmtp_explain_nearest("SecretNotFoud"), "SecretNotFound");
    CU_ASSERT_PTR_NULL(acsmtp_explain_nearest("nothing of all this is known"));
    CU_ASSERT_PTR_NULL(acsmtp_explain_nearest(""));
}

static void an_older_caller_gets_what_it_knows(void)
{
    struct acsmtp_explanation found = {.size = offsetof(struct acsmtp_explanation, cause)};

    CU_ASSERT_TRUE(acsmtp_explain("AADSTS7000215", &found));
    CU_ASSERT_STRING_EQUAL(found.name, "AADSTS7000215");
    CU_ASSERT_PTR_NULL(found.cause);
}

static void nothing_is_nothing(void)
{
    CU_ASSERT_STRING_EQUAL(name_of(""), "");
    CU_ASSERT_STRING_EQUAL(name_of(NULL), "");
}

CUNIT_MAIN("explain", T(replies_are_found_in_any_dress), T(numbers_that_are_no_replies_say_nothing),
           T(words_of_ours_need_their_class), T(phrases_end_with_their_words),
           T(names_explain_themselves), T(near_codes_are_suggested_and_words_are_not),
           T(an_older_caller_gets_what_it_knows), T(nothing_is_nothing))
