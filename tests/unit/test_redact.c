/* SPDX-License-Identifier: MIT */
/*
 * Redaction: living secrets in each of their shapes, tokens that nobody declared, and ordinary
 * words that must stay readable.
 */
#include "cunit_main.h"
#include <acsmtp/secret.h>
#include <stdio.h>
#include <string.h>

static void expect(const char *in, const char *out)
{
    char text[512];

    (void)snprintf(text, sizeof text, "%s", in);
    acsmtp_redact(text, sizeof text);
    if (strcmp(text, out) != 0)
        printf("\n  got  %s\n  want %s\n", text, out);
    CU_ASSERT_STRING_EQUAL(text, out);
}

static void a_living_secret_is_replaced_everywhere(void)
{
    struct acsmtp_secret *secret = acsmtp_secret_new("hunter22", 8, NULL);

    expect("hunter22", "<secret>");
    expect("a hunter22 b hunter22hunter22.", "a <secret> b <secret><secret>.");
    expect("hunter2", "hunter2");
    expect("hunterhunter22", "hunter<secret>");
    acsmtp_secret_free(secret);
    expect("a hunter22 b", "a hunter22 b");
}

static void short_secrets_are_left_alone(void)
{
    struct acsmtp_secret *five = acsmtp_secret_new("token", 5, NULL);
    struct acsmtp_secret *six = acsmtp_secret_new("tokens", 6, NULL);

    expect("the token", "the token");
    expect("the tokens", "the <secret>");
    acsmtp_secret_free(five);
    acsmtp_secret_free(six);
}

static void base64_of_a_secret_is_replaced(void)
{
    struct acsmtp_secret *a = acsmtp_secret_new("hunter22", 8, NULL);         /* aHVudGVyMjI= */
    struct acsmtp_secret *b = acsmtp_secret_new("\xff\xfe\xfd????", 7, NULL); /* //79Pz8/Pw== */

    expect("334 aHVudGVyMjI=", "334 <secret>");
    expect("334 aHVudGVyMjI", "334 <secret>");
    expect("x //79Pz8/Pw== y", "x <secret> y");
    expect("x __79Pz8_Pw y", "x <secret> y");
    acsmtp_secret_free(a);
    acsmtp_secret_free(b);
}

static void percent_encoding_of_a_secret_is_replaced(void)
{
    struct acsmtp_secret *secret = acsmtp_secret_new("p@ss w=rd", 9, NULL);

    expect("x=p%40ss%20w%3Drd&y", "x=<secret>&y");
    expect("x=p%40ss+w%3drd&y", "x=<secret>&y");
    expect("x=p%40ss+w%3drx&y", "x=p%40ss+w%3drx&y");
    acsmtp_secret_free(secret);
}

static void line_makers_do_not_hide_a_secret(void)
{
    struct acsmtp_secret *secret = acsmtp_secret_new("user=a\001auth=b\tc", 15, NULL);

    expect("sent user=a auth=b c.", "sent <secret>.");
    acsmtp_secret_free(secret);
}

static void the_beginning_of_a_secret_at_a_cut_is_replaced(void)
{
    struct acsmtp_secret *secret = acsmtp_secret_new("0123456789 0123456789", 21, NULL);
    char text[16];

    memcpy(text, "abcd 0123456789", 16);
    acsmtp_redact(text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, "abcd <secret>");
    memcpy(text, "0123456 MDEyMzQ", 16); /* in the middle of base64; not 6 bytes yet */
    acsmtp_redact(text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, "0123456 MDEyMzQ");
    memcpy(text, "123456 MDEyMzQ1", 16);
    acsmtp_redact(text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, "123456 <secret>");
    acsmtp_secret_free(secret);
}

static void the_mark_is_cut_where_it_does_not_fit(void)
{
    struct acsmtp_secret *secret = acsmtp_secret_new("abcdef", 6, NULL);
    char text[8], small[4] = "abc";

    memcpy(text, "abcdefg", 8);
    acsmtp_redact(text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, "<secret");
    acsmtp_redact(small, sizeof small);
    CU_ASSERT_STRING_EQUAL(small, "abc");
    acsmtp_redact(small, 0);
    acsmtp_redact(NULL, 10);
    acsmtp_secret_free(secret);
}

static void redacting_twice_changes_nothing(void)
{
    struct acsmtp_secret *a = acsmtp_secret_new("secret", 6, NULL);
    struct acsmtp_secret *b = acsmtp_secret_new("<secret>", 8, NULL);

    expect("my secret", "my <secret>");
    expect("my <secret>", "my <secret>");
    expect("Bearer <secret> x", "Bearer <secret> x");
    acsmtp_secret_free(a);
    acsmtp_secret_free(b);
}

static void the_longest_secret_wins(void)
{
    struct acsmtp_secret *a = acsmtp_secret_new("abcdefgh", 8, NULL);
    struct acsmtp_secret *b = acsmtp_secret_new("abcdefghijkl", 12, NULL);

    expect("abcdefghijkl abcdefghi", "<secret> <secret>i");
    acsmtp_secret_free(a);
    acsmtp_secret_free(b);
}

static void tokens_are_known_by_their_looks(void)
{
    expect("got eyJhbGciOiJub25lIn0.eyJhIjoxfQ.c2ln, then", "got <secret>, then");
    expect("eyJhbGciOiJub25lIn0.eyJhIjoxfQ.", "<secret>");
    expect("jwe eyJhbGciOi.a.b.c.d e", "jwe <secret> e");
    expect("eyJ is how they begin", "eyJ is how they begin");
    expect("eyJhbGciOiJub25lIn0 alone", "eyJhbGciOiJub25lIn0 alone");
}

static void values_behind_a_scheme_are_replaced(void)
{
    expect("Authorization: Bearer abc", "Authorization: Bearer <secret>");
    expect("Authorization: Basic dXNlcjpwYXNz\r\n", "Authorization: Basic <secret>\r\n");
    expect("\"Bearer ya29.a~b+c/d==\"", "\"Bearer <secret>\"");
    expect("authorization: bearer ya29.x", "authorization: bearer <secret>");
    expect("\"Basic YWJjZGU=\" \"x\"", "\"Basic <secret>\" \"x\"");
}

static void prose_and_challenges_stay_readable(void)
{
    expect("535 5.7.139 Authentication unsuccessful, basic authentication is disabled",
           "535 5.7.139 Authentication unsuccessful, basic authentication is disabled");
    expect("WWW-Authenticate: Basic realm=/var/opt/x.key",
           "WWW-Authenticate: Basic realm=/var/opt/x.key");
    expect("WWW-Authenticate: Bearer realm=\"x\", error=\"y\"",
           "WWW-Authenticate: Bearer realm=\"x\", error=\"y\"");
    expect("", "");
    expect("Bearer ", "Bearer ");
}

/* The mark is longer than a short secret, so replacing one may push the end of the text out. */
static void a_secret_cut_by_the_marks_before_it_is_replaced(void)
{
    struct acsmtp_secret *small = acsmtp_secret_new("abcdef", 6, NULL);
    struct acsmtp_secret *large = acsmtp_secret_new("0123456789-the-large-one", 24, NULL);
    char text[64];

    (void)snprintf(text, sizeof text,
                   "abcdef abcdef abcdef abcdef abcdef 0123456789-the-large-one");
    acsmtp_redact(text, sizeof text);
    CU_ASSERT_PTR_NULL(strstr(text, "0123"));
    acsmtp_secret_free(small);
    acsmtp_secret_free(large);
}

CUNIT_MAIN("redact", T(a_living_secret_is_replaced_everywhere), T(short_secrets_are_left_alone),
           T(base64_of_a_secret_is_replaced), T(percent_encoding_of_a_secret_is_replaced),
           T(line_makers_do_not_hide_a_secret), T(the_beginning_of_a_secret_at_a_cut_is_replaced),
           T(the_mark_is_cut_where_it_does_not_fit), T(redacting_twice_changes_nothing),
           T(the_longest_secret_wins), T(tokens_are_known_by_their_looks),
           T(values_behind_a_scheme_are_replaced), T(prose_and_challenges_stay_readable),
           T(a_secret_cut_by_the_marks_before_it_is_replaced))
