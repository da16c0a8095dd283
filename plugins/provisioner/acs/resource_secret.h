/* SPDX-License-Identifier: MIT */
/* A client secret, beyond what every resource can do. */
#ifndef ACS_RESOURCE_SECRET_H
#define ACS_RESOURCE_SECRET_H

#include "deployment.h"

/* After look(): a new secret whatever the old one's age, and the old one removed after the grace,
 * which is waited for. */
int resource_secret_rotate(struct resource *resource, struct acsmtp_context *context,
                           struct schedule_step *step, struct acsmtp_error *err) ACSMTP_CHECK;

#endif
