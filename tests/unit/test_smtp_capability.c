/* SPDX-License-Identifier: MIT */
/* The reply to EHLO as keywords. */
#include "cunit_main.h"

#include "smtp/smtp_capability.h"

#include <stdio.h>
#include <string.h>

static struct smtp_capabilities offered;

static void parse(const char *ehlo)
{
    smtp_capabilities_parse(&offered, ehlo, strlen(ehlo));
}

static void keywords_and_parameters_are_found(void)
{
    parse("250-mx.test Hello\r\n250-SIZE 157286400\r\n250-PIPELINING\r\n250-DSN\r\n"
          "250-AUTH LOGIN XOAUTH2\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n");
    CU_ASSERT_EQUAL(offered.extensions,
                    SMTP_SIZE | SMTP_PIPELINING | SMTP_DSN | SMTP_8BITMIME | SMTP_UTF8);
    CU_ASSERT_EQUAL(offered.size_limit, 157286400);
    CU_ASSERT_STRING_EQUAL(smtp_capabilities_find(&offered, "auth"), "LOGIN XOAUTH2");
    CU_ASSERT_STRING_EQUAL(smtp_capabilities_find(&offered, "dsn"), "");
    CU_ASSERT_PTR_NULL(smtp_capabilities_find(&offered, "CHUNKING"));
}

static void the_first_line_is_a_name(void)
{
    parse("250-PIPELINING\r\n250 DSN\r\n");
    CU_ASSERT_EQUAL(offered.extensions, SMTP_DSN);
    parse("250 AUTH LOGIN\r\n");
    CU_ASSERT_PTR_NULL(smtp_capabilities_find(&offered, "AUTH"));
}

static void mechanisms_are_whole_words_in_any_case(void)
{
    parse("250-mx\r\n250 auth login xoauth2X PLAIN\r\n");
    CU_ASSERT(smtp_capabilities_has_mechanism(&offered, "LOGIN"));
    CU_ASSERT(smtp_capabilities_has_mechanism(&offered, "PLAIN"));
    CU_ASSERT_FALSE(smtp_capabilities_has_mechanism(&offered, "XOAUTH2"));
    CU_ASSERT_FALSE(smtp_capabilities_has_mechanism(&offered, "LOG"));
    CU_ASSERT_FALSE(smtp_capabilities_has_mechanism(&offered, ""));
}

static void both_spellings_of_auth_count(void)
{
    parse("250-mx\r\n250-AUTH=LOGIN PLAIN\r\n250 AUTH XOAUTH2\r\n");
    CU_ASSERT(smtp_capabilities_has_mechanism(&offered, "LOGIN"));
    CU_ASSERT(smtp_capabilities_has_mechanism(&offered, "XOAUTH2"));
}

static void odd_sizes_are_no_limit(void)
{
    static const char *const odd[] = {"", " 0", " x", " 99999999999999999999", " -5"};

    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        char text[128];

        (void)snprintf(text, sizeof text, "250-mx\r\n250 SIZE%s\r\n", odd[i]);
        parse(text);
        CU_ASSERT_EQUAL(offered.size_limit, 0);
        CU_ASSERT(offered.extensions & SMTP_SIZE);
    }
}

static void a_huge_reply_stays_within_bounds(void)
{
    static char text[SMTP_REPLY_MAX];
    size_t used = 8;

    memcpy(text, "250-mx\r\n", 8);
    while (used + 8 <= sizeof text) {
        memcpy(text + used, "250-a b\n", 8);
        used += 8;
    }
    smtp_capabilities_parse(&offered, text, used);
    CU_ASSERT(offered.size <= sizeof offered.text);
    CU_ASSERT_STRING_EQUAL(smtp_capabilities_find(&offered, "A"), "b");
    smtp_capabilities_parse(&offered, "", 0);
    CU_ASSERT_PTR_NULL(smtp_capabilities_find(&offered, "A"));
}

CUNIT_MAIN("smtp_capability", T(keywords_and_parameters_are_found), T(the_first_line_is_a_name),
           T(mechanisms_are_whole_words_in_any_case), T(both_spellings_of_auth_count),
           T(odd_sizes_are_no_limit), T(a_huge_reply_stays_within_bounds))
