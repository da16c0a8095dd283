/* SPDX-License-Identifier: MIT */
/* Loading the plugin that is checked, see subject.h. */
#include "subject.h"
#include "driver/module.h"
#include "driver/registry_private.h"
#include "memory.h"
#include "services.h"
#include "verdict.h"
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int subject_name(const char *path, char name[SUBJECT_NAME_MAX + 1])
{
    const char *slash = strrchr(path, '/');
    const char *base = slash ? slash + 1 : path;
    const char *dot = strrchr(base, '.');
    size_t length = dot ? (size_t)(dot - base) : 0;

    if (!dot || strcmp(dot, ".so") != 0 || length > SUBJECT_NAME_MAX)
        return -1;
    memcpy(name, base, length);
    name[length] = '\0';
    return registry_name_valid(name) ? 0 : -1;
}

static void entry_symbol(const char *name, char *symbol, size_t capacity)
{
    (void)snprintf(symbol, capacity, "%s_LTX_%s", name, ACSMTP_PLUGIN_ENTRY);
    for (char *c = symbol; *c; c++)
        if (*c == '-')
            *c = '_';
}

static void hook_all(const struct image *image)
{
    image_hook(image, memory_hooks, memory_hook_count);
    image_hook(image, service_hooks, service_hook_count);
    image_hook(image, network_hooks, network_hook_count);
    image_hook_libraries(image, library_hooks, library_hook_count);
    image_hook(image, object_hooks, object_hook_count);
    image_hook(image, smtp_hooks, smtp_hook_count);
}

/* The same for every check, so it is told by the first alone. */
static int fail_loading(const char *why)
{
    int lacks_library = strstr(why, "cannot open shared object file") != NULL;

    (void)verdict_fail(RULE_LINKED_NOW, "it cannot be loaded, and nothing more be checked: %s%s",
                       why,
                       lacks_library ? " (link it with -Wl,-rpath,FOLDER, if the dynamic linker "
                                       "does not look where that library is)"
                                     : "");
    verdict_end();
    return -1;
}

int subject_load(struct subject *subject)
{
    char symbol[SUBJECT_NAME_MAX + 32];
    void *module, *address;

    verdict_step("loading");
    module = module_open(subject->path);
    if (!module)
        return fail_loading(dlerror());
    if (image_read(module, &subject->image) != 0)
        return verdict_fail(RULE_ONE_ENTRY, "the dynamic linker tells nothing about it");
    entry_symbol(subject->name, symbol, sizeof symbol);
    address = dlsym(module, symbol);
    if (!address) {
        verdict_end();
        return verdict_fail(RULE_ONE_ENTRY,
                            "it has no function %s: not a plugin, or its file was renamed", symbol);
    }
    memcpy(&subject->entry, &address, sizeof subject->entry);
    hook_all(&subject->image);
    verdict_step("in the entry function");
    subject->raw = subject->entry();
    return 0;
}

int subject_take(struct subject *subject)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct loaded *loaded = NULL;

    if (subject_load(subject) != 0)
        return -1;
    if (!subject->raw)
        return verdict_fail(RULE_ONE_ENTRY, "its entry function returns nothing");
    if (registry_check(subject->raw, subject->raw->kind, subject->name, &loaded, &err) != 0)
        return verdict_fail(RULE_ABI, "%s", err.message);
    subject->plugin = &loaded->plugin;
    return 0;
}
