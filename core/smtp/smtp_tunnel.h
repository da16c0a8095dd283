/* SPDX-License-Identifier: MIT */
/* Asking a proxy, to whom the connection stands, to lead it on to the server. */
#ifndef SMTP_TUNNEL_H
#define SMTP_TUNNEL_H

#include "smtp_private.h"
#include "smtp_proxy.h"

/*
 * TEMPORARY with the code "connect_unreachable" when the proxy does not connect, CONFIG when it
 * wants other credentials, PROTOCOL when it is no such proxy. What the server says behind the
 * proxy's answer stays in `io`.
 */
int smtp_tunnel_open(struct smtp_io *io, const struct smtp_proxy *proxy, const char *host, int port,
                     const struct smtp_limit *limit, struct acsmtp_error *err) ACSMTP_CHECK;

/* ---- smtp_socks.c ---- */

int smtp_socks_open(struct smtp_io *io, const struct smtp_proxy *proxy, const char *host, int port,
                    const struct smtp_limit *limit, struct acsmtp_error *err) ACSMTP_CHECK;

#endif
