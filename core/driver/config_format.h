/* SPDX-License-Identifier: MIT */
/* The config as people may see it. */
#ifndef CONFIG_FORMAT_H
#define CONFIG_FORMAT_H

#include "config.h"

/*
 * What acsmtp_driver_config_dup() returns: the merged config over several lines, literal secrets
 * replaced by "<secret>". Loads no plugin, so a text counts as secret by the name of its key
 * (...secret..., ...pass..., ...token..., ...key..., ...assertion...); references ({"env": ...} and
 * the like) are shown. For the caller to free(3); NULL and `err` when memory fails.
 */
char *config_format_dup(const struct config *config, struct acsmtp_error *err);

/*
 * A copy of a part of a config that may go into another config and before anybody's eyes: each
 * literal secret has become {"prompt": true}. NULL and `err` when memory fails.
 */
struct acsmtp_json *config_format_share(const struct acsmtp_json *part, struct acsmtp_error *err);

#endif
