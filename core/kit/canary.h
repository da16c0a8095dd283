/* SPDX-License-Identifier: MIT */
/*
 * Secrets that were made to be found: the values of SECRET options and what servers give out while
 * a plugin is checked. They are kept masked, so that only what the plugin and its host do with them
 * puts them into memory in the clear.
 */
#ifndef CANARY_H
#define CANARY_H

#include <stddef.h>

enum { CANARY_SIZE = 32, CANARY_COUNT = 8 };

/* Which secret is which; each instance of a plugin has its own of each. */
enum canary { CANARY_OPTION, CANARY_REPLY, CANARY_CHAIN, CANARY_ENTRY };

/* Make the canaries of this process, from the seed of the run. */
void canary_start(unsigned seed);

/* Write the CANARY_SIZE visible characters of the canary of an instance (0 or 1), and a NUL. */
void canary_write(char text[CANARY_SIZE + 1], enum canary canary, unsigned instance);

/*
 * Look from now on for the end of this secret, too, which somebody else has made; what is shorter
 * than 16 bytes may be a word. The latest ones are kept. Any thread.
 */
void canary_learn(const void *bytes, size_t size, enum canary canary);

/* What is in these bytes: the name of the first canary that was found, or NULL. */
const char *canary_find(const void *bytes, size_t size);

/* The instance whose canary is in these bytes, -1 when there is none. */
int canary_owner(const void *bytes, size_t size);

/* Whether the bytes are exactly that canary. */
int canary_is(const void *bytes, size_t size, enum canary canary, unsigned instance);

#endif
