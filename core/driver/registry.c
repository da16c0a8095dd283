/* SPDX-License-Identifier: MIT */
/*
 * Loading through libltdl, made safe. The stock loader opens lazily, reports every failure as "file
 * not found" and searches the environment; it is replaced by one that opens exactly the file that
 * was checked just before, binds everything at once and keeps the real reason. Nothing is ever
 * unloaded: plugins and their libraries register things that must not outlive their code.
 */
#include "acsmtp-defaults.h"
#include "module.h"
#include "plugin_file.h"
#include "registry_private.h"
#include <dlfcn.h>
#include <ltdl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * A program with plugins linked into it defines this table in libltdl's format: {"@PROGRAM@",
 * NULL}, for each plugin {"<module>.a", NULL}, {"<module>_LTX_acsmtp_plugin", function}, and {NULL,
 * NULL} at the end.
 */
extern const lt_dlsymlist acsmtp_preloaded_plugins[] __attribute__((weak, visibility("default")));

/* libltdl has no locks and one error text for all: every call of it is made under this one. */
static pthread_mutex_t ltdl_lock = PTHREAD_MUTEX_INITIALIZER;
static int ltdl_ready;
static struct loaded *all_loaded;
static const char *checked_path; /* what the loader may open now */
static char load_problem[512];

/* ---- the loader ---- */

static lt_module open_checked(lt_user_data data, const char *path, lt_dladvise advise)
{
    void *module;
    const char *problem;

    (void)data;
    (void)advise;
    if (!path || !checked_path || strcmp(path, checked_path) != 0)
        return NULL;
    module = module_open(path);
    if (!module) {
        problem = dlerror();
        (void)snprintf(load_problem, sizeof load_problem, "%s", problem ? problem : "unknown");
    }
    return module;
}

/* The vtable has to be in malloc'ed memory: libltdl frees it at its end. */
static int replace_loader(struct acsmtp_error *err)
{
    const lt_dlvtable *stock = lt_dlloader_find("lt_dlopen");
    lt_dlvtable *ours = stock ? malloc(sizeof *ours) : NULL;
    lt_dlvtable *removed;

    if (!ours)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "libltdl has no loader to replace");
    *ours = *stock;
    ours->name = "acsmtp";
    ours->module_open = open_checked;
    ours->dlloader_exit = NULL;
    removed = lt_dlloader_remove("lt_dlopen");
    free(removed);
    if (removed && lt_dlloader_add(ours) == 0)
        return ACSMTP_OK;
    free(ours);
    return acsmtp_fail(err, ACSMTP_SYSTEM, "libltdl does not take our loader");
}

static int start_ltdl(struct acsmtp_error *err)
{
    int status;

    if (ltdl_ready)
        return ACSMTP_OK;
    if (acsmtp_preloaded_plugins)
        (void)lt_dlpreload_default(acsmtp_preloaded_plugins);
    if (lt_dlinit() != 0)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "libltdl cannot be started: %s", lt_dlerror());
    status = replace_loader(err);
    ltdl_ready = status == ACSMTP_OK;
    return status;
}

/* ---- from a module to a plugin ---- */

static void entry_symbol(const char *name, char *symbol, size_t capacity)
{
    char *c;

    (void)snprintf(symbol, capacity, "%s_LTX_%s", name, ACSMTP_PLUGIN_ENTRY);
    for (c = symbol; *c; c++)
        if (*c == '-')
            *c = '_';
}

/* Asked for by its full name: the plain one could come from a library the module is linked with. */
static int call_entry(lt_dlhandle module, const char *name, const struct acsmtp_plugin **raw,
                      struct acsmtp_error *err)
{
    char symbol[REGISTRY_NAME_MAX + 32];
    acsmtp_plugin_entry entry;
    void *address;

    entry_symbol(name, symbol, sizeof symbol);
    address = lt_dlsym(module, symbol);
    if (!address)
        return acsmtp_fail(err, ACSMTP_SYSTEM,
                           "it has no function %s: not a plugin, or its file was renamed", symbol);
    memcpy(&entry, &address, sizeof entry);
    *raw = entry();
    return ACSMTP_OK;
}

static int open_file(const char *path, lt_dlhandle *module, struct acsmtp_error *err)
{
    const char *problem;

    load_problem[0] = '\0';
    checked_path = path;
    *module = lt_dlopen(path);
    checked_path = NULL;
    if (*module) {
        (void)lt_dlmakeresident(*module);
        return ACSMTP_OK;
    }
    problem = lt_dlerror();
    return acsmtp_fail(err, ACSMTP_SYSTEM, "it cannot be loaded: %s",
                       load_problem[0] ? load_problem : problem);
}

static int make_lock(pthread_mutex_t *lock, struct acsmtp_error *err)
{
    pthread_mutexattr_t kind;
    int problem = pthread_mutexattr_init(&kind);

    /* Recursive: a plugin can stand in its own nested chain. */
    if (problem == 0)
        problem = pthread_mutexattr_settype(&kind, PTHREAD_MUTEX_RECURSIVE);
    if (problem == 0)
        problem = pthread_mutex_init(lock, &kind);
    return problem == 0 ? ACSMTP_OK : acsmtp_fail_errno(err, problem, "cannot make a lock");
}

static int adopt(const struct acsmtp_plugin *raw, const char *path, int kind, const char *name,
                 struct loaded **loaded, struct acsmtp_error *err)
{
    struct loaded *made = NULL;
    int status = registry_check(raw, kind, name, &made, err);

    if (status != ACSMTP_OK)
        return status;
    made->path = strdup(path);
    status =
        made->path ? make_lock(&made->one, err) : acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    if (status != ACSMTP_OK) {
        free(made->path);
        free(made->options);
        free(made);
        return status;
    }
    made->next = all_loaded;
    all_loaded = made;
    *loaded = made;
    return ACSMTP_OK;
}

static struct loaded *find_loaded(const char *path, int kind, const char *name)
{
    struct loaded *loaded = all_loaded;

    while (loaded && (strcmp(loaded->path, path) != 0 || (kind && loaded->plugin.kind != kind) ||
                      strcmp(loaded->plugin.name, name) != 0))
        loaded = loaded->next;
    return loaded;
}

static int load_real(const char *real, int kind, const char *name, struct loaded **loaded,
                     struct acsmtp_error *err)
{
    const struct acsmtp_plugin *raw = NULL;
    lt_dlhandle module = NULL;
    int status;

    *loaded = find_loaded(real, kind, name);
    if (*loaded)
        return ACSMTP_OK;
    status = start_ltdl(err);
    if (status == ACSMTP_OK)
        status = open_file(real, &module, err);
    if (status == ACSMTP_OK)
        status = call_entry(module, name, &raw, err);
    if (status == ACSMTP_OK)
        status = adopt(raw, real, kind, name, loaded, err);
    return status;
}

int registry_load(const char *path, int kind, const char *name, const struct acsmtp_plugin **plugin,
                  struct acsmtp_error *err)
{
    struct loaded *loaded = NULL;
    char *real = NULL;
    int status;

    if (ACSMTP_LOADS_MODULES)
        real = plugin_file_resolve(path, err);
    else
        (void)acsmtp_fail(err, ACSMTP_SYSTEM,
                          "this acsmtp has its plugins inside the program and loads no others");
    status = real ? ACSMTP_OK : ACSMTP_SYSTEM;
    if (status == ACSMTP_OK) {
        (void)pthread_mutex_lock(&ltdl_lock);
        status = load_real(real, kind, name, &loaded, err);
        (void)pthread_mutex_unlock(&ltdl_lock);
    }
    free(real);
    if (status == ACSMTP_OK)
        *plugin = &loaded->plugin;
    else
        acsmtp_error_prefix(err, "%s%splugin '%s' (%s)", kind ? registry_kind_name(kind) : "",
                            kind ? " " : "", name, path);
    return status;
}

/* ---- plugins inside the program ---- */

const char *registry_preloaded(size_t index)
{
    const lt_dlsymlist *row = acsmtp_preloaded_plugins;

    for (; row && row->name; row++)
        if (!row->address && row->name[0] != '@' && index-- == 0)
            return row->name;
    return NULL;
}

/* The hint keeps libltdl from searching folders when no module of that name is preloaded. */
static lt_dlhandle open_preloaded(const char *name)
{
    lt_dladvise advise;
    lt_dlhandle module = NULL;

    if (lt_dladvise_init(&advise) != 0)
        return NULL;
    if (lt_dladvise_preload(&advise) == 0)
        module = lt_dlopenadvise(name, advise);
    (void)lt_dladvise_destroy(&advise);
    return module;
}

/* A preloaded plugin of another kind but the same name is not the one that is asked for. */
static int load_inside(int kind, const char *name, struct loaded **loaded, struct acsmtp_error *err)
{
    static const char path[] = "(built in)";
    const struct acsmtp_plugin *raw = NULL;
    lt_dlhandle module;
    int status;

    *loaded = find_loaded(path, kind, name);
    if (*loaded)
        return ACSMTP_OK;
    status = start_ltdl(err);
    if (status != ACSMTP_OK)
        return status;
    module = open_preloaded(name);
    if (!module)
        return ACSMTP_OK;
    status = call_entry(module, name, &raw, err);
    if (status != ACSMTP_OK || (raw && raw->magic == ACSMTP_ABI_MAGIC && raw->kind != kind))
        return status;
    return adopt(raw, path, kind, name, loaded, err);
}

int registry_load_preloaded(int kind, const char *name, const struct acsmtp_plugin **plugin,
                            struct acsmtp_error *err)
{
    struct loaded *loaded = NULL;
    int status;

    (void)pthread_mutex_lock(&ltdl_lock);
    status = load_inside(kind, name, &loaded, err);
    (void)pthread_mutex_unlock(&ltdl_lock);
    *plugin = status == ACSMTP_OK && loaded ? &loaded->plugin : NULL;
    if (status != ACSMTP_OK)
        acsmtp_error_prefix(err, "%s plugin '%s' (built in)", registry_kind_name(kind), name);
    return status;
}

/* ---- calls ---- */

void registry_enter(struct registry *registry, const struct acsmtp_plugin *plugin)
{
    (void)registry;
    if (plugin->threads == ACSMTP_THREADS_ONE)
        (void)pthread_mutex_lock(&((struct loaded *)plugin)->one);
}

void registry_leave(struct registry *registry, const struct acsmtp_plugin *plugin)
{
    (void)registry;
    if (plugin->threads == ACSMTP_THREADS_ONE)
        (void)pthread_mutex_unlock(&((struct loaded *)plugin)->one);
}
