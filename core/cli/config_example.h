/* SPDX-License-Identifier: MIT */
/* The config that `acsmtp config init` begins with. */
#ifndef CONFIG_EXAMPLE_H
#define CONFIG_EXAMPLE_H

#include <acsmtp/error.h>
#include <acsmtp/json.h>

/*
 * Write it for the plugins of plugin_list() into a new file that only its owner can read; missing
 * folders are made. A file that is there already is left alone: a failure.
 */
int config_example_create(const char *path, const struct acsmtp_json *plugins,
                          struct acsmtp_error *err) ACSMTP_CHECK;

#endif
