/* SPDX-License-Identifier: MIT */
/* The opaque value of "$skiptoken" in a link to the next page. */
#ifndef EMULATOR_ARM_TOKEN_H
#define EMULATOR_ARM_TOKEN_H

#include "text.h"

#include <stdbool.h>
#include <stddef.h>

void arm_token_write(struct text *out, size_t offset);
/* false when the token is none that arm_token_write() makes. */
bool arm_token_read(const char *token, size_t *offset);
#endif
