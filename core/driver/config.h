/* SPDX-License-Identifier: MIT */
/*
 * The merged config: system file, conf.d, user file, --config, environment, command line, in that
 * order; objects are merged key by key, everything else is replaced. Knows where each key was
 * written, and nothing of what plugins mean by theirs.
 */
#ifndef CONFIG_H
#define CONFIG_H

#include <acsmtp/driver.h>
#include <acsmtp/json.h>
#include <limits.h>

struct config;

int config_load(const struct acsmtp_driver_options *options, struct config **config,
                struct acsmtp_error *err);
/* The same without choosing a profile, for who looks at all of them; `options` may be NULL. */
int config_load_whole(const struct acsmtp_driver_options *options, struct config **config,
                      struct acsmtp_error *err);
void config_free(struct config *config);

/* The chosen profile and its name; the whole merged document. Borrowed. */
const struct acsmtp_json *config_profile(const struct config *config);
const char *config_profile_name(const struct config *config);
const struct acsmtp_json *config_root(const struct config *config);

/* The folders of plugins in the order of their search: ACSMTP_PLUGIN_PATH, "plugin_path", built in;
 * none for a program that loads no modules. */
size_t config_plugin_folders(const struct config *config);
const char *config_plugin_folder(const struct config *config, size_t index);

#define CONFIG_WHERE_MAX (PATH_MAX + 64) /* what config_where() may need */

/*
 * "FILE:LINE" (or "--set", or the variable's name) of the value at a dotted path from the root,
 * "profiles.acs.credentials.0.tenant_id". Always gives something to print.
 */
void config_where(const struct config *config, const char *path, char *where, size_t capacity);

#endif
