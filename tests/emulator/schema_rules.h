/* SPDX-License-Identifier: MIT */
/* The tables that describe the state and the faults of the control API, one rule a member. */
#ifndef EMULATOR_SCHEMA_RULES_H
#define EMULATOR_SCHEMA_RULES_H

#include <stdbool.h>
#include <stdint.h>

enum kind {
    KIND_STRING,
    KIND_INT,
    KIND_BOOL,
    KIND_MAP,
    KIND_STRINGS,
    KIND_OBJECT, /* with whatever in it: the body of a resource is its service's business */
};

struct rule {
    const char *key; /* "*" stands for any name */
    enum kind kind;
    bool required;
    const struct rule *members;
    const char *values; /* "|a|b|" when only these strings will do */
    int64_t minimum, maximum;
};

extern const struct rule SCHEMA_STATE[];
extern const struct rule SCHEMA_FAULT[];
#endif
