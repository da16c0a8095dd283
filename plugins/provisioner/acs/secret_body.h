/* SPDX-License-Identifier: MIT */
/* The body of Set Secret: JSON that holds a secret, and so is one itself. */
#ifndef ACS_SECRET_BODY_H
#define ACS_SECRET_BODY_H

#include "vault.h"

/* `expires` in Unix seconds. NULL when memory fails. */
struct acsmtp_secret *secret_body_new(const char *marker, const struct vault_secret *secret,
                                      const struct acsmtp_secret *value, int64_t expires,
                                      struct acsmtp_error *err);

#endif
