/* SPDX-License-Identifier: MIT */
/*
 * acsmtp_date_parse(): the spellings of a point in time that token services and HTTP servers use.
 * No locale and no strptime: names of days and months are English (RFC 9110 section 5.6.7).
 */
#include <acsmtp/token.h>
#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define SECONDS_MAX 253402300799LL /* the end of the year 9999 */
#define NO_ZONE 100000             /* no offset is that many seconds */

struct date {
    int year, month, day, hour, minute, second;
    int zone; /* seconds east of UTC, or NO_ZONE */
};

/* Reads `count` digits at *at and moves on. */
static int digits(const char **at, int count, int *value)
{
    *value = 0;
    while (count-- > 0) {
        if (!isdigit((unsigned char)**at))
            return 0;
        *value = *value * 10 + (*(*at)++ - '0');
    }
    return 1;
}

static int skip(const char **at, char c)
{
    if (**at != c)
        return 0;
    (*at)++;
    return 1;
}

static int separated(const char **at, char separator, int *first, int *second)
{
    return digits(at, 2, first) && skip(at, separator) && digits(at, 2, second);
}

/* HH:mm:ss with any fraction, which is dropped. */
static int clock_time(const char **at, struct date *date)
{
    if (!separated(at, ':', &date->hour, &date->minute) || !skip(at, ':') ||
        !digits(at, 2, &date->second))
        return 0;
    if (!skip(at, '.'))
        return 1;
    if (!isdigit((unsigned char)**at))
        return 0;
    while (isdigit((unsigned char)**at))
        (*at)++;
    return 1;
}

/* +HH:mm or +HHmm */
static int offset(const char **at, struct date *date)
{
    int sign = *(*at)++ == '-' ? -1 : 1, hours, minutes;

    if (!digits(at, 2, &hours))
        return 0;
    (void)skip(at, ':');
    if (!digits(at, 2, &minutes) || hours > 23 || minutes > 59)
        return 0;
    date->zone = sign * (hours * 3600 + minutes * 60);
    return 1;
}

/* Z or an offset, perhaps behind a blank; nothing is also fine. */
static int zone(const char **at, struct date *date)
{
    const char *from = *at + (**at == ' ');

    if (!*from || !strchr("Zz+-", *from))
        return 1;
    *at = from;
    if (*from == '+' || *from == '-')
        return offset(at, date);
    (*at)++;
    date->zone = 0;
    return 1;
}

/* "2020-11-12T13:50:47.5Z", "2020-11-12 13:50:47.000000" */
static int iso(const char *at, struct date *date)
{
    if (!digits(&at, 4, &date->year) || !skip(&at, '-') ||
        !separated(&at, '-', &date->month, &date->day))
        return 0;
    if (!skip(&at, 'T') && !skip(&at, 't') && !skip(&at, ' '))
        return 0;
    return clock_time(&at, date) && zone(&at, date) && *at == '\0';
}

/* The twelve hours of AM begin at 12, and so do those of PM. */
static int half_day(const char **at, struct date *date)
{
    const char *half = *at + (**at == ' ');
    int afternoon = strncasecmp(half, "PM", 2) == 0;

    if (!afternoon && strncasecmp(half, "AM", 2) != 0)
        return 1;
    *at = half + 2;
    if (date->hour < 1 || date->hour > 12)
        return 0;
    date->hour = date->hour % 12 + (afternoon ? 12 : 0);
    return 1;
}

/* "11/12/2020 01:50:47 PM +00:00" */
static int american(const char *at, struct date *date)
{
    return separated(&at, '/', &date->month, &date->day) && skip(&at, '/') &&
           digits(&at, 4, &date->year) && skip(&at, ' ') && clock_time(&at, date) &&
           half_day(&at, date) && zone(&at, date) && *at == '\0';
}

static int month_name(const char **at, int *month)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

    for (int i = 0; i < 12; i++) {
        if (strncmp(*at, names + (size_t)(3 * i), 3) == 0) {
            *month = i + 1;
            *at += 3;
            return 1;
        }
    }
    return 0;
}

/* Letters up to the separator: the name of a day, which says nothing new. */
static int day_name(const char **at, char separator)
{
    const char *from = *at;

    while (isalpha((unsigned char)**at))
        (*at)++;
    return *at - from >= 3 && *at - from <= 9 && skip(at, separator);
}

/* "Sun, 06 Nov 1994 08:49:37 GMT" */
static int http_date(const char *at, struct date *date)
{
    date->zone = 0;
    return day_name(&at, ',') && skip(&at, ' ') && digits(&at, 2, &date->day) && skip(&at, ' ') &&
           month_name(&at, &date->month) && skip(&at, ' ') && digits(&at, 4, &date->year) &&
           skip(&at, ' ') && clock_time(&at, date) && strcmp(at, " GMT") == 0;
}

/* Two digits of a year that is more than 50 years ahead mean the past (RFC 9110). */
static int full_year(int year)
{
    time_t now = time(NULL);
    struct tm today;

    if (!gmtime_r(&now, &today))
        return 0;
    today.tm_year += 1900;
    year += today.tm_year / 100 * 100;
    return year > today.tm_year + 50 ? year - 100 : year;
}

/* "Sunday, 06-Nov-94 08:49:37 GMT" */
static int http_date_old(const char *at, struct date *date)
{
    date->zone = 0;
    if (!day_name(&at, ',') || !skip(&at, ' ') || !digits(&at, 2, &date->day) || !skip(&at, '-') ||
        !month_name(&at, &date->month) || !skip(&at, '-') || !digits(&at, 2, &date->year))
        return 0;
    date->year = full_year(date->year);
    return skip(&at, ' ') && clock_time(&at, date) && strcmp(at, " GMT") == 0;
}

/* "Sun Nov  6 08:49:37 1994" */
static int http_date_asctime(const char *at, struct date *date)
{
    date->zone = 0;
    if (!day_name(&at, ' ') || !month_name(&at, &date->month) || !skip(&at, ' '))
        return 0;
    return digits(&at, skip(&at, ' ') ? 1 : 2, &date->day) && skip(&at, ' ') &&
           clock_time(&at, date) && skip(&at, ' ') && digits(&at, 4, &date->year) && *at == '\0';
}

static int in_range(const struct date *date)
{
    static const signed char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int leap = date->year % 4 == 0 && (date->year % 100 != 0 || date->year % 400 == 0);

    if (date->year < 1970 || date->month < 1 || date->month > 12 || date->day < 1)
        return 0;
    if (date->day > days[date->month - 1] + (date->month == 2 && leap))
        return 0;
    return date->hour < 24 && date->minute < 60 && date->second <= 60;
}

static int64_t to_seconds(const struct date *date, uint32_t flags)
{
    struct tm tm = {.tm_year = date->year - 1900,
                    .tm_mon = date->month - 1,
                    .tm_mday = date->day,
                    .tm_hour = date->hour,
                    .tm_min = date->minute,
                    .tm_sec = date->second,
                    .tm_isdst = -1};

    if (date->zone == NO_ZONE)
        return flags & ACSMTP_TOKEN_LOCAL_TIME ? mktime(&tm) : timegm(&tm);
    return (int64_t)timegm(&tm) - date->zone;
}

/* Decimal seconds since 1970; a fraction is dropped. */
static int unix_seconds(const char *at, int64_t *seconds)
{
    int64_t value = 0;
    const char *from = at;

    for (; isdigit((unsigned char)*at); at++) {
        value = value * 10 + (*at - '0');
        if (value > SECONDS_MAX)
            return 0;
    }
    if (at == from)
        return 0;
    if (*at == '.' && isdigit((unsigned char)at[1]))
        at += 1 + strspn(at + 1, "0123456789");
    *seconds = value;
    return *at == '\0';
}

int acsmtp_date_parse(const char *text, uint32_t flags, int64_t *seconds, struct acsmtp_error *err)
{
    static int (*const spellings[])(const char *, struct date *) = {
        iso, american, http_date, http_date_old, http_date_asctime};
    int64_t value;

    if (text && unix_seconds(text, &value)) {
        *seconds = value;
        return ACSMTP_OK;
    }
    for (size_t i = 0; text && i < sizeof spellings / sizeof spellings[0]; i++) {
        struct date date = {.zone = NO_ZONE};

        if (!spellings[i](text, &date) || !in_range(&date))
            continue;
        value = to_seconds(&date, flags);
        if (value < 0 || value > SECONDS_MAX)
            break;
        *seconds = value;
        return ACSMTP_OK;
    }
    return acsmtp_fail(err, ACSMTP_PROTOCOL, "not a date in any known spelling");
}
