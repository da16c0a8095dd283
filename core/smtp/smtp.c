/* SPDX-License-Identifier: MIT */
/*
 * The public functions of a session, but for sending (smtp_send.c): open, keep alive, close, ask.
 */
#include "smtp_private.h"

#include <stdlib.h>
#include <string.h>

#define REPLY_TIMEOUT_MS 300000 /* RFC 5321 section 4.5.3.2 */
#define END_TIMEOUT_MS 600000
#define QUIT_TIMEOUT_MS 1000
#define MECHANISM_NAME_MAX 20U /* RFC 4422 section 3.1 */

int smtp_fail_reply(const struct smtp_reply *reply, int status, const char *what,
                    struct acsmtp_error *err)
{
    acsmtp_error_server(err, reply->code, reply->enhanced, reply->text);
    return acsmtp_fail(err, status, "%s: %d%s%s %s", what, reply->code,
                       reply->enhanced[0] ? " " : "", reply->enhanced, reply->text);
}

static int check_mechanism(const struct acsmtp_smtp_mechanism *mechanism, struct acsmtp_error *err)
{
    size_t size = mechanism && mechanism->name ? strlen(mechanism->name) : 0;

    if (size == 0 || size > MECHANISM_NAME_MAX || !mechanism->respond ||
        strspn(mechanism->name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != size)
        return acsmtp_fail(err, ACSMTP_CONFIG, "an SMTP session needs a SASL mechanism");
    return ACSMTP_OK;
}

static int open_session(struct acsmtp_smtp *smtp, struct acsmtp_context *context,
                        const struct acsmtp_smtp_options *options, struct acsmtp_error *err)
{
    int has_limit = options->reply_timeout_ms > 0;
    int status;

    smtp->reply_timeout_ms = has_limit ? options->reply_timeout_ms : REPLY_TIMEOUT_MS;
    smtp->end_timeout_ms = has_limit ? options->reply_timeout_ms : END_TIMEOUT_MS;
    smtp->io.is_lost = 1;
    smtp->io.wire.fd = -1;
    smtp_begin(smtp, context);
    status = smtp_connect(smtp, options, err);
    if (status != ACSMTP_OK)
        return status;
    acsmtp_log(context, ACSMTP_LOG_DEBUG, "smtp: connected to %s with %s", smtp->peer,
               SSL_get_version(smtp->io.wire.ssl));
    status = smtp_authenticate(smtp, options->mechanism, err);
    if (status != ACSMTP_OK)
        acsmtp_error_prefix(err, "%s", smtp->peer);
    return status;
}

int acsmtp_smtp_open(struct acsmtp_context *context, const struct acsmtp_smtp_options *options,
                     struct acsmtp_smtp **smtp, struct acsmtp_error *err)
{
    struct acsmtp_smtp *made;
    int status;

    if (options->size < sizeof *options)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "struct acsmtp_smtp_options has no size");
    status = check_mechanism(options->mechanism, err);
    if (status != ACSMTP_OK)
        return status;
    made = calloc(1, sizeof *made);
    if (!made)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    status = open_session(made, context, options, err);
    if (status == ACSMTP_OK)
        *smtp = made;
    else
        acsmtp_smtp_close(made, context);
    return status;
}

void smtp_begin(struct acsmtp_smtp *smtp, struct acsmtp_context *context)
{
    smtp->io.context = context;
    smtp->io.timeout_ms = smtp->reply_timeout_ms;
}

int acsmtp_smtp_noop(struct acsmtp_smtp *smtp, struct acsmtp_context *context,
                     struct acsmtp_error *err)
{
    struct smtp_reply reply = {0};
    int status;

    smtp_begin(smtp, context);
    status = smtp_io_command(&smtp->io, "NOOP\r\n", 6, err);
    if (status == ACSMTP_OK)
        status = smtp_io_reply(&smtp->io, &reply, err);
    if (status == ACSMTP_OK && reply.code == 421)
        smtp->io.is_lost = 1;
    if (status == ACSMTP_OK && reply.code / 100 != 2)
        status = smtp_fail_reply(&reply, reply.code < 500 ? ACSMTP_TEMPORARY : ACSMTP_PROTOCOL,
                                 "NOOP", err);
    return status;
}

void acsmtp_smtp_close(struct acsmtp_smtp *smtp, struct acsmtp_context *context)
{
    if (!smtp)
        return;
    smtp_begin(smtp, context);
    /* The reply is waited for because RFC 5321 section 4.1.1.10 asks for it, but not for long. */
    smtp->io.timeout_ms = QUIT_TIMEOUT_MS;
    if (!smtp->io.is_lost && !acsmtp_context_cancelled(context))
        smtp_io_part(&smtp->io, "QUIT\r\n", 6);
    smtp_io_close(&smtp->io);
    free(smtp);
}

int acsmtp_smtp_capability(const struct acsmtp_smtp *smtp, const char *keyword,
                           const char **parameters)
{
    const char *found = smtp_capabilities_find(&smtp->capabilities, keyword);

    if (found && parameters)
        *parameters = found;
    return found != NULL;
}
