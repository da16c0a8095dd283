/* SPDX-License-Identifier: MIT */
/* Durations as people write them. */
#include <acsmtp/text.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DURATION_MAX_MS (INT64_C(366) * 24 * 60 * 60 * 1000)

static int64_t unit_ms(const char *unit)
{
    static const struct {
        const char *name;
        int64_t ms;
    } units[] = {{"", 1000}, {"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}};

    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (strcmp(units[i].name, unit) == 0)
            return units[i].ms;
    return 0;
}

int acsmtp_duration_parse(const char *text, int64_t *milliseconds)
{
    char *end = NULL;
    long long number;
    int64_t unit;

    /* strtoll() would also take white space and a sign. */
    if (*text < '0' || *text > '9')
        return 0;
    errno = 0;
    number = strtoll(text, &end, 10);
    unit = unit_ms(end);
    if (errno || !unit || number > DURATION_MAX_MS / unit)
        return 0;
    *milliseconds = number * unit;
    return 1;
}
