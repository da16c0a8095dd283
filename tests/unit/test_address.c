/* SPDX-License-Identifier: MIT */
/*
 * Addresses for the envelope, and the lists of To: fields they come from.
 */
#include "cunit_main.h"
#include <acsmtp/message.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void good_addresses(void)
{
    static const char *const texts[] = {"user@example.com",
                                        "a@b",
                                        "a.b.c@d-e.f",
                                        "x+y=z!#$%&'*/?^_`{|}~-@example.com",
                                        "\"a b\"@example.com",
                                        "\"a@b\"@example.com",
                                        "\"a\\\"b\\\\\"@example.com",
                                        "\"\"@example.com",
                                        "u@[192.0.2.1]",
                                        "u@[IPv6:2001:db8::1]",
                                        "\xc3\xa4@b\xc3\xbchr.example",
                                        "\"\xc3\xa4 x\"@example.com",
                                        "1@2.3"};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (acsmtp_address_check(texts[i], NULL) != ACSMTP_OK)
            printf("\n  refused: %s\n", texts[i]);
        CU_ASSERT_EQUAL(acsmtp_address_check(texts[i], NULL), ACSMTP_OK);
    }
}

static void bad_addresses(void)
{
    static const char *const texts[] = {"",
                                        "user",
                                        "@",
                                        "user@",
                                        "@example.com",
                                        "a@b@c",
                                        "a b@c",
                                        "a@b c",
                                        " a@b",
                                        "a@b ",
                                        "<a@b>",
                                        "a@<b>",
                                        "a@b>",
                                        "a@b\r\nRCPT TO:<c@d>",
                                        "a\n@b",
                                        "a@b\r",
                                        "a\t@b",
                                        "a@b\x7f",
                                        ".a@b",
                                        "a.@b",
                                        "a..b@c",
                                        "a@.b",
                                        "a@b.",
                                        "a@b..c",
                                        "a@-b",
                                        "a@b-",
                                        "a@b-.c",
                                        "a@b_c",
                                        "\"a@b",
                                        "\"a\"b@c",
                                        "a\"b\"@c",
                                        "\"a\nb\"@c",
                                        "\"a\\\nb\"@c",
                                        "\"a\\",
                                        "\"",
                                        "a,b@c",
                                        "a;b@c",
                                        "a:b@c",
                                        "a(b)@c",
                                        "a[b]@c",
                                        "a\\b@c",
                                        "a@[",
                                        "a@[]",
                                        "a@[b",
                                        "a@[b]c",
                                        "a@[b c]",
                                        "a@[<b>]",
                                        "\xff@b",
                                        "\xc3@b",
                                        "a@\xc3",
                                        "\xc0\xaf@b",
                                        "\xc2\x85@b",
                                        "a@b\xc2\x80",
                                        "\"\xc3\"@b",
                                        "\xed\xa0\x80@b",
                                        "a@b NOTIFY=NEVER"};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct acsmtp_error err = ACSMTP_ERROR_INIT;

        if (acsmtp_address_check(texts[i], &err) == ACSMTP_OK)
            printf("\n  accepted: %s\n", texts[i]);
        CU_ASSERT_EQUAL(err.status, ACSMTP_REJECTED);
    }
    CU_ASSERT_EQUAL(acsmtp_address_check(NULL, NULL), ACSMTP_REJECTED);
}

static void lengths_are_limited(void)
{
    char text[1000];

    (void)snprintf(text, sizeof text, "%064d@b", 1);
    CU_ASSERT_EQUAL(acsmtp_address_check(text, NULL), ACSMTP_OK);
    (void)snprintf(text, sizeof text, "%065d@b", 1);
    CU_ASSERT_EQUAL(acsmtp_address_check(text, NULL), ACSMTP_REJECTED);
    (void)snprintf(text, sizeof text, "a@%063d.b", 1);
    CU_ASSERT_EQUAL(acsmtp_address_check(text, NULL), ACSMTP_OK);
    (void)snprintf(text, sizeof text, "a@%064d.b", 1);
    CU_ASSERT_EQUAL(acsmtp_address_check(text, NULL), ACSMTP_REJECTED);
    (void)snprintf(text, sizeof text, "a@%063d.%063d.%063d.%063d", 1, 1, 1, 1);
    CU_ASSERT_EQUAL(acsmtp_address_check(text, NULL), ACSMTP_OK);
    (void)snprintf(text, sizeof text, "a@%063d.%063d.%063d.%062d.b", 1, 1, 1, 1);
    CU_ASSERT_EQUAL(acsmtp_address_check(text, NULL), ACSMTP_REJECTED);
}

static void the_message_shows_the_address_escaped(void)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    char huge[3000];

    (void)acsmtp_address_check("a\r\n\033b\\@c", &err);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.message, "'a\\x0d\\x0a\\x1bb\\x5c@c'"));
    acsmtp_error_clear(&err);
    memset(huge, '\n', sizeof huge - 1);
    huge[sizeof huge - 1] = '\0';
    (void)acsmtp_address_check(huge, &err);
    CU_ASSERT_TRUE(strlen(err.message) < 400);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.message, "..."));
}

struct found {
    char text[2000];
    int stop_at, count;
};

static int collect(void *data, const char *address, struct acsmtp_error *err)
{
    struct found *found = data;
    size_t used = strlen(found->text);

    (void)snprintf(found->text + used, sizeof found->text - used, "%s%s", used ? " | " : "",
                   address);
    if (++found->count == found->stop_at)
        return acsmtp_fail(err, ACSMTP_CANCELLED, "enough");
    return ACSMTP_OK;
}

static void expect(const char *list, const char *want)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct found found = {0};

    if (acsmtp_address_list(list, collect, &found, &err) != ACSMTP_OK)
        printf("\n  %s: %s\n", list, err.message);
    CU_ASSERT_EQUAL(err.status, ACSMTP_OK);
    CU_ASSERT_STRING_EQUAL(found.text, want);
}

static void lists_give_bare_addresses(void)
{
    expect("", "");
    expect(" \t\r\n ", "");
    expect("a@b", "a@b");
    expect("a@b, c@d ,\r\n e@f", "a@b | c@d | e@f");
    expect("A B <a@b>", "a@b");
    expect("<a@b>", "a@b");
    expect("< a @ b . c >", "a@b.c");
    expect("a . b @ c . d", "a.b@c.d");
    expect("\"B, A <x@y>; (\" <a@b>, \"C\\\"D\" <c@d>", "a@b | c@d");
    expect("\"a b\"@c, X <\"q,r\"@s>", "\"a b\"@c | \"q,r\"@s");
    expect("John Q. Public <a@b>", "a@b");
    expect("J\xc3\xb6rg <j\xc3\xb6rg@b\xc3\xbchr.example>", "j\xc3\xb6rg@b\xc3\xbchr.example");
    expect("=?UTF-8?B?SsO2cmc=?= <a@b>", "a@b");
    expect("a@b (comment, with (nested) \\) parts), c@d(x)", "a@b | c@d");
    expect("(x) A (y) <(z) a@b (w)> (v)", "a@b");
    expect("<@r1,@r2.example:a@b>", "a@b");
    expect("x@y <a@b>", "a@b");
    expect("u@[192.0.2.1], <u@[IPv6:::1]>", "u@[192.0.2.1] | u@[IPv6:::1]");
}

static void groups_are_opened(void)
{
    expect("Friends: a@b, C <c@d>;", "a@b | c@d");
    expect("undisclosed-recipients:;", "");
    expect("x@y, My Group: a@b; , z@w", "x@y | a@b | z@w");
    expect("\"A, B\": a@b;", "a@b");
    expect("A: a@b; B: c@d;", "a@b | c@d");
}

static void empty_elements_are_passed_over(void)
{
    expect(",", "");
    expect(",, a@b,, ,c@d,", "a@b | c@d");
    expect("A:,a@b,,;", "a@b");
}

static void broken_lists_are_refused(void)
{
    static const char *const texts[] = {
        "a",          "a@",        "@b",          "a b@c",       "a@b c@d",       "a@b c",
        "\"a\" b@c",  "<a@b",      "a@b>",        "<>",          "A <>",          "<<a@b>>",
        "<a@b><c@d>", "<a@b> c@d", "A <a@b> B",   "(a@b",        "a@b)",          "\"a@b",
        "a@[b",       "a@b;",      "A: a@b",      "A: B: a@b;;", ": a@b;",        "<a@b>: c@d;",
        "<a:b@c>",    "a@b, <c@d", "A <a@b,c@d>", "a@b\001",     "a@b\x7f",       "a@b\\",
        "a@b, c",     "a]@b",      "<@r1>",       "<@r1:>",      "<@r1:a@b:c@d>", "\"a\r\nb\"@c"};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct acsmtp_error err = ACSMTP_ERROR_INIT;
        struct found found = {0};

        if (acsmtp_address_list(texts[i], collect, &found, &err) == ACSMTP_OK)
            printf("\n  accepted: %s: %s\n", texts[i], found.text);
        CU_ASSERT_EQUAL(err.status, ACSMTP_REJECTED);
    }
}

static void huge_lists_need_no_memory(void)
{
    struct found found = {0};
    size_t size = 1 << 20;
    char *text = malloc(size + 1);

    memset(text, '(', size);
    text[size] = '\0';
    CU_ASSERT_EQUAL(acsmtp_address_list(text, collect, &found, NULL), ACSMTP_REJECTED);
    memset(text, 'x', size);
    CU_ASSERT_EQUAL(acsmtp_address_list(text, collect, &found, NULL), ACSMTP_REJECTED);
    memset(text, ',', size);
    CU_ASSERT_EQUAL(acsmtp_address_list(text, collect, &found, NULL), ACSMTP_OK);
    memset(text, 'x', size);
    memcpy(text + size - 6, " <a@b>", 6);
    CU_ASSERT_EQUAL(acsmtp_address_list(text, collect, &found, NULL), ACSMTP_OK);
    CU_ASSERT_STRING_EQUAL(found.text, "a@b");
    free(text);
}

static void the_visitor_can_stop(void)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct found found = {.stop_at = 2};

    CU_ASSERT_EQUAL(acsmtp_address_list("a@b, c@d, e@f, broken", collect, &found, &err),
                    ACSMTP_CANCELLED);
    CU_ASSERT_STRING_EQUAL(found.text, "a@b | c@d");
    CU_ASSERT_STRING_EQUAL(err.message, "enough");
}

CUNIT_MAIN("address", T(good_addresses), T(bad_addresses), T(lengths_are_limited),
           T(the_message_shows_the_address_escaped), T(lists_give_bare_addresses),
           T(groups_are_opened), T(empty_elements_are_passed_over), T(broken_lists_are_refused),
           T(huge_lists_need_no_memory), T(the_visitor_can_stop))
