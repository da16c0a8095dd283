/* SPDX-License-Identifier: MIT */
/* "250ms", "10s", "5m", "1h" or a number of seconds, as in the config. */
#ifndef DURATION_H
#define DURATION_H

#include <stdint.h>

/* 0 and the milliseconds (at most a year), or -1. */
int duration_parse(const char *text, int64_t *milliseconds);

#endif
