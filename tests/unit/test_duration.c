/* SPDX-License-Identifier: MIT */
/* Durations as people write them. */
#include "cunit_main.h"
#include <acsmtp/text.h>

static int64_t parsed(const char *text)
{
    int64_t milliseconds = -7;

    return acsmtp_duration_parse(text, &milliseconds) ? milliseconds : -1;
}

static void every_unit_counts_in_milliseconds(void)
{
    CU_ASSERT_EQUAL(parsed("250ms"), 250);
    CU_ASSERT_EQUAL(parsed("10s"), 10000);
    CU_ASSERT_EQUAL(parsed("5m"), 300000);
    CU_ASSERT_EQUAL(parsed("1h"), 3600000);
    CU_ASSERT_EQUAL(parsed("3"), 3000);
    CU_ASSERT_EQUAL(parsed("0"), 0);
}

static void anything_else_is_refused(void)
{
    static const char *const wrong[] = {"",   " 1", "-1",   "+1",   "1 s",
                                        "1d", "s",  "1.5s", "0x10", "1ss"};

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        CU_ASSERT_EQUAL(parsed(wrong[i]), -1);
}

static void more_than_a_year_is_refused(void)
{
    CU_ASSERT_EQUAL(parsed("8784h"), INT64_C(366) * 24 * 3600 * 1000);
    CU_ASSERT_EQUAL(parsed("8785h"), -1);
    CU_ASSERT_EQUAL(parsed("99999999999999999999h"), -1);
    CU_ASSERT_EQUAL(parsed("9223372036854775807"), -1);
}

CUNIT_MAIN("duration", T(every_unit_counts_in_milliseconds), T(anything_else_is_refused),
           T(more_than_a_year_is_refused))
