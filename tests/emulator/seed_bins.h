/* SPDX-License-Identifier: MIT */
/* What the services that delete softly need in the seed: Graph and Key Vault. */
#ifndef EMULATOR_SEED_BINS_H
#define EMULATOR_SEED_BINS_H

#include <json-c/json.h>

/* Adds the empty bins of deleted things and the switches of both services. */
void seed_bins(struct json_object *tree);
#endif
