/* SPDX-License-Identifier: MIT */
/*
 * The plugin's own memory: every block that it allocates is known until it frees it, fails when the
 * probe says so, and is searched for canaries before it is given back.
 */
#ifndef MEMORY_H
#define MEMORY_H

#include "image.h"

/* In the place of malloc(3) and its family, for the plugin alone. */
extern const struct image_hook memory_hooks[];
extern const size_t memory_hook_count;

/* Blocks that the plugin has allocated and not freed. */
size_t memory_live(void);

/* Search the blocks that are still there, as memory_hooks do with what is freed. */
void memory_search(void);

#endif
