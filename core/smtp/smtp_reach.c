/* SPDX-License-Identifier: MIT */
/* TCP to the server. */
#include "smtp_private.h"

#include "smtp_dial.h"
#include "smtp_resolve.h"

#define CONNECT_TIMEOUT_MS 30000

int smtp_reach(struct smtp_io *io, const struct acsmtp_smtp_options *options,
               struct acsmtp_error *err)
{
    int64_t timeout_ms =
        options->connect_timeout_ms > 0 ? options->connect_timeout_ms : CONNECT_TIMEOUT_MS;
    struct smtp_limit limit = smtp_limit_from_now(io->context, "connection", timeout_ms);
    struct smtp_addresses addresses;
    int fd = -1;
    int status = smtp_resolve(options->host, options->port, &limit, &addresses, err);

    if (status == ACSMTP_OK)
        status = smtp_dial(&addresses, &limit, &fd, err);
    return status == ACSMTP_OK ? smtp_io_open(io, fd, err) : status;
}
