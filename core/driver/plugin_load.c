/* SPDX-License-Identifier: MIT */
/* A plugin that is in no plugin folder: for those who make one, and for what is made of tables. */
#include "registry_private.h"
#include <string.h>

int acsmtp_plugin_load(const char *path, const struct acsmtp_plugin **plugin,
                       struct acsmtp_error *err)
{
    const char *slash = strrchr(path, '/');
    const char *file = slash ? slash + 1 : path;
    size_t length = strlen(file);
    char name[REGISTRY_NAME_MAX + 1];

    length = length > 3 && strcmp(file + length - 3, ".so") == 0 ? length - 3 : 0;
    if (length == 0 || length > REGISTRY_NAME_MAX)
        return acsmtp_fail(err, ACSMTP_CONFIG, "%s: a plugin's file is called NAME.so", path);
    memcpy(name, file, length);
    name[length] = '\0';
    if (!registry_name_valid(name))
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "%s: names of plugins are small letters, digits and '-'", path);
    return registry_load(path, 0, name, plugin, err);
}
