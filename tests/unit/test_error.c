/* SPDX-License-Identifier: MIT */
/*
 * Errors: the first wins, layers prefix, texts are safe to print, short structures stay short.
 */
#include "cunit_main.h"
#include <acsmtp/error.h>
#include <acsmtp/secret.h>
#include <errno.h>
#include <string.h>

static void fail_sets_status_and_message(void)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;

    CU_ASSERT_EQUAL(acsmtp_fail(&err, ACSMTP_CONFIG, "option '%s' is empty", "host"),
                    ACSMTP_CONFIG);
    CU_ASSERT_EQUAL(err.status, ACSMTP_CONFIG);
    CU_ASSERT_STRING_EQUAL(err.message, "option 'host' is empty");
    CU_ASSERT_EQUAL(err.retry_after, -1);
}

static void the_first_failure_wins(void)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;

    (void)acsmtp_fail(&err, ACSMTP_DENIED, "first");
    CU_ASSERT_EQUAL(acsmtp_fail(&err, ACSMTP_SYSTEM, "second"), ACSMTP_DENIED);
    CU_ASSERT_STRING_EQUAL(err.message, "first");
    acsmtp_error_clear(&err);
    CU_ASSERT_EQUAL(err.status, ACSMTP_OK);
    CU_ASSERT_EQUAL(acsmtp_fail(&err, ACSMTP_SYSTEM, "second"), ACSMTP_SYSTEM);
    CU_ASSERT_STRING_EQUAL(err.message, "second");
}

static void without_an_error_only_the_status_comes_back(void)
{
    CU_ASSERT_EQUAL(acsmtp_fail(NULL, ACSMTP_TEMPORARY, "x"), ACSMTP_TEMPORARY);
    CU_ASSERT_EQUAL(acsmtp_fail_errno(NULL, ENOENT, "x"), ACSMTP_SYSTEM);
    acsmtp_error_prefix(NULL, "x");
    acsmtp_error_server(NULL, 535, "5.7.3", "x");
    acsmtp_error_clear(NULL);
}

static void layers_prefix_from_the_outside_in(void)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;

    acsmtp_error_prefix(&err, "nothing is wrong");
    CU_ASSERT_STRING_EQUAL(err.message, "");
    (void)acsmtp_fail(&err, ACSMTP_DENIED, "400");
    acsmtp_error_prefix(&err, "GET /token");
    acsmtp_error_prefix(&err, "credential %s", "imds");
    CU_ASSERT_STRING_EQUAL(err.message, "credential imds: GET /token: 400");
}

static void errno_is_spelled_out(void)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;

    CU_ASSERT_EQUAL(acsmtp_fail_errno(&err, ENOENT, "cannot open %s", "/x"), ACSMTP_SYSTEM);
    CU_ASSERT_STRING_EQUAL(err.message, "cannot open /x: No such file or directory");
}

static void control_characters_become_blanks(void)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;

    (void)acsmtp_fail(&err, ACSMTP_PROTOCOL, "a\r\nb\033[2Jc\x7f");
    CU_ASSERT_STRING_EQUAL(err.message, "a  b [2Jc ");
    acsmtp_error_server(&err, 535, "5.7\n.3", "no\tway");
    CU_ASSERT_STRING_EQUAL(err.code, "5.7 .3");
    CU_ASSERT_STRING_EQUAL(err.server_text, "no way");
}

static void the_servers_words_are_kept_once(void)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;

    acsmtp_error_server(&err, 535, NULL, NULL);
    acsmtp_error_server(&err, 421, "5.7.3", "refused");
    acsmtp_error_server(&err, 250, "2.0.0", "fine");
    CU_ASSERT_EQUAL(err.server_code, 535);
    CU_ASSERT_STRING_EQUAL(err.code, "5.7.3");
    CU_ASSERT_STRING_EQUAL(err.server_text, "refused");
    CU_ASSERT_EQUAL(err.status, ACSMTP_OK);
}

static void long_texts_are_cut(void)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    char text[5000];

    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    (void)acsmtp_fail(&err, ACSMTP_SYSTEM, "%s", text);
    acsmtp_error_server(&err, 1, text, text);
    CU_ASSERT_EQUAL(strlen(err.message), sizeof err.message - 1);
    CU_ASSERT_EQUAL(strlen(err.code), sizeof err.code - 1);
    CU_ASSERT_EQUAL(strlen(err.server_text), sizeof err.server_text - 1);
    acsmtp_error_prefix(&err, "%s", text);
    CU_ASSERT_EQUAL(strlen(err.message), sizeof err.message - 1);
}

static void no_secret_enters_an_error(void)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct acsmtp_secret *secret = acsmtp_secret_new("correct horse", 13, NULL);

    (void)acsmtp_fail(&err, ACSMTP_DENIED, "password 'correct horse' refused");
    acsmtp_error_server(&err, 535, NULL, "no: correct horse");
    acsmtp_error_prefix(&err, "for %s", "correct horse");
    CU_ASSERT_STRING_EQUAL(err.message, "for <secret>: password '<secret>' refused");
    CU_ASSERT_STRING_EQUAL(err.server_text, "no: <secret>");
    acsmtp_secret_free(secret);
}

static void a_shorter_structure_is_not_overrun(void)
{
    struct {
        struct acsmtp_error err;
        char behind[8];
    } old = {.err = ACSMTP_ERROR_INIT};

    old.err.size = offsetof(struct acsmtp_error, message);
    memcpy(old.err.message, "kept", 5);
    CU_ASSERT_EQUAL(acsmtp_fail(&old.err, ACSMTP_DENIED, "x"), ACSMTP_DENIED);
    acsmtp_error_server(&old.err, 535, "a", "b");
    CU_ASSERT_STRING_EQUAL(old.err.message, "kept");
}

static void every_status_has_a_name(void)
{
    CU_ASSERT_STRING_EQUAL(acsmtp_status_name(ACSMTP_OK), "ok");
    CU_ASSERT_STRING_EQUAL(acsmtp_status_name(ACSMTP_UNAVAILABLE), "unavailable");
    CU_ASSERT_STRING_EQUAL(acsmtp_status_name(ACSMTP_SYSTEM), "system");
    CU_ASSERT_STRING_EQUAL(acsmtp_status_name(9), "unknown");
    CU_ASSERT_STRING_EQUAL(acsmtp_status_name(-1), "unknown");
}

static void texts_are_utf8_without_terminal_controls(void)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;

    (void)acsmtp_fail(&err, ACSMTP_DENIED,
                      "a\xc2\x9b"
                      "2Jb \xc3\xa4 \xff \xe2\x82");
    CU_ASSERT_STRING_EQUAL(err.message, "a  2Jb \xc3\xa4 ? ??");
    acsmtp_error_server(&err, 535, "x\xc2\x85y", "\x80");
    CU_ASSERT_STRING_EQUAL(err.code, "x  y");
    CU_ASSERT_STRING_EQUAL(err.server_text, "?");
}

/* "user\u202emoc.evil" would be read as "userlive.com". */
static void texts_are_shown_in_their_order(void)
{
    static const char *const rearranging[] = {"\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xaa",
                                              "\xe2\x80\xae", "\xe2\x81\xa6", "\xe2\x81\xa9"};
    static const char *const others[] = {"\xe2\x80\xa7", "\xe2\x80\xaf", "\xe2\x81\xa5",
                                         "\xe2\x81\xaa", "\xe2\x82\xac", "\xe2\x80\x8e"};

    for (size_t i = 0; i < sizeof rearranging / sizeof rearranging[0]; i++) {
        struct acsmtp_error err = ACSMTP_ERROR_INIT, other = ACSMTP_ERROR_INIT;

        (void)acsmtp_fail(&err, ACSMTP_DENIED, "a%sb", rearranging[i]);
        CU_ASSERT_STRING_EQUAL(err.message, "a   b");
        (void)acsmtp_fail(&other, ACSMTP_DENIED, "%s", others[i]);
        CU_ASSERT_STRING_EQUAL(other.message, others[i]);
    }
}

static void a_secret_that_is_not_utf8_is_redacted_too(void)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct acsmtp_secret *secret = acsmtp_secret_new("pass\xe4wort", 9, NULL);

    (void)acsmtp_fail(&err, ACSMTP_DENIED, "x pass\xe4wort y");
    CU_ASSERT_STRING_EQUAL(err.message, "x <secret> y");
    acsmtp_secret_free(secret);
}

CUNIT_MAIN("error", T(fail_sets_status_and_message), T(the_first_failure_wins),
           T(without_an_error_only_the_status_comes_back), T(layers_prefix_from_the_outside_in),
           T(errno_is_spelled_out), T(control_characters_become_blanks),
           T(the_servers_words_are_kept_once), T(long_texts_are_cut), T(no_secret_enters_an_error),
           T(a_shorter_structure_is_not_overrun), T(every_status_has_a_name),
           T(texts_are_utf8_without_terminal_controls), T(texts_are_shown_in_their_order),
           T(a_secret_that_is_not_utf8_is_redacted_too))
