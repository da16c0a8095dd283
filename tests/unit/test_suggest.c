/* SPDX-License-Identifier: MIT */
/* "Did you mean ...?" */
#include "config_fixture.h"
#include "cunit_main.h"
#include <acsmtp/text.h>

static const char *const words[] = {"tenant_id", "client_id", "client_secret", "timeout", "tls"};

static const char *near(const char *word)
{
    return acsmtp_suggest(word, words, sizeof words / sizeof words[0]);
}

static void a_missing_letter_is_forgiven(void)
{
    ASSERT_TEXT(near("tenantid"), "tenant_id");
    ASSERT_TEXT(near("timeut"), "timeout");
}

static void swapped_letters_are_one_slip(void)
{
    /* Two substitutions would be too much for a word of three letters. */
    ASSERT_TEXT(near("tsl"), "tls");
    ASSERT_TEXT(near("cleint_id"), "client_id");
}

static void hyphens_and_letter_case_do_not_count(void)
{
    ASSERT_TEXT(near("Tenant-ID"), "tenant_id");
    ASSERT_TEXT(near("CLIENT-SECRET"), "client_secret");
}

static void the_nearest_one_wins(void)
{
    static const char *const close[] = {"ports", "port", "sport"};

    ASSERT_TEXT(acsmtp_suggest("prt", close, 3), "port");
}

static void a_different_word_is_no_suggestion(void)
{
    CU_ASSERT_PTR_NULL(near("banana"));
    CU_ASSERT_PTR_NULL(near("x"));
    CU_ASSERT_PTR_NULL(near(""));
}

static void no_candidates_give_no_suggestion(void)
{
    static const char *const holes[] = {NULL, ""};

    CU_ASSERT_PTR_NULL(acsmtp_suggest("word", NULL, 0));
    CU_ASSERT_PTR_NULL(acsmtp_suggest("word", holes, 2));
}

static void words_of_any_length_are_safe(void)
{
    char word[300], candidate[300];
    const char *one = candidate;
    size_t size;

    for (size = 1; size < sizeof word - 1; size++) {
        memset(word, 'a', size);
        memset(candidate, 'a', size);
        word[size] = candidate[size - 1] = '\0';
        (void)acsmtp_suggest(word, &one, 1);
    }
    memset(word, 'a', 63);
    word[63] = '\0';
    memcpy(candidate, word, 64);
    candidate[5] = 'b';
    CU_ASSERT_PTR_NOT_NULL(acsmtp_suggest(word, &one, 1));
    word[63] = 'a';
    word[64] = '\0';
    CU_ASSERT_PTR_NULL(acsmtp_suggest(word, &one, 1));
}

CUNIT_MAIN("suggest", T(a_missing_letter_is_forgiven), T(swapped_letters_are_one_slip),
           T(hyphens_and_letter_case_do_not_count), T(the_nearest_one_wins),
           T(a_different_word_is_no_suggestion), T(no_candidates_give_no_suggestion),
           T(words_of_any_length_are_safe))
