/* SPDX-License-Identifier: MIT */
/* Takes the path of a Resource Manager request apart. Nothing is looked up: whether the things it
 * names exist is the router's business. */
#ifndef EMULATOR_ARM_PATH_H
#define EMULATOR_ARM_PATH_H

#include "resources.h"

#include <stdbool.h>
#include <stddef.h>

enum { ARM_NAME_SIZE = 264, ARM_TYPE_SIZE = 256 };

struct arm_path {
    char id[RESOURCE_ID_SIZE];     /* what the path names, as sent, without the action */
    char parent[RESOURCE_ID_SIZE]; /* the resource or scope that it is in; "" for the tenant */
    char scope[RESOURCE_ID_SIZE];  /* what stands before "/providers/", or the parent without it */
    char type[ARM_TYPE_SIZE];      /* "NAMESPACE/TYPE/TYPE", as sent */
    char name[ARM_NAME_SIZE];      /* its own; "" for a collection */
    char action[64];               /* "listKeys" and the like behind an item, else "" */
    char subscription[64];         /* "" outside of one */
    char group[96];                /* "" outside of one */
    bool collection;
    bool nested; /* the parent is a resource of the same namespace */
};

/* segments: decoded, count of them. `posted`: a word behind an item is an action, not a collection.
 * false when it is no path of Resource Manager. Things without a provider, such as
 * /subscriptions/S/resourceGroups/G, get the types of namespace Microsoft.Resources. */
bool arm_path_parse(char *const *segments, size_t count, bool posted, struct arm_path *path);
#endif
