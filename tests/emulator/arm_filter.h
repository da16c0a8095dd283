/* SPDX-License-Identifier: MIT */
/* "$filter" of Resource Manager's lists: conditions that "and" connects, each a comparison
 * NAME eq 'VALUE', or a function NAME() or NAME('VALUE'). A quote within a value is doubled. */
#ifndef EMULATOR_ARM_FILTER_H
#define EMULATOR_ARM_FILTER_H

#include <stdbool.h>
#include <stddef.h>

enum { ARM_FILTER_CONDITIONS = 6 };

struct arm_condition {
    char name[48];
    char value[256];
    bool function;
};

struct arm_filter {
    struct arm_condition conditions[ARM_FILTER_CONDITIONS];
    size_t count;
};

/* NULL is a filter without conditions. false when the text is no filter. */
bool arm_filter_parse(const char *text, struct arm_filter *filter);
/* The value of the condition, "" for a function without one; NULL when it is not there. */
const char *arm_filter_value(const struct arm_filter *filter, const char *name);
/* Whether all conditions are among the names, a list up to NULL. */
bool arm_filter_only(const struct arm_filter *filter, const char *const *names);
#endif
