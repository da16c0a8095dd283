/* SPDX-License-Identifier: MIT */
/*
 * Dates in all the spellings of acsmtp/token.h, and what only looks like one.
 */
#include "cunit_main.h"
#include <acsmtp/token.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void expect(const char *text, uint32_t flags, int64_t want)
{
    int64_t seconds = -1;

    if (acsmtp_date_parse(text, flags, &seconds, NULL) != ACSMTP_OK || seconds != want)
        printf("\n  %s: %lld\n", text, (long long)seconds);
    CU_ASSERT_EQUAL(seconds, want);
}

static void decimal_seconds(void)
{
    expect("0", 0, 0);
    expect("1506484173", 0, 1506484173);
    expect("1506484173.75", 0, 1506484173);
    expect("253402300799", 0, 253402300799);
}

static void iso_dates(void)
{
    expect("2020-11-12T13:50:47Z", 0, 1605189047);
    expect("2020-11-12t13:50:47z", 0, 1605189047);
    expect("2020-11-12T13:50:47.123456789Z", 0, 1605189047);
    expect("2020-11-12T13:50:47+00:00", 0, 1605189047);
    expect("2020-11-12T15:50:47+02:00", 0, 1605189047);
    expect("2020-11-12T15:50:47.5+0200", 0, 1605189047);
    expect("2020-11-12T08:20:47-05:30", 0, 1605189047);
    expect("2020-11-12T13:50:47", 0, 1605189047);
    expect("2020-11-12 13:50:47", 0, 1605189047);
    expect("2020-11-12 13:50:47.000000", 0, 1605189047);
    expect("2020-11-12 13:50:47 +00:00", 0, 1605189047);
    expect("1970-01-01T00:00:00Z", 0, 0);
    expect("2000-02-29T00:00:00Z", 0, 951782400);
    expect("2016-12-31T23:59:60Z", 0, 1483228800);
    expect("9999-12-31T23:59:59Z", 0, 253402300799);
}

static void american_dates(void)
{
    expect("11/12/2020 13:50:47", 0, 1605189047);
    expect("11/12/2020 13:50:47 +00:00", 0, 1605189047);
    expect("11/12/2020 01:50:47 PM +00:00", 0, 1605189047);
    expect("11/12/2020 01:50:47 pm", 0, 1605189047);
    expect("11/12/2020 01:50:47 AM +00:00", 0, 1605145847);
    expect("11/12/2020 12:00:00 AM +00:00", 0, 1605139200);
    expect("11/12/2020 12:00:00 PM +00:00", 0, 1605182400);
}

static void http_dates(void)
{
    expect("Sun, 06 Nov 1994 08:49:37 GMT", 0, 784111777);
    expect("Sunday, 06-Nov-94 08:49:37 GMT", 0, 784111777);
    expect("Sun Nov  6 08:49:37 1994", 0, 784111777);
    expect("Wed Nov 16 08:49:37 1994", 0, 784975777);
}

static void a_zone_wins_over_local_time(void)
{
    (void)setenv("TZ", "Europe/Berlin", 1);
    tzset();
    expect("2020-11-12T13:50:47Z", ACSMTP_TOKEN_LOCAL_TIME, 1605189047);
    expect("Sun, 06 Nov 1994 08:49:37 GMT", ACSMTP_TOKEN_LOCAL_TIME, 784111777);
    expect("1506484173", ACSMTP_TOKEN_LOCAL_TIME, 1506484173);
    (void)setenv("TZ", "UTC", 1);
    tzset();
}

static void dates_without_a_zone_may_be_local(void)
{
    /* No zone file is needed for this spelling: summer time from March to October. */
    (void)setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    tzset();
    expect("2020-11-12 14:50:47.000000", ACSMTP_TOKEN_LOCAL_TIME, 1605189047);
    expect("2020-07-01 02:00:00", ACSMTP_TOKEN_LOCAL_TIME, 1593561600);
    expect("2020-07-01 00:00:00", 0, 1593561600);
    expect("07/01/2020 02:00:00", ACSMTP_TOKEN_LOCAL_TIME, 1593561600);
    (void)setenv("TZ", "UTC", 1);
    tzset();
}

static void what_is_no_date_is_refused(void)
{
    static const char *const texts[] = {"",
                                        " ",
                                        "-1",
                                        "+1",
                                        "1x",
                                        "1.",
                                        "0x10",
                                        "253402300800",
                                        "99999999999999999999999999",

                                        "2020-11-12",
                                        "2020-11-12T13:50",
                                        "2020-11-12T13:50:47.",
                                        "2020-11-12T13:50:47.Z",
                                        "2020-13-12T13:50:47Z",
                                        "2020-00-12T13:50:47Z",
                                        "2020-02-30T13:50:47Z",
                                        "2021-02-29T00:00:00Z",
                                        "1900-02-29T00:00:00Z",
                                        "2020-11-31T00:00:00Z",
                                        "2020-11-00T13:50:47Z",
                                        "2020-11-12T24:00:00Z",
                                        "2020-11-12T13:60:00Z",
                                        "2020-11-12T13:50:61Z",
                                        "2020-11-12T13:50:47+24:00",
                                        "2020-11-12T13:50:47+02:60",
                                        "2020-11-12T13:50:47+2",
                                        "2020-11-12T13:50:47ZZ",
                                        "2020-11-12T13:50:47Z ",
                                        " 2020-11-12T13:50:47Z",
                                        "2020-11-12T13:50:47\n",
                                        "2020-1-2T1:2:3Z",
                                        "1969-12-31T23:59:59Z",
                                        "1970-01-01T00:00:00+01:00",
                                        "12/11/20 13:50:47",
                                        "13/12/2020 13:50:47",
                                        "11/12/2020 13:50:47 PM",
                                        "11/12/2020 00:50:47 AM",
                                        "11/12/2020",
                                        "11/12/2020 01:50 PM",
                                        "Sun, 06 Nov 1994 08:49:37",
                                        "Sun, 06 Nov 1994 08:49:37 CET",
                                        "Sun, 06 nov 1994 08:49:37 GMT",
                                        "Sun, 6 Nov 1994 08:49:37 GMT",
                                        "Sun, 31 Nov 1994 08:49:37 GMT",
                                        "Sun,06 Nov 1994 08:49:37 GMT",
                                        ", 06 Nov 1994 08:49:37 GMT",
                                        "Sunday, 06-Nov-94 08:49:37",
                                        "Sun Nov 6 08:49:37 1994",
                                        "Sun Nov  6 08:49:37 94",
                                        "tomorrow",
                                        "9999-12-31T23:59:59-01:00"};
    char huge[10000];

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct acsmtp_error err = ACSMTP_ERROR_INIT;
        int64_t seconds = 42;

        if (acsmtp_date_parse(texts[i], 0, &seconds, &err) == ACSMTP_OK)
            printf("\n  accepted: %s\n", texts[i]);
        CU_ASSERT_EQUAL(err.status, ACSMTP_PROTOCOL);
        CU_ASSERT_EQUAL(seconds, 42);
    }
    memset(huge, '1', sizeof huge - 1);
    huge[sizeof huge - 1] = '\0';
    CU_ASSERT_EQUAL(acsmtp_date_parse(huge, 0, &(int64_t){0}, NULL), ACSMTP_PROTOCOL);
    CU_ASSERT_EQUAL(acsmtp_date_parse(NULL, 0, &(int64_t){0}, NULL), ACSMTP_PROTOCOL);
}

static void every_prefix_is_refused(void)
{
    static const char *const texts[] = {"2020-11-12T13:50:47", "11/12/2020 13:50:47",
                                        "Sun, 06 Nov 1994 08:49:37 GMT",
                                        "Sun Nov  6 08:49:37 1994"};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        for (size_t size = i < 2 ? 5 : 0; size < strlen(texts[i]); size++) {
            char text[64];
            int64_t seconds;

            (void)snprintf(text, sizeof text, "%.*s", (int)size, texts[i]);
            CU_ASSERT_EQUAL(acsmtp_date_parse(text, 0, &seconds, NULL), ACSMTP_PROTOCOL);
        }
    }
}

CUNIT_MAIN("date", T(decimal_seconds), T(iso_dates), T(american_dates), T(http_dates),
           T(a_zone_wins_over_local_time), T(dates_without_a_zone_may_be_local),
           T(what_is_no_date_is_refused), T(every_prefix_is_refused))
