/* SPDX-License-Identifier: MIT */
/* Tokens of managed identities, as every endpoint that gives them answers. */
#ifndef EMULATOR_IDENTITY_TOKEN_H
#define EMULATOR_IDENTITY_TOKEN_H

#include "directory.h"
#include "emulator.h"

struct identity_selector {
    const char *parameter; /* NULL ends a table */
    enum directory_selector selector;
};

/* The identity that the parameters choose, the system-assigned one when they choose none. NULL when
 * there is no such identity, or when several selectors stand there at once. Borrowed. */
struct json_object *identity_choose(const struct form *parameters,
                                    const struct identity_selector *selectors,
                                    struct json_object *state);

/* What IMDS answers, numbers as strings; the caller puts it. NULL when memory ran out. `service` is
 * whose ordered lifetime counts. */
struct json_object *identity_reply(struct emulator *emulator, struct json_object *state,
                                   struct json_object *identity, const char *resource,
                                   const char *service);
#endif
