/* SPDX-License-Identifier: MIT */
/* The addresses of operation monitors: about 3.5 KB, signed, to be copied byte for byte. */
#ifndef EMULATOR_ARM_LRO_URL_H
#define EMULATOR_ARM_LRO_URL_H

#include "arm.h"

/* A new address; it differs from all before in t, s and h. kind: "operationStatuses" and the like.
 * The caller releases the text, which this initializes. */
void arm_lro_url(struct arm_call *call, const char *id, struct json_object *operation,
                 const char *kind, struct text *url);
/* Whether the address of the request is one that was given out for the operation. */
bool arm_lro_url_is_genuine(const struct arm_call *call, struct json_object *operation);
#endif
