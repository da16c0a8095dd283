/* SPDX-License-Identifier: MIT */
/* Silence that is remembered for a boot: what is kept, for whom, and what is not believed. */
#include "cunit_main.h"
#include "driver/verdict.h"
#include "plugins/fixture.h"
#include <time.h>

static struct fixture fixture;

static void key_of(const char *text, char key[DIGEST_HEX])
{
    digest_hex(NULL, text, strlen(text), key);
}

static int is_young(void)
{
    struct timespec up;

    return clock_gettime(CLOCK_BOOTTIME, &up) != 0 || up.tv_sec < 180;
}

static void what_was_silent_is_known_until_it_is_forgotten(void)
{
    char key[DIGEST_HEX], other[DIGEST_HEX], why[VERDICT_TEXT_MAX] = "";

    fixture_folder(&fixture);
    key_of("one", key);
    key_of("other", other);
    CU_ASSERT_FALSE(verdict_recall(key, why, sizeof why));
    verdict_remember(key, "no answer within 1 s");
    CU_ASSERT_EQUAL(verdict_recall(key, why, sizeof why), !is_young());
    if (!is_young())
        CU_ASSERT_STRING_EQUAL(why, "no answer within 1 s");
    CU_ASSERT_FALSE(verdict_recall(other, why, sizeof why));
    verdict_forget(key);
    CU_ASSERT_FALSE(verdict_recall(key, why, sizeof why));
    fixture_close(&fixture);
}

static void a_long_reason_is_cut_and_an_empty_one_is_none(void)
{
    char key[DIGEST_HEX], why[VERDICT_TEXT_MAX], text[2 * VERDICT_TEXT_MAX];

    fixture_folder(&fixture);
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    key_of("long", key);
    verdict_remember(key, text);
    CU_ASSERT_EQUAL(verdict_recall(key, why, sizeof why), !is_young());
    if (!is_young())
        CU_ASSERT_EQUAL(strlen(why), VERDICT_TEXT_MAX - 1);
    key_of("empty", key);
    verdict_remember(key, "");
    CU_ASSERT_FALSE(verdict_recall(key, why, sizeof why));
    fixture_close(&fixture);
}

static void without_a_home_there_is_no_memory(void)
{
    char key[DIGEST_HEX], why[VERDICT_TEXT_MAX];

    fixture_folder(&fixture);
    key_of("homeless", key);
    CU_ASSERT_EQUAL(setenv("XDG_CACHE_HOME", "/proc/nowhere", 1), 0);
    verdict_remember(key, "no answer");
    CU_ASSERT_FALSE(verdict_recall(key, why, sizeof why));
    verdict_forget(key);
    fixture_close(&fixture);
}

CUNIT_MAIN("verdict", T(what_was_silent_is_known_until_it_is_forgotten),
           T(a_long_reason_is_cut_and_an_empty_one_is_none), T(without_a_home_there_is_no_memory))
