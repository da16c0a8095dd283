/* SPDX-License-Identifier: MIT */
/*
 * A plugin as the dynamic linker has it in memory: what it exports, how it was linked, its writable
 * data, and the slots through which it calls functions of others, which can be turned to ours. So
 * exactly the calls that the plugin itself makes are seen, whoever else calls the same function.
 */
#ifndef IMAGE_H
#define IMAGE_H

#include <stddef.h>

struct link_map;

struct image {
    const struct link_map *map;
    unsigned char *data; /* writable after loading, without what is read-only after relocation */
    size_t data_size;
    int linked_now;
};

/* A function of ours in the place of the one of that name. */
struct image_hook {
    const char *name;
    void (*function)(void);
};

/* `module` is a handle of dlopen(3). 0, or -1 when the linker does not tell. */
int image_read(void *module, struct image *image);

/* Turn every slot of those names; those that the plugin does not call are passed over. */
void image_hook(const struct image *image, const struct image_hook *hooks, size_t count);

/* The same in the libraries that were loaded with it, and in no others. */
void image_hook_libraries(const struct image *image, const struct image_hook *hooks, size_t count);

/* A copy of the writable data, for the caller to free(3). NULL when memory fails. */
unsigned char *image_snapshot(const struct image *image);

/* The first byte that is not as in the snapshot; data_size when there is none. */
size_t image_changed(const struct image *image, const unsigned char *snapshot);

/* The index-th symbol that the plugin defines for others, NULL beyond the last. */
const char *image_export(const struct image *image, size_t index);

#endif
