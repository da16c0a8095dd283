/* SPDX-License-Identifier: MIT */
/* The parts of a result that become files of their own. */
#ifndef PROVISION_STORE_H
#define PROVISION_STORE_H

#include "provision_options.h"
#include <acsmtp/json.h>

/* Whether --write-config can work: the file is a config or not there yet. */
int provision_config_check(const struct provision_options *options, struct acsmtp_error *err);

/* The result's profile into the config of --write-config, and how to send with it on stderr. */
int provision_config_write(const struct provision_options *options,
                           const struct acsmtp_json *result, struct acsmtp_error *err);

/* Exported files into --directory; those that are there and differ only with --yes. */
int provision_files_write(const struct provision_options *options, const struct acsmtp_json *files,
                          struct acsmtp_error *err);

#endif
