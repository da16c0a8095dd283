/* SPDX-License-Identifier: MIT */
/* The switches of the seed: how each service behaves where Azure leaves a choice. */
#ifndef EMULATOR_SEED_SWITCHES_H
#define EMULATOR_SEED_SWITCHES_H

#include <json-c/json.h>

/* Adds "entra", "imds", "smtp", "time_scale" and "arm_switches". */
void seed_switches(struct json_object *tree);
#endif
