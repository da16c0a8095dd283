/* SPDX-License-Identifier: MIT */
/*
 * Credentials: what they accept, who owns what, moving.
 */
#include "base/credential_private.h"
#include "cunit_main.h"
#include <stdlib.h>
#include <string.h>

static struct acsmtp_secret *secret(const char *text)
{
    return acsmtp_secret_new(text, strlen(text), NULL);
}

static void an_empty_credential_is_none(void)
{
    struct acsmtp_credential *credential = acsmtp_credential_new(NULL);

    CU_ASSERT_EQUAL(acsmtp_credential_kind(credential), ACSMTP_CREDENTIAL_NONE);
    CU_ASSERT_PTR_NULL(acsmtp_credential_secret(credential));
    CU_ASSERT_PTR_NULL(acsmtp_credential_username(credential));
    CU_ASSERT_EQUAL(acsmtp_credential_expires_on(credential), 0);
    CU_ASSERT_EQUAL(acsmtp_credential_refresh_on(credential), 0);
    CU_ASSERT_PTR_NULL(credential_dependency(credential, 0));
    acsmtp_credential_free(credential);
    acsmtp_credential_free(NULL);
}

static void a_token_replaces_a_password(void)
{
    struct acsmtp_credential *credential = acsmtp_credential_new(NULL);

    CU_ASSERT_EQUAL(acsmtp_credential_set_password(credential, "user", secret("pass"), NULL), 0);
    CU_ASSERT_EQUAL(acsmtp_credential_kind(credential), ACSMTP_CREDENTIAL_PASSWORD);
    CU_ASSERT_STRING_EQUAL(acsmtp_credential_username(credential), "user");
    CU_ASSERT_EQUAL(acsmtp_credential_set_token(credential, secret("tok"), 100, 50, NULL), 0);
    CU_ASSERT_EQUAL(acsmtp_credential_kind(credential), ACSMTP_CREDENTIAL_TOKEN);
    CU_ASSERT_STRING_EQUAL(acsmtp_secret_data(acsmtp_credential_secret(credential)), "tok");
    CU_ASSERT_PTR_NULL(acsmtp_credential_username(credential));
    CU_ASSERT_EQUAL(acsmtp_credential_expires_on(credential), 100);
    CU_ASSERT_EQUAL(acsmtp_credential_refresh_on(credential), 50);
    CU_ASSERT_EQUAL(acsmtp_credential_set_password(credential, NULL, secret("p w"), NULL), 0);
    CU_ASSERT_EQUAL(acsmtp_credential_expires_on(credential), 0);
    CU_ASSERT_PTR_NULL(acsmtp_credential_username(credential));
    acsmtp_credential_free(credential);
}

static void tokens_are_visible_ascii(void)
{
    static const char *const wrong[] = {"", " ", "a b", "a\n", "a\r", "\ta", "a\x7f", "\xc3\xa4"};
    struct acsmtp_credential *credential = acsmtp_credential_new(NULL);
    char *huge = malloc(65537);

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        CU_ASSERT_EQUAL(acsmtp_credential_set_token(credential, secret(wrong[i]), 1, 0, NULL),
                        ACSMTP_PROTOCOL);
    CU_ASSERT_EQUAL(acsmtp_credential_set_token(credential, NULL, 1, 0, NULL), ACSMTP_PROTOCOL);
    CU_ASSERT_EQUAL(
        acsmtp_credential_set_token(credential, acsmtp_secret_new("a\0b", 3, NULL), 1, 0, NULL),
        ACSMTP_PROTOCOL);
    memset(huge, 'x', 65537);
    CU_ASSERT_EQUAL(
        acsmtp_credential_set_token(credential, acsmtp_secret_new(huge, 65537, NULL), 1, 0, NULL),
        ACSMTP_PROTOCOL);
    CU_ASSERT_EQUAL(acsmtp_credential_kind(credential), ACSMTP_CREDENTIAL_NONE);
    CU_ASSERT_EQUAL(
        acsmtp_credential_set_token(credential, acsmtp_secret_new(huge, 65536, NULL), 1, 0, NULL),
        ACSMTP_OK);
    free(huge);
    acsmtp_credential_free(credential);
}

static void passwords_hold_no_line_ends(void)
{
    static const char *const wrong[] = {"", "a\n", "a\rb"};
    struct acsmtp_credential *credential = acsmtp_credential_new(NULL);
    struct acsmtp_error err = ACSMTP_ERROR_INIT;

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        CU_ASSERT_EQUAL(acsmtp_credential_set_password(credential, "u", secret(wrong[i]), NULL),
                        ACSMTP_PROTOCOL);
    CU_ASSERT_EQUAL(acsmtp_credential_set_password(credential, "u", NULL, NULL), ACSMTP_PROTOCOL);
    CU_ASSERT_EQUAL(
        acsmtp_credential_set_password(credential, "u", acsmtp_secret_new("a\0b", 3, NULL), NULL),
        ACSMTP_PROTOCOL);
    CU_ASSERT_EQUAL(acsmtp_credential_set_password(credential, "u\r\nx", secret("hunter22"), &err),
                    ACSMTP_PROTOCOL);
    CU_ASSERT_PTR_NULL(strstr(err.message, "hunter22"));
    CU_ASSERT_EQUAL(acsmtp_credential_kind(credential), ACSMTP_CREDENTIAL_NONE);
    CU_ASSERT_EQUAL(
        acsmtp_credential_set_password(credential, "\xc3\xa4", secret("\xc3\xa4 \t"), NULL),
        ACSMTP_OK);
    acsmtp_credential_free(credential);
}

static void the_first_failure_stays_when_the_secret_is_missing(void)
{
    struct acsmtp_credential *credential = acsmtp_credential_new(NULL);
    struct acsmtp_error err = ACSMTP_ERROR_INIT;

    (void)acsmtp_fail(&err, ACSMTP_TEMPORARY, "unreachable");
    CU_ASSERT_EQUAL(acsmtp_credential_set_token(credential, NULL, 1, 0, &err), ACSMTP_TEMPORARY);
    CU_ASSERT_STRING_EQUAL(err.message, "unreachable");
    acsmtp_credential_free(credential);
}

static void files_are_kept_in_order(void)
{
    struct acsmtp_credential *credential = acsmtp_credential_new(NULL);

    CU_ASSERT_EQUAL(acsmtp_credential_depends_on(credential, "/a", NULL), ACSMTP_OK);
    CU_ASSERT_EQUAL(acsmtp_credential_depends_on(credential, "/b", NULL), ACSMTP_OK);
    CU_ASSERT_EQUAL(acsmtp_credential_depends_on(credential, "c", NULL), ACSMTP_SYSTEM);
    CU_ASSERT_EQUAL(acsmtp_credential_depends_on(credential, NULL, NULL), ACSMTP_SYSTEM);
    CU_ASSERT_EQUAL(acsmtp_credential_set_token(credential, secret("tok"), 1, 0, NULL), 0);
    CU_ASSERT_STRING_EQUAL(credential_dependency(credential, 0), "/a");
    CU_ASSERT_STRING_EQUAL(credential_dependency(credential, 1), "/b");
    CU_ASSERT_PTR_NULL(credential_dependency(credential, 2));
    CU_ASSERT_PTR_NULL(credential_dependency(NULL, 0));
    acsmtp_credential_free(credential);
}

static void moving_leaves_an_empty_credential(void)
{
    struct acsmtp_credential *a = acsmtp_credential_new(NULL), *b = acsmtp_credential_new(NULL);

    CU_ASSERT_EQUAL(acsmtp_credential_set_password(a, "old", secret("old"), NULL), ACSMTP_OK);
    CU_ASSERT_EQUAL(acsmtp_credential_set_token(b, secret("tok"), 7, 5, NULL), ACSMTP_OK);
    CU_ASSERT_EQUAL(acsmtp_credential_depends_on(b, "/b", NULL), ACSMTP_OK);
    credential_move(a, b);
    credential_move(a, a);
    CU_ASSERT_EQUAL(acsmtp_credential_kind(a), ACSMTP_CREDENTIAL_TOKEN);
    CU_ASSERT_EQUAL(acsmtp_credential_expires_on(a), 7);
    CU_ASSERT_STRING_EQUAL(credential_dependency(a, 0), "/b");
    CU_ASSERT_EQUAL(acsmtp_credential_kind(b), ACSMTP_CREDENTIAL_NONE);
    CU_ASSERT_PTR_NULL(credential_dependency(b, 0));
    credential_clear(a);
    CU_ASSERT_EQUAL(acsmtp_credential_kind(a), ACSMTP_CREDENTIAL_NONE);
    acsmtp_credential_free(a);
    acsmtp_credential_free(b);
}

CUNIT_MAIN("credential", T(an_empty_credential_is_none), T(a_token_replaces_a_password),
           T(tokens_are_visible_ascii), T(passwords_hold_no_line_ends),
           T(the_first_failure_stays_when_the_secret_is_missing), T(files_are_kept_in_order),
           T(moving_leaves_an_empty_credential))
