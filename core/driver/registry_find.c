/* SPDX-License-Identifier: MIT */
/*
 * Where plugins are: folder/<kind>/<name>.so in the folders of the config, in their order; a plugin
 * that is linked into the program goes before all of them. The first file of the name is the one:
 * when it cannot be used that is an error, not a reason to look for another.
 */
#include "plugin_file.h"
#include "registry_private.h"
#include "settings_build.h"
#include <acsmtp/text.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FOUND_MAX 1024

struct registry {
    const struct config *config;
};

const char *registry_kind_name(int kind)
{
    switch (kind) {
    case ACSMTP_KIND_CREDENTIAL:
        return "credential";
    case ACSMTP_KIND_TRANSPORT:
        return "transport";
    case ACSMTP_KIND_COMPOSER:
        return "composer";
    case ACSMTP_KIND_PROVISIONER:
        return "provisioner";
    case ACSMTP_KIND_KEYRING:
        return "keyring";
    default:
        return NULL;
    }
}

int registry_name_valid(const char *name)
{
    size_t length = strlen(name);

    return length > 0 && length <= REGISTRY_NAME_MAX && name[0] != '-' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
}

int registry_open(const struct config *config, struct registry **registry, struct acsmtp_error *err)
{
    struct registry *made = calloc(1, sizeof *made);

    if (!made)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    made->config = config;
    *registry = made;
    return ACSMTP_OK;
}

void registry_close(struct registry *registry)
{
    free(registry);
}

/* ---- every file there is ---- */

struct found {
    int kind;
    size_t folder;
    char name[REGISTRY_NAME_MAX + 1];
};

struct found_list {
    struct found *items;
    size_t count;
};

/* Length of the plugin's name in "name.so", 0 when the file is none. */
static size_t plugin_name_length(const char *file)
{
    size_t length = strlen(file);

    return length > 3 && length <= REGISTRY_NAME_MAX + 3 && strcmp(file + length - 3, ".so") == 0
               ? length - 3
               : 0;
}

static void add_found(struct found_list *list, int kind, size_t folder, const char *file)
{
    size_t length = plugin_name_length(file);
    struct found *item = &list->items[list->count];

    if (length == 0 || list->count == FOUND_MAX)
        return;
    memcpy(item->name, file, length);
    item->name[length] = '\0';
    if (!registry_name_valid(item->name))
        return;
    item->kind = kind;
    item->folder = folder;
    list->count++;
}

static int file_path(const struct registry *registry, size_t folder, int kind, const char *name,
                     char *path, size_t capacity)
{
    const char *base = config_plugin_folder(registry->config, folder);
    int length;

    if (!base || base[0] != '/')
        return 0;
    length = snprintf(path, capacity, "%s/%s/%s%s", base, registry_kind_name(kind), name,
                      name[0] ? ".so" : "");
    return length > 0 && (size_t)length < capacity;
}

static void list_folder(const struct registry *registry, int kind, size_t folder,
                        struct found_list *list)
{
    char path[PATH_MAX];
    struct dirent *entry;
    DIR *stream;

    if (!file_path(registry, folder, kind, "", path, sizeof path) || !(stream = opendir(path)))
        return;
    while ((entry = readdir(stream)))
        add_found(list, kind, folder, entry->d_name);
    (void)closedir(stream);
}

static int compare_found(const void *left, const void *right)
{
    const struct found *a = left;
    const struct found *b = right;
    int order = a->kind - b->kind;

    if (order == 0)
        order = strcmp(a->name, b->name);
    if (order == 0)
        order = a->folder < b->folder ? -1 : a->folder > b->folder;
    return order;
}

static int list_all(const struct registry *registry, struct found_list *list,
                    struct acsmtp_error *err)
{
    size_t folders = config_plugin_folders(registry->config);
    size_t folder;
    int kind;

    list->count = 0;
    list->items = calloc(FOUND_MAX + 1, sizeof *list->items);
    if (!list->items)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    for (kind = ACSMTP_KIND_CREDENTIAL; kind <= ACSMTP_KIND_KEYRING; kind++)
        for (folder = 0; folder < folders; folder++)
            list_folder(registry, kind, folder, list);
    qsort(list->items, list->count, sizeof *list->items, compare_found);
    return ACSMTP_OK;
}

/* ---- one by name ---- */

/*
 * The plugin inside the program whose module has that name. The table tells a module's name only
 * ('_' for '-'), and no kind (0: any): the descriptor knows both.
 */
static const struct acsmtp_plugin *preloaded_plugin(const char *module, int kind)
{
    struct acsmtp_error problem = ACSMTP_ERROR_INIT;
    const struct acsmtp_plugin *plugin = NULL;
    char name[REGISTRY_NAME_MAX + 1];
    size_t i;
    int from = kind ? kind : ACSMTP_KIND_CREDENTIAL;
    int to = kind ? kind : ACSMTP_KIND_KEYRING;

    for (i = 0; i < REGISTRY_NAME_MAX && module[i] && module[i] != '.'; i++)
        name[i] = (char)(module[i] == '_' ? '-' : module[i]);
    name[i] = '\0';
    for (; from <= to && !plugin; from++)
        (void)registry_load_preloaded(from, name, &plugin, &problem);
    return plugin;
}

/* What `name` may have been meant to be, NULL when nothing is near. `kind` 0: of any kind. */
static const char *nearest(const struct found_list *list, int kind, const char *name)
{
    const char **names = calloc(list->count + 1, sizeof *names);
    const char *module;
    const char *near;
    size_t count = 0;
    size_t i;

    if (!names)
        return NULL;
    for (i = 0; i < list->count; i++)
        if (kind == 0 || list->items[i].kind == kind)
            names[count++] = list->items[i].name;
    near = acsmtp_suggest(name, names, count);
    free(names);
    for (i = 0; (module = registry_preloaded(i)); i++) {
        const struct acsmtp_plugin *plugin = preloaded_plugin(module, kind);
        const char *rivals[] = {near, plugin ? plugin->name : NULL};

        near = acsmtp_suggest(name, near ? rivals : rivals + 1, (near != NULL) + (plugin != NULL));
    }
    return near;
}

static void folders_text(const struct registry *registry, char *text, size_t capacity)
{
    size_t folders = config_plugin_folders(registry->config);
    size_t used = 0;
    size_t i;

    text[0] = '\0';
    for (i = 0; i < folders && used < capacity; i++)
        used += (size_t)snprintf(text + used, capacity - used, "%s%s", i ? ", " : "",
                                 config_plugin_folder(registry->config, i));
}

/* `kind` 0: of any kind. */
static int not_found(const struct registry *registry, int kind, const char *name,
                     struct acsmtp_error *err)
{
    const char *kind_name = kind ? registry_kind_name(kind) : "";
    struct found_list list = {0};
    char folders[600];
    const char *near;
    int status = list_all(registry, &list, err);

    if (status != ACSMTP_OK)
        return status;
    near = nearest(&list, kind, name);
    folders_text(registry, folders, sizeof folders);
    status = acsmtp_fail(err, ACSMTP_CONFIG, "there is no %s%splugin '%s'%s%s%s (searched: %s)",
                         kind_name, kind ? " " : "", name, near ? "; did you mean '" : "",
                         near ? near : "", near ? "'?" : "",
                         folders[0] ? folders : "this program, which loads no modules");
    acsmtp_error_server(err, 0, REGISTRY_MISSING, NULL);
    free(list.items);
    return status;
}

static int find_file(const struct registry *registry, int kind, const char *name, char *path,
                     size_t capacity)
{
    size_t folders = config_plugin_folders(registry->config);
    struct stat info;
    size_t i;

    for (i = 0; i < folders; i++)
        if (file_path(registry, i, kind, name, path, capacity) &&
            (lstat(path, &info) == 0 || (errno != ENOENT && errno != ENOTDIR)))
            return 1;
    return 0;
}

static int check_name(int kind, const char *name, struct acsmtp_error *err)
{
    if (registry_kind_name(kind) && registry_name_valid(name))
        return ACSMTP_OK;
    return acsmtp_fail(err, ACSMTP_CONFIG,
                       "'%s' cannot be a plugin: names are small letters, digits and '-'", name);
}

int registry_locate(struct registry *registry, int kind, const char *name, char **path,
                    struct acsmtp_error *err)
{
    const struct acsmtp_plugin *inside = NULL;
    char found[PATH_MAX];
    int status = check_name(kind, name, err);

    if (status == ACSMTP_OK)
        status = registry_load_preloaded(kind, name, &inside, err);
    if (status == ACSMTP_OK && inside)
        status = acsmtp_fail(err, ACSMTP_CONFIG,
                             "%s plugin '%s' is built into this program and cannot be isolated",
                             registry_kind_name(kind), name);
    if (status == ACSMTP_OK && !find_file(registry, kind, name, found, sizeof found))
        status = not_found(registry, kind, name, err);
    if (status != ACSMTP_OK)
        return status;
    *path = plugin_file_resolve(found, err);
    if (*path)
        return ACSMTP_OK;
    acsmtp_error_prefix(err, "%s plugin '%s' (%s)", registry_kind_name(kind), name, found);
    return ACSMTP_SYSTEM;
}

int registry_get(struct registry *registry, int kind, const char *name,
                 const struct acsmtp_plugin **plugin, struct acsmtp_error *err)
{
    const struct acsmtp_plugin *found = NULL;
    char path[PATH_MAX];
    int status = check_name(kind, name, err);

    if (status != ACSMTP_OK)
        return status;
    status = registry_load_preloaded(kind, name, &found, err);
    if (status == ACSMTP_OK && !found)
        status = find_file(registry, kind, name, path, sizeof path)
                     ? registry_load(path, kind, name, &found, err)
                     : not_found(registry, kind, name, err);
    if (status == ACSMTP_OK)
        *plugin = found;
    return status;
}

/* ---- all of them ---- */

static int visit_file(const struct registry *registry, const struct found *item,
                      acsmtp_plugin_visitor visit, void *data)
{
    struct acsmtp_error problem = ACSMTP_ERROR_INIT;
    const struct acsmtp_plugin *plugin = NULL;
    char path[PATH_MAX];

    if (!file_path(registry, item->folder, item->kind, item->name, path, sizeof path))
        return 0;
    (void)registry_load(path, item->kind, item->name, &plugin, &problem);
    return visit(data, path, plugin, plugin ? NULL : problem.message);
}

static int visit_preloaded(const char *module, const char *name, acsmtp_plugin_visitor visit,
                           void *data, size_t *visited)
{
    const struct acsmtp_plugin *plugin = preloaded_plugin(module, 0);

    if (!plugin || (name && strcmp(name, plugin->name) != 0))
        return 0;
    ++*visited;
    return visit(data, "(built in)", plugin, NULL);
}

static int visit_list(const struct registry *registry, const struct found_list *list,
                      const char *name, acsmtp_plugin_visitor visit, void *data, size_t *visited)
{
    const char *module;
    int status = 0;
    size_t i;

    for (i = 0; status == 0 && (module = registry_preloaded(i)); i++)
        status = visit_preloaded(module, name, visit, data, visited);
    for (i = 0; status == 0 && i < list->count; i++)
        if (!name || strcmp(name, list->items[i].name) == 0) {
            ++*visited;
            status = visit_file(registry, &list->items[i], visit, data);
        }
    return status;
}

int registry_visit(struct registry *registry, const char *name, acsmtp_plugin_visitor visit,
                   void *data, struct acsmtp_error *err)
{
    struct found_list list = {0};
    size_t visited = 0;
    int status = list_all(registry, &list, err);

    if (status != ACSMTP_OK)
        return status;
    status = visit_list(registry, &list, name, visit, data, &visited);
    free(list.items);
    if (status == 0 && name && visited == 0)
        return not_found(registry, 0, name, err);
    return status;
}

/* ---- their names ---- */

struct naming {
    registry_name_visitor visit;
    void *data;
};

static int visit_built_in(void *data, const char *path, const struct acsmtp_plugin *plugin,
                          const char *problem)
{
    const struct naming *naming = data;

    (void)path;
    (void)problem;
    return naming->visit(naming->data, plugin->kind, plugin->name);
}

int registry_names(struct registry *registry, registry_name_visitor visit, void *data,
                   struct acsmtp_error *err)
{
    struct naming naming = {visit, data};
    struct found_list list = {0};
    const char *module;
    size_t visited = 0, i;
    int status = list_all(registry, &list, err);

    if (status != ACSMTP_OK)
        return status;
    for (i = 0; status == 0 && (module = registry_preloaded(i)); i++)
        status = visit_preloaded(module, NULL, visit_built_in, &naming, &visited);
    for (i = 0; status == 0 && i < list.count; i++)
        status = visit(data, list.items[i].kind, list.items[i].name);
    free(list.items);
    return status;
}
