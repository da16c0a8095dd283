/* SPDX-License-Identifier: MIT */
/* What comes of a provisioning operation: shown, stored, put into a config. */
#ifndef PROVISION_RESULT_H
#define PROVISION_RESULT_H

#include "provision_options.h"
#include <acsmtp/json.h>

/* As program_fail(), but one line of JSON with --json: {"type": "error", "error": {...}}. */
int provision_fail(const struct program *program, const struct acsmtp_error *err);

/* Whether everything can be stored that is to be stored; before the work. */
int provision_result_check(const struct provision_options *options, struct acsmtp_error *err);

/*
 * Store what the options say: the output, the profile, exported files. A failure leaves the result
 * itself unharmed: it can still be shown.
 */
int provision_result_store(const struct provision_options *options,
                           const struct acsmtp_json *result, struct acsmtp_error *err);

/* Show what was not stored, for a person, or as an event. Returns an exit code. */
int provision_result_show(const struct program *program, const struct provision_options *options,
                          const struct acsmtp_json *result);

#endif
