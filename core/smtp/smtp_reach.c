/* SPDX-License-Identifier: MIT */
/* TCP to the server, or to a proxy that leads on to it if the environment wants one. */
#include "smtp_private.h"

#include "smtp_dial.h"
#include "smtp_proxy.h"
#include "smtp_resolve.h"
#include "smtp_tunnel.h"

#define CONNECT_TIMEOUT_MS 30000

static int dial(struct smtp_io *io, const char *host, int port, const struct smtp_limit *limit,
                struct acsmtp_error *err)
{
    struct smtp_addresses addresses;
    int fd = -1;
    int status = smtp_resolve(host, port, limit, &addresses, err);

    if (status == ACSMTP_OK)
        status = smtp_dial(&addresses, limit, &fd, err);
    return status == ACSMTP_OK ? smtp_io_open(io, fd, err) : status;
}

static int dial_through(struct smtp_io *io, const struct acsmtp_smtp_options *options,
                        const struct smtp_proxy *proxy, const struct smtp_limit *limit,
                        struct acsmtp_error *err)
{
    int status;

    acsmtp_log(io->context, ACSMTP_LOG_DEBUG, "smtp: %s is reached through the proxy %s:%d",
               options->host, proxy->host, proxy->port);
    status = dial(io, proxy->host, proxy->port, limit, err);
    if (status == ACSMTP_OK)
        status = smtp_tunnel_open(io, proxy, options->host, options->port, limit, err);
    if (status != ACSMTP_OK) {
        io->is_lost = 1;
        acsmtp_error_prefix(err, "proxy %s:%d", proxy->host, proxy->port);
    }
    return status;
}

int smtp_reach(struct smtp_io *io, const struct acsmtp_smtp_options *options,
               struct acsmtp_error *err)
{
    int64_t timeout_ms =
        options->connect_timeout_ms > 0 ? options->connect_timeout_ms : CONNECT_TIMEOUT_MS;
    struct smtp_limit limit = smtp_limit_from_now(io->context, "connection", timeout_ms);
    struct smtp_proxy proxy = {.kind = SMTP_PROXY_NONE};
    int status = smtp_proxy_find(options->host, options->tls == ACSMTP_SMTP_IMPLICIT, &proxy, err);

    if (status == ACSMTP_OK)
        status = proxy.kind == SMTP_PROXY_NONE ? dial(io, options->host, options->port, &limit, err)
                                               : dial_through(io, options, &proxy, &limit, err);
    smtp_proxy_release(&proxy);
    return status;
}
