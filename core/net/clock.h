/* SPDX-License-Identifier: MIT */
/* Time limits: a clock that nobody sets, and how a span of it is told. */
#ifndef NET_CLOCK_H
#define NET_CLOCK_H

#include <stdint.h>

/* Milliseconds of the monotonic clock. */
int64_t net_now(void);

/* A time for people: "30 s", "0.3 s". */
#define NET_SECONDS_MAX 32
void net_seconds(int64_t ms, char text[NET_SECONDS_MAX]);

#endif
