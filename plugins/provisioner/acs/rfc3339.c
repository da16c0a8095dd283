/* SPDX-License-Identifier: MIT */
/* RFC 3339 in UTC; see rfc3339.h. */
#include "rfc3339.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* "dddd-dd-ddTdd:dd:dd", then an optional fraction, then Z or +00:00. */
static int has_form(const char *text)
{
    static const char form[] = "dddd-dd-ddTdd:dd:dd";
    size_t i;

    for (i = 0; i < sizeof form - 1; i++)
        if (form[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
            return 0;
    text += i;
    if (*text == '.')
        text += 1 + strspn(text + 1, "0123456789");
    return strcmp(text, "Z") == 0 || strcmp(text, "+00:00") == 0;
}

int64_t rfc3339_read(const char *text)
{
    struct tm when = {.tm_isdst = 0};
    int64_t seconds;

    if (!text || !has_form(text))
        return 0;
    if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d", &when.tm_year, &when.tm_mon, &when.tm_mday,
               &when.tm_hour, &when.tm_min, &when.tm_sec) != 6)
        return 0;
    when.tm_year -= 1900;
    when.tm_mon -= 1;
    seconds = (int64_t)timegm(&when);
    return seconds > 0 ? seconds : 0;
}

void rfc3339_write(int64_t seconds, char text[RFC3339_MAX])
{
    time_t when = (time_t)seconds;
    struct tm parts;

    if (!gmtime_r(&when, &parts) || strftime(text, RFC3339_MAX, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
        text[0] = '\0';
}
