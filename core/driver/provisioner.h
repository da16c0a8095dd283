/* SPDX-License-Identifier: MIT */
/*
 * The provisioner of a profile: which plugin it is, what its settings come from, and one operation
 * of it from open to close.
 */
#ifndef PROVISIONER_H
#define PROVISIONER_H

#include "chain.h"
#include <acsmtp/provision.h>

struct provisioner;

/*
 * Of the config's "provision", at the top level and in the profile: the profile's options go before
 * those of the top level, unless it names another plugin. The profile's chain stands for an option
 * "credentials" that nobody gave. Loads nothing.
 */
int provisioner_open(const struct chain_host *host, struct provisioner **provisioner,
                     struct acsmtp_error *err);
void provisioner_close(struct provisioner *provisioner);

/* The plugin, loaded. Borrowed until the end of the process. */
int provisioner_plugin(struct provisioner *provisioner, const struct acsmtp_plugin **plugin,
                       struct acsmtp_error *err);

/* Whether what the config says about it is right; OK when it says nothing. */
int provisioner_check(struct provisioner *provisioner, struct acsmtp_error *err);

/* As acsmtp_driver_provision(). */
int provisioner_run(struct provisioner *provisioner, struct acsmtp_context *context,
                    const char *operation, const struct acsmtp_provision_request *request,
                    const char *const *options, size_t option_count,
                    const struct acsmtp_provision_observer *observer, struct acsmtp_json **result,
                    struct acsmtp_error *err);

#endif
