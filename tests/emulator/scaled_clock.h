/* SPDX-License-Identifier: MIT */
/* The clock of everything that takes time in Azure: monotonic, and as many times faster as the
 * state's time_scale says. Moments are milliseconds of that clock. */
#ifndef EMULATOR_SCALED_CLOCK_H
#define EMULATOR_SCALED_CLOCK_H

#include <json-c/json.h>
#include <stdint.h>

int64_t scaled_clock_now(void);
/* The moment that comes when a wait of `documented` milliseconds is over in the emulated world. */
int64_t scaled_clock_after(struct json_object *tree, int64_t documented);
#endif
