/* SPDX-License-Identifier: MIT */
/*
 * RTLD_NOW binds a module and all of its libraries at once. For a plugin that is right: a missing
 * symbol shows when it is loaded, not in the middle of its work. For the thirty libraries behind
 * libcurl it is most of the time that loading takes. So a module that was linked with -z now, as
 * plugins should be, is opened lazily, which binds it whole and its libraries as they are used; any
 * other is bound whole with everything it needs.
 */
#include "module.h"
#include <dlfcn.h>
#include <link.h>
#include <stddef.h>

static int is_linked_now(void *module)
{
    const struct link_map *map = NULL;

    if (dlinfo(module, RTLD_DI_LINKMAP, &map) != 0)
        return 0;
    for (const ElfW(Dyn) *entry = map->l_ld; entry->d_tag != DT_NULL; entry++)
        if (entry->d_tag == DT_BIND_NOW ||
            (entry->d_tag == DT_FLAGS && (entry->d_un.d_val & DF_BIND_NOW)) ||
            (entry->d_tag == DT_FLAGS_1 && (entry->d_un.d_val & DF_1_NOW)))
            return 1;
    return 0;
}

void *module_open(const char *path)
{
    void *lazy = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
    void *bound;

    if (!lazy || is_linked_now(lazy))
        return lazy;
    bound = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    /* The second open counts for itself. A failure's text must outlive the close: it is asked
     * later. */
    if (bound)
        (void)dlclose(lazy);
    return bound;
}
