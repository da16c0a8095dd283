/* SPDX-License-Identifier: MIT */
/*
 * The beginning of a session: greeting, EHLO, STARTTLS, and EHLO again, for what was said in clear
 * may come from anybody (RFC 3207 section 4.2).
 */
#include "smtp_private.h"

#include "net/place.h"
#include "smtp_tls.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define EHLO_NAME_MAX 255U

/* ---- the options ---- */

static int is_host(const char *host)
{
    size_t size = host ? strlen(host) : 0;

    if (size == 0 || size > NET_HOST_MAX)
        return 0;
    for (; *host; host++)
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:", *host))
            return 0;
    return 1;
}

/* A host name or an address literal (RFC 5321 section 4.1.4). */
static int is_ehlo_name(const char *name)
{
    size_t size = strlen(name);

    return size > 0 && size <= EHLO_NAME_MAX &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:[]") ==
               size;
}

static const char *ehlo_name(const struct acsmtp_smtp_options *options, char *buffer, size_t size)
{
    if (options->ehlo)
        return options->ehlo;
    if (gethostname(buffer, size) != 0)
        return "localhost";
    buffer[size - 1] = '\0';
    return is_ehlo_name(buffer) ? buffer : "localhost";
}

static int check_options(const struct acsmtp_smtp_options *options, const char *name,
                         struct acsmtp_error *err)
{
    if (!is_host(options->host))
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "the SMTP host is missing or not a host name (one that is not ASCII is "
                           "written in its xn-- form)");
    if (options->port < 1 || options->port > 65535)
        return acsmtp_fail(err, ACSMTP_CONFIG, "the SMTP port %d is not within 1 to 65535",
                           (int)options->port);
    if (!is_ehlo_name(name))
        return acsmtp_fail(err, ACSMTP_CONFIG, "the EHLO name is not a host name");
    return ACSMTP_OK;
}

/* ---- TLS ---- */

/* Bytes that came in clear must not be taken for words of the server (RFC 3207 section 6). */
static int start_tls(struct smtp_io *io, SSL **ssl, struct acsmtp_error *err)
{
    struct smtp_limit limit =
        smtp_limit_from_now(io->context, "complete TLS handshake", io->timeout_ms);
    int status = ACSMTP_OK;

    if (io->in_size > 0)
        status = acsmtp_fail(err, ACSMTP_PROTOCOL,
                             "the server speaks before TLS begins, which is not what SMTP allows");
    if (status == ACSMTP_OK)
        status = smtp_tls_start(&io->wire, ACSMTP_STEAL(SSL, *ssl), &limit, err);
    io->is_lost = status != ACSMTP_OK;
    return status;
}

/* ---- the dialogue ---- */

/* A reply with the code that the moment asks for. */
static int expect(struct smtp_io *io, int code, struct smtp_reply *reply, const char *what,
                  struct acsmtp_error *err)
{
    int status = smtp_io_reply(io, reply, err);

    if (status != ACSMTP_OK || reply->code == code)
        return status;
    if (reply->code < 400)
        return smtp_fail_reply(reply, ACSMTP_PROTOCOL,
                               "the server's reply is not what SMTP allows here", err);
    if (reply->code == 421)
        io->is_lost = 1;
    return smtp_fail_reply(reply, reply->code < 500 ? ACSMTP_TEMPORARY : ACSMTP_PROTOCOL, what,
                           err);
}

static int say(struct smtp_io *io, const char *line, int code, const char *what,
               struct acsmtp_error *err)
{
    struct smtp_reply reply;
    int status = smtp_io_command(io, line, strlen(line), err);

    return status == ACSMTP_OK ? expect(io, code, &reply, what, err) : status;
}

static int greet(struct acsmtp_smtp *smtp, const char *name, struct acsmtp_error *err)
{
    char line[EHLO_NAME_MAX + 16];
    struct smtp_reply reply;
    int size = snprintf(line, sizeof line, "EHLO %s\r\n", name);
    int status = smtp_io_command(&smtp->io, line, (size_t)size, err);

    if (status == ACSMTP_OK)
        status = expect(&smtp->io, 250, &reply, "EHLO is refused", err);
    if (status == ACSMTP_OK)
        smtp_capabilities_parse(&smtp->capabilities, reply.bytes, reply.size);
    return status;
}

static int ask_for_tls(struct acsmtp_smtp *smtp, const char *name, SSL **ssl,
                       struct acsmtp_error *err)
{
    int status = greet(smtp, name, err);

    if (status != ACSMTP_OK)
        return status;
    if (!smtp_capabilities_find(&smtp->capabilities, "STARTTLS"))
        return acsmtp_fail(err, ACSMTP_PROTOCOL,
                           "the server does not offer STARTTLS; nothing is sent without TLS");
    status = say(&smtp->io, "STARTTLS\r\n", 220, "STARTTLS is refused", err);
    return status == ACSMTP_OK ? start_tls(&smtp->io, ssl, err) : status;
}

/* ---- both ---- */

static int check_offer(const struct acsmtp_smtp *smtp, const struct acsmtp_smtp_options *options,
                       struct acsmtp_error *err)
{
    const char *name = options->mechanism->name;
    const char *offered = smtp_capabilities_find(&smtp->capabilities, "AUTH");

    if (!offered)
        return acsmtp_fail(err, ACSMTP_PROTOCOL,
                           "the server offers no authentication; nothing is sent without it");
    if (!smtp_capabilities_has_mechanism(&smtp->capabilities, name))
        return acsmtp_fail(err, ACSMTP_PROTOCOL, "the server offers AUTH %s, but not %s", offered,
                           name);
    return ACSMTP_OK;
}

static int converse(struct acsmtp_smtp *smtp, const struct acsmtp_smtp_options *options,
                    const char *name, SSL **ssl, struct acsmtp_error *err)
{
    int is_implicit = options->tls == ACSMTP_SMTP_IMPLICIT;
    struct smtp_reply reply;
    int status = is_implicit ? start_tls(&smtp->io, ssl, err) : ACSMTP_OK;

    if (status == ACSMTP_OK)
        status = expect(&smtp->io, 220, &reply, "the session is refused", err);
    if (status == ACSMTP_OK && !is_implicit)
        status = ask_for_tls(smtp, name, ssl, err);
    return status == ACSMTP_OK ? greet(smtp, name, err) : status;
}

static int connect_and_converse(struct acsmtp_smtp *smtp, const struct acsmtp_smtp_options *options,
                                const char *name, struct acsmtp_error *err)
{
    SSL *ssl = NULL;
    int status = smtp_reach(&smtp->io, options, err);

    if (status != ACSMTP_OK)
        return status;
    /* OpenSSL is made ready while the server's greeting is on its way. */
    status = smtp_tls_prepare(&smtp->io.wire, options, smtp->io.context, &ssl, err);
    if (status != ACSMTP_OK) {
        smtp->io.is_lost = 1;
        return status;
    }
    status = converse(smtp, options, name, &ssl, err);
    SSL_free(ssl);
    return status == ACSMTP_OK ? check_offer(smtp, options, err) : status;
}

int smtp_converse(struct acsmtp_smtp *smtp, const struct acsmtp_smtp_options *options, SSL **ssl,
                  struct acsmtp_error *err)
{
    char own_name[EHLO_NAME_MAX + 1];

    return converse(smtp, options, ehlo_name(options, own_name, sizeof own_name), ssl, err);
}

int smtp_check(const struct acsmtp_smtp_options *options, struct acsmtp_error *err)
{
    char own_name[EHLO_NAME_MAX + 1];

    return check_options(options, ehlo_name(options, own_name, sizeof own_name), err);
}

int smtp_connect(struct acsmtp_smtp *smtp, const struct acsmtp_smtp_options *options,
                 struct acsmtp_error *err)
{
    char own_name[EHLO_NAME_MAX + 1];
    const char *name = ehlo_name(options, own_name, sizeof own_name);
    int status = check_options(options, name, err);

    if (status != ACSMTP_OK)
        return status;
    (void)snprintf(smtp->peer, sizeof smtp->peer, "%s:%d", options->host, (int)options->port);
    status = connect_and_converse(smtp, options, name, err);
    if (status != ACSMTP_OK)
        acsmtp_error_prefix(err, "%s", smtp->peer);
    return status;
}
