/* SPDX-License-Identifier: MIT */
/*
 * The plugins that are installed, as JSON: what `acsmtp plugins` prints in either form and what
 * `acsmtp config init` writes its example from.
 */
#ifndef PLUGIN_LIST_H
#define PLUGIN_LIST_H

#include <acsmtp/driver.h>
#include <acsmtp/json.h>

/*
 * An array, one object a plugin: {"kind", "name", "version", "summary", "path", "accepts",
 * "options": [{"name", "type", "required", "secret", "list", "default", "environment", "values",
 * "minimum", "maximum", "summary"}]}; of a file that cannot be used {"path", "problem"}. `name`
 * NULL: all of them.
 */
struct acsmtp_json *plugin_list(struct acsmtp_driver *driver, const char *name,
                                struct acsmtp_error *err);

/* The object of one plugin; `path` NULL: it is left out. */
struct acsmtp_json *plugin_describe(const struct acsmtp_plugin *plugin, const char *path,
                                    struct acsmtp_error *err);

#endif
