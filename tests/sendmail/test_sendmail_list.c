/* SPDX-License-Identifier: MIT */
/* Addresses are exchanged where they stand, and nothing else changes. */
#include "cunit_main.h"
#include <cli/sendmail_list.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Names without a domain get one. */
static int qualify(void *data, const char *address, char **replacement, struct acsmtp_error *err)
{
    int *calls = data;

    (void)err;
    CU_ASSERT_NOT_EQUAL(*address, '\0');
    ++*calls;
    if (!sendmail_has_domain(address) && asprintf(replacement, "%s@d.example", address) < 0)
        *replacement = NULL;
    return ACSMTP_OK;
}

static void expect(const char *list, const char *want, int addresses)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    char *got = NULL;
    int calls = 0;

    CU_ASSERT_EQUAL(sendmail_list_rewrite(list, qualify, &calls, &got, &err), ACSMTP_OK);
    CU_ASSERT_STRING_EQUAL(got, want);
    CU_ASSERT_EQUAL(calls, addresses);
    free(got);
}

static void names_get_a_domain(void)
{
    expect("root", "root@d.example", 1);
    expect(" root, ann@example.org ,bob", " root@d.example, ann@example.org ,bob@d.example", 3);
    expect("Ann Lee <ann>, <bob>", "Ann Lee <ann@d.example>, <bob@d.example>", 2);
    expect("\"o'hara\"", "\"o'hara\"@d.example", 1);
    expect("user.name+tag", "user.name+tag@d.example", 1);
}

static void what_stands_around_an_address_stays(void)
{
    expect("root (Cron Daemon)", "root@d.example (Cron Daemon)", 1);
    expect("(a, \\) (b)) root", "(a, \\) (b)) root@d.example", 1);
    expect("\"Lee, Ann\" <ann>", "\"Lee, Ann\" <ann@d.example>", 1);
    expect("ann,\n  bob\n", "ann@d.example,\n  bob@d.example\n", 2);
    expect("=?utf-8?Q?=C3=A4?= < ann >", "=?utf-8?Q?=C3=A4?= < ann@d.example >", 1);
    expect("<@a.example,@b.example:ann>", "<@a.example,@b.example:ann@d.example>", 1);
}

static void the_name_of_a_group_is_no_address(void)
{
    expect("undisclosed-recipients:;", "undisclosed-recipients:;", 0);
    expect("staff: ann, Bob <bob@b.example>;, root",
           "staff: ann@d.example, Bob <bob@b.example>;, root@d.example", 3);
}

static void an_at_in_quotes_is_no_domain(void)
{
    expect("\"ann@home\"", "\"ann@home\"@d.example", 1);
    expect("ann@[IPv6:::1]", "ann@[IPv6:::1]", 1);
    CU_ASSERT_TRUE(sendmail_has_domain("\"a@b\"@c"));
    CU_ASSERT_FALSE(sendmail_has_domain("\"a@b"));
    CU_ASSERT_FALSE(sendmail_has_domain(""));
}

static void what_is_no_address_is_left(void)
{
    static const char *const lists[] = {
        "",      " , ;:", "John Doe", "<>",    "<ann",
        "\"ann", "(ann",  "a (b) c",  "<a b>", "ann @ example . org"};

    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        expect(lists[i], lists[i], 0);
}

static int refuse(void *data, const char *address, char **replacement, struct acsmtp_error *err)
{
    (void)data;
    (void)replacement;
    return acsmtp_fail(err, ACSMTP_REJECTED, "nobody is called %s", address);
}

static void a_refusal_ends_the_walk(void)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    char *got = NULL;

    CU_ASSERT_EQUAL(sendmail_list_rewrite("ann, bob", refuse, NULL, &got, &err), ACSMTP_REJECTED);
    CU_ASSERT_STRING_EQUAL(err.message, "nobody is called ann");
    CU_ASSERT_PTR_NULL(got);
}

CUNIT_MAIN("sendmail list", T(names_get_a_domain), T(what_stands_around_an_address_stays),
           T(the_name_of_a_group_is_no_address), T(an_at_in_quotes_is_no_domain),
           T(what_is_no_address_is_left), T(a_refusal_ends_the_walk))
