/* SPDX-License-Identifier: MIT */
/*
 * Between acsmtp_logout() and the driver: the parts of an opened driver that logging out needs.
 */
#ifndef LOGOUT_H
#define LOGOUT_H

#include "chain.h"

const struct chain_host *driver_host(const struct acsmtp_driver *driver);
/* NULL when the profile has no credentials. */
struct chain *driver_chain(struct acsmtp_driver *driver);

#endif
