/* SPDX-License-Identifier: MIT */
/*
 * The whole way that a mail takes, looked at from the config's plugins to the provider's rules; see
 * acsmtp_driver_diagnose(). Nothing found ends the walk.
 */
#ifndef DIAGNOSE_H
#define DIAGNOSE_H

#include "delivery.h"
#include "provisioner.h"
#include <acsmtp/diagnose.h>

/* All borrowed. */
struct diagnosis {
    const struct chain_host *host;
    struct chain *chain; /* NULL when the profile has no credentials */
    struct delivery *delivery;
    struct provisioner *provisioner;
    struct acsmtp_context *context;
    const struct acsmtp_credential_request *request; /* complete, as for a delivery */
    const char *sender;                              /* the profile's "from", or NULL */
    const struct acsmtp_finding_sink *sink;
};

/* CANCELLED or SYSTEM; OK however the checks end. */
int diagnose_run(const struct diagnosis *diagnosis, struct acsmtp_error *err);

#endif
