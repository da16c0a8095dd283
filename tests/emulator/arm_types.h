/* SPDX-License-Identifier: MIT */
/* The rows of the router's table: each namespace has a file of its own. */
#ifndef EMULATOR_ARM_TYPES_H
#define EMULATOR_ARM_TYPES_H

#include "arm.h"

/* Each list ends with a type that has no name. */
extern const struct arm_type ARM_SUBSCRIPTION_TYPES[]; /* arm_subscription.c */
extern const struct arm_type ARM_GROUP_TYPES[];        /* arm_group.c */
#endif
