/* SPDX-License-Identifier: MIT */
/* ACSMTP_HAS(): what each side sees of a structure that the other made, older or newer. */
#include <acsmtp/plugin.h>
#include <cunit_main.h>
#include <stddef.h>

/* A verdict as ABI 1.0 makes it ends where 1.1 put the credential. */
static void test_newer_plugin_older_host(void)
{
    struct acsmtp_verdict verdict = {.size = offsetof(struct acsmtp_verdict, credential)};

    CU_ASSERT_TRUE(ACSMTP_HAS(&verdict, text));
    CU_ASSERT_FALSE(ACSMTP_HAS(&verdict, credential));
}

static void test_same_minor(void)
{
    const struct acsmtp_verdict verdict = {.size = sizeof verdict};

    CU_ASSERT_TRUE(ACSMTP_HAS(&verdict, credential));
}

static void test_older_plugin_newer_host(void)
{
    struct acsmtp_verdict verdict = {.size = sizeof verdict + 64};

    CU_ASSERT_TRUE(ACSMTP_HAS(&verdict, credential));
}

static void test_half_a_field_is_none(void)
{
    struct acsmtp_verdict verdict = {.size = sizeof verdict - 1};

    CU_ASSERT_FALSE(ACSMTP_HAS(&verdict, credential));
    verdict.size = 0;
    CU_ASSERT_FALSE(ACSMTP_HAS(&verdict, size));
}

static void test_arrays_and_operations(void)
{
    struct acsmtp_error err = {.size = offsetof(struct acsmtp_error, message)};
    struct acsmtp_credential_ops ops = {.size = offsetof(struct acsmtp_credential_ops, look)};

    CU_ASSERT_TRUE(ACSMTP_HAS(&err, server_text));
    CU_ASSERT_FALSE(ACSMTP_HAS(&err, message));
    CU_ASSERT_TRUE(ACSMTP_HAS(&ops, close));
    CU_ASSERT_FALSE(ACSMTP_HAS(&ops, look));
}

static void test_the_structure_is_evaluated_once(void)
{
    struct acsmtp_verdict verdicts[2] = {{.size = sizeof verdicts[0]}, {.size = 0}};
    const struct acsmtp_verdict *next = verdicts;

    /* NOLINTNEXTLINE(bugprone-macro-repeated-side-effects): that they are not is what is tested */
    CU_ASSERT_TRUE(ACSMTP_HAS(next++, credential));
    CU_ASSERT_PTR_EQUAL(next, &verdicts[1]);
}

CUNIT_MAIN("ACSMTP_HAS", T(test_newer_plugin_older_host), T(test_same_minor),
           T(test_older_plugin_newer_host), T(test_half_a_field_is_none),
           T(test_arrays_and_operations), T(test_the_structure_is_evaluated_once))
