/* SPDX-License-Identifier: MIT */
/*
 * The transports of a profile, and how mails get through one of them.
 */
#ifndef DELIVERY_H
#define DELIVERY_H

#include "chain.h"
#include <acsmtp/driver.h>

struct delivery;

/* `chain` is the profile's, NULL when it has none; both arguments are borrowed. Loads no plugin. */
int delivery_open(const struct chain_host *host, struct chain *chain, struct delivery **delivery,
                  struct acsmtp_error *err);
void delivery_close(struct delivery *delivery);

/* Load every transport and check its settings. */
int delivery_check(struct delivery *delivery, struct acsmtp_error *err);

/* As acsmtp_driver_set_dry_run(); while nothing is being delivered. */
int delivery_set_dry_run(struct delivery *delivery, const char *folder, struct acsmtp_error *err);

/* As acsmtp_driver_deliver(). `request` says what token is wanted, complete with scope and the
 * profile's user name. */
int delivery_run(struct delivery *delivery, struct acsmtp_context *context,
                 const struct acsmtp_credential_request *request, const struct acsmtp_mail *mails,
                 size_t count, struct acsmtp_report *report, struct acsmtp_error *err);

#endif
