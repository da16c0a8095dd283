/* SPDX-License-Identifier: MIT */
/* TLS of a session: what is trusted, from which version on, for which host, and no stalls. */
#ifndef SMTP_TLS_H
#define SMTP_TLS_H

#include "smtp_wait.h"
#include "smtp_wire.h"

#include <acsmtp/error.h>
#include <acsmtp/smtp.h>

/*
 * Make everything ready for a handshake on `wire`, which must stay where it is; *ssl is for the
 * caller to free, or to give to smtp_tls_start(). Trust is that of the options, else the cloud's
 * "ca_file", else the system's. CONFIG with the code "tls" when what is to be trusted is unusable.
 */
int smtp_tls_prepare(struct smtp_wire *wire, const struct acsmtp_smtp_options *options,
                     const struct acsmtp_context *context, SSL **ssl,
                     struct acsmtp_error *err) ACSMTP_CHECK;

/*
 * The handshake, and the peer's certificate checked. PROTOCOL with the code "tls", or TEMPORARY
 * with "lost" or "timeout". The wire owns `ssl` from here on.
 */
int smtp_tls_start(struct smtp_wire *wire, SSL *ssl, const struct smtp_limit *limit,
                   struct acsmtp_error *err) ACSMTP_CHECK;

#endif
