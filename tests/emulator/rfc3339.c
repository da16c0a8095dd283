/* SPDX-License-Identifier: MIT */
/* RFC 3339 timestamps; see rfc3339.h. */
#include "rfc3339.h"

#include <ctype.h>
#include <string.h>
#include <time.h>

/* Exactly `digits` digits that make a number from low to high. */
static bool number(const char **at, int digits, int low, int high, int *out)
{
    int value = 0;
    for (int i = 0; i < digits; i++) {
        if (!isdigit((unsigned char)(*at)[i])) {
            return false;
        }
        value = value * 10 + ((*at)[i] - '0');
    }
    *at += digits;
    *out = value;
    return value >= low && value <= high;
}

static bool letter(const char **at, const char *choices)
{
    if (**at == '\0' || strchr(choices, **at) == NULL) {
        return false;
    }
    (*at)++;
    return true;
}

static bool fraction(const char **at)
{
    if (**at != '.') {
        return true;
    }
    (*at)++;
    size_t digits = strspn(*at, "0123456789");
    *at += digits;
    return digits > 0;
}

/* "Z" or "+hh:mm", as seconds east of Greenwich */
static bool offset(const char **at, int64_t *east)
{
    int hours = 0;
    int minutes = 0;
    int sign = **at == '-' ? -1 : 1;
    *east = 0;
    if (letter(at, "Zz")) {
        return true;
    }
    if (!letter(at, "+-") || !number(at, 2, 0, 23, &hours) || !letter(at, ":") ||
        !number(at, 2, 0, 59, &minutes)) {
        return false;
    }
    *east = (int64_t)sign * (hours * 3600 + minutes * 60);
    return true;
}

static bool date(const char **at, struct tm *parts)
{
    return number(at, 4, 1900, 9999, &parts->tm_year) && letter(at, "-") &&
           number(at, 2, 1, 12, &parts->tm_mon) && letter(at, "-") &&
           number(at, 2, 1, 31, &parts->tm_mday);
}

static bool time_of_day(const char **at, struct tm *parts)
{
    return number(at, 2, 0, 23, &parts->tm_hour) && letter(at, ":") &&
           number(at, 2, 0, 59, &parts->tm_min) && letter(at, ":") &&
           number(at, 2, 0, 59, &parts->tm_sec) && fraction(at);
}

int rfc3339_parse(const char *text, int64_t *seconds)
{
    struct tm parts = {.tm_isdst = 0};
    int64_t east = 0;
    if (!date(&text, &parts) || !letter(&text, "Tt") || !time_of_day(&text, &parts) ||
        !offset(&text, &east) || *text != '\0') {
        return -1;
    }
    int day = parts.tm_mday;
    parts.tm_year -= 1900;
    parts.tm_mon -= 1;
    *seconds = (int64_t)timegm(&parts) - east;
    /* timegm makes a day of March of the 30th of February. Leap seconds are refused, as .NET does.
     */
    return parts.tm_mday == day ? 0 : -1;
}

void rfc3339_format(int64_t seconds, char out[TEXT_TIME_SIZE])
{
    struct tm parts;
    time_t when = (time_t)seconds;
    if (gmtime_r(&when, &parts) == NULL ||
        strftime(out, TEXT_TIME_SIZE, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0) {
        out[0] = '\0';
    }
}
