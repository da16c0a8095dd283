/* SPDX-License-Identifier: MIT */
/* See clock.h. Nobody waits by the tenth of a second for more than ten seconds. */
#include "clock.h"

#include <stdio.h>
#include <time.h>

int64_t net_now(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void net_seconds(int64_t ms, char text[NET_SECONDS_MAX])
{
    int64_t tenths = (ms + 50) / 100;

    if (tenths >= 100 || tenths % 10 == 0)
        (void)snprintf(text, NET_SECONDS_MAX, "%lld s", (long long)((tenths + 5) / 10));
    else
        (void)snprintf(text, NET_SECONDS_MAX, "%lld.%lld s", (long long)(tenths / 10),
                       (long long)(tenths % 10));
}
