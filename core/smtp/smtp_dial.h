/* SPDX-License-Identifier: MIT */
/* From addresses to a TCP connection: happy eyeballs (RFC 8305). */
#ifndef SMTP_DIAL_H
#define SMTP_DIAL_H

#include "smtp_resolve.h"
#include "smtp_wait.h"

/*
 * Try the addresses one after the other, the next one when the last has failed or has not answered
 * for 250 ms; the first to connect wins. *fd is non-blocking, close-on-exec, without Nagle's delay,
 * and for the caller to close. TEMPORARY with the code "connect_refused", "connect_unreachable" or
 * "timeout".
 */
int smtp_dial(const struct smtp_addresses *addresses, const struct smtp_limit *limit, int *fd,
              struct acsmtp_error *err) ACSMTP_CHECK;

#endif
