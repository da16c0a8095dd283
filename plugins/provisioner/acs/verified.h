/* SPDX-License-Identifier: MIT */
/* What a domain resource says about its verification. */
#ifndef ACS_VERIFIED_H
#define ACS_VERIFIED_H

#include "deployment.h"

/*
 * Keep the domain as ARM gives it among the facts: mail_domain, is_verified. `json` moves, also on
 * failure. PROTOCOL when its mail domain is no host name.
 */
int verified_keep(struct deployment *deployment, struct acsmtp_json *json,
                  struct acsmtp_error *err) ACSMTP_CHECK;

/* Read the domain again. */
int verified_refresh(struct deployment *deployment, struct acsmtp_context *context,
                     struct acsmtp_error *err) ACSMTP_CHECK;

/* "Verified", "NotStarted", ... of "Domain", "SPF", "DKIM", "DKIM2"; "" when it does not say. */
const char *verified_state(const struct deployment *deployment, const char *purpose);
/* Its errorCode; "" for none (Azure writes nothing, "" or "None"). */
const char *verified_problem(const struct deployment *deployment, const char *purpose);

#endif
