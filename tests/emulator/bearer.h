/* SPDX-License-Identifier: MIT */
/* Reads and verifies the bearer token of an HTTP request. */
#ifndef EMULATOR_BEARER_H
#define EMULATOR_BEARER_H

#include "emulator.h"

enum bearer_result {
    BEARER_GOOD,
    BEARER_MISSING,
    BEARER_INVALID, /* malformed, foreign */
    BEARER_EXPIRED,
    BEARER_WRONG_AUDIENCE,
    BEARER_WRONG_TENANT,
};

struct bearer {
    struct json_object *claims; /* the caller puts them, whatever the result */
    const char *why;            /* for BEARER_INVALID and BEARER_EXPIRED */
};

/* audiences: a list up to NULL, of which the token must name one. */
enum bearer_result bearer_check(struct emulator *emulator, struct json_object *state,
                                const char *header, const char *const *audiences,
                                struct bearer *bearer);
#endif
