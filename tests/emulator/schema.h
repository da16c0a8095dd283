/* SPDX-License-Identifier: MIT */
/* What the state of the emulator may look like: the control API is refused where it would leave a
 * member that no service understands, so that a mistyped test fails loudly. */
#ifndef EMULATOR_SCHEMA_H
#define EMULATOR_SCHEMA_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

/* Checks a whole state; on false, why says which member is wrong and how. */
bool schema_check_state(struct json_object *tree, char *why, size_t size);
/* Checks one fault of the control API. */
bool schema_check_fault(struct json_object *fault, char *why, size_t size);
#endif
