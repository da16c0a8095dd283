/* SPDX-License-Identifier: MIT */
/* Moments as Graph and Resource Manager write them (RFC 3339), in seconds since the epoch. */
#ifndef EMULATOR_RFC3339_H
#define EMULATOR_RFC3339_H

#include "text.h"

#include <stdint.h>

/* "2026-12-31T00:00:00Z", with a fraction (dropped) or another offset. -1 for anything else. */
int rfc3339_parse(const char *text, int64_t *seconds);
/* "" for what no calendar holds */
void rfc3339_format(int64_t seconds, char out[TEXT_TIME_SIZE]);
#endif
