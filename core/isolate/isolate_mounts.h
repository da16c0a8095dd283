/* SPDX-License-Identifier: MIT */
/*
 * The other names of a file where what it is in is mounted more than once (mount --bind, an image
 * that is seen whole as well as in parts).
 */
#ifndef ISOLATE_MOUNTS_H
#define ISOLATE_MOUNTS_H

#include <stddef.h>

struct isolate_mounts;
struct mount;

/* As they are now. NULL: no memory, or a system that does not tell (proc(5), mountinfo). */
struct isolate_mounts *isolate_mounts_read(void);
void isolate_mounts_free(struct isolate_mounts *mounts);

/* The one that a real path is in, borrowed; NULL when `mounts` is, or has none. */
const struct mount *isolate_mounts_find(const struct isolate_mounts *mounts, const char *path);

/*
 * The name that a path in `own` has by way of the mount of that index: 1 and `alias`; 0 when it has
 * none there, or that is the same; -1 behind the last mount.
 */
int isolate_mounts_alias(const struct isolate_mounts *mounts, size_t index, const struct mount *own,
                         const char *path, char *alias, size_t capacity);

#endif
