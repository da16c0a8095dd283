/* SPDX-License-Identifier: MIT */
/* Claims challenges (continuous access evaluation): a service wants a token that was issued with
 * certain claims, here always "not before"; Entra issues it when the challenge is passed on. That
 * the challenge arrived is written into the token, in a claim that Azure does not have. */
#ifndef EMULATOR_CLAIMS_H
#define EMULATOR_CLAIMS_H

#include "text.h"

#include <json-c/json.h>

#define CLAIMS_MARK "emulator_claims_nbf"

/* What a client passed on: false when it is not a challenge. *not_before is 0 when it asks for
 * other claims. */
bool claims_read(const char *text, int64_t *not_before);
/* Whether the token was issued for a challenge at least as new; 0 asks for nothing. */
bool claims_satisfied(struct json_object *token, int64_t not_before);
/* Appends the challenge in base64. */
void claims_add_challenge(struct text *out, int64_t not_before);
#endif
