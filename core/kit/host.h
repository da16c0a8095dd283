/* SPDX-License-Identifier: MIT */
/*
 * What the host brings to an instance: settings that were built and checked as from any config, a
 * nested chain that always has an answer, a cloud whose names lead nowhere or to the stand-in for a
 * provider (provider.h), a log that is read.
 */
#ifndef HOST_H
#define HOST_H

#include "subject.h"
#include <acsmtp/context.h>
#include <acsmtp/settings.h>

/* Settings for the instance of that number. -1 with the verdict. */
int host_settings(const struct subject *subject, unsigned instance,
                  struct acsmtp_settings **settings);
void host_settings_free(struct acsmtp_settings *settings);

/* Whether settings can be made: the status and `err`. No verdict. */
int host_settings_try(const struct subject *subject, struct acsmtp_error *err);

/*
 * A context with the endpoints of a cloud and a log on which nothing is dropped; a line that holds
 * a canary is a verdict. `timeout_ms` below 0: none. NULL when memory fails.
 */
struct acsmtp_context *host_context(int64_t timeout_ms);

#endif
