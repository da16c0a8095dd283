/* SPDX-License-Identifier: MIT */
/*
 * The way to a server, looked at step by step and told; see acsmtp_smtp_look(). It goes on as far
 * as it can where a session would stop, and never logs in.
 */
#include "smtp_look.h"

#include "smtp_dial.h"
#include "smtp_private.h"
#include "smtp_proxy.h"
#include "smtp_resolve.h"
#include "smtp_tls.h"

#include "net/clock.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    TIMEOUT_MS = 15000,     /* for a step to the port that is meant */
    SIDE_TIMEOUT_MS = 3000, /* for a port that only tells something about the network */
    PLACE_SIZE = 300,
    PORT_SUBMISSION = 587,
    PORT_RELAY = 25
};

struct look {
    struct acsmtp_context *context;
    const struct acsmtp_smtp_options *options;
    const struct acsmtp_finding_sink *sink;
    struct smtp_proxy proxy;
    char place[PLACE_SIZE]; /* "host:587" */
    int64_t timeout_ms;
};

static void tell_failure(const struct look *look, const char *check, const char *subject, int grade,
                         int64_t began, const struct acsmtp_error *err)
{
    const struct acsmtp_finding finding = {.grade = grade,
                                           .check = check,
                                           .subject = subject,
                                           .error = err,
                                           .elapsed_ms = net_now() - began};

    acsmtp_tell(look->sink, &finding, "%s", err->message);
}

/* ---- the name ---- */

static void add_address(const struct smtp_address *address, char *text, size_t capacity)
{
    char one[INET6_ADDRSTRLEN] = "";
    size_t used = strlen(text);

    if (address->name.any.sa_family == AF_INET6)
        (void)inet_ntop(AF_INET6, &address->name.ipv6.sin6_addr, one, sizeof one);
    else
        (void)inet_ntop(AF_INET, &address->name.ipv4.sin_addr, one, sizeof one);
    (void)snprintf(text + used, capacity - used, "%s%s", used ? ", " : "", one);
}

/* 0 when there is nobody to connect to. */
static int look_at_name(const struct look *look)
{
    struct acsmtp_finding finding = {.check = "dns", .subject = look->options->host};
    struct smtp_limit limit =
        smtp_limit_from_now(look->context, "answer of the resolver", look->timeout_ms);
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct smtp_addresses addresses;
    int64_t began = net_now();
    char text[512] = "";

    if (look->proxy.kind != SMTP_PROXY_NONE) {
        finding.grade = ACSMTP_GRADE_UNKNOWN;
        acsmtp_tell(look->sink, &finding, "the proxy %s:%d looks the name up", look->proxy.host,
                    look->proxy.port);
        return 1;
    }
    if (smtp_resolve(look->options->host, (int)look->options->port, &limit, &addresses, &err) !=
        ACSMTP_OK) {
        tell_failure(look, "dns", look->options->host, ACSMTP_GRADE_BAD, began, &err);
        return 0;
    }
    for (size_t i = 0; i < addresses.count; i++)
        add_address(&addresses.list[i], text, sizeof text);
    finding.elapsed_ms = net_now() - began;
    acsmtp_tell(look->sink, &finding, "%s", text);
    return 1;
}

/* ---- TCP ---- */

static void make_place(const char *host, int port, char place[PLACE_SIZE])
{
    (void)snprintf(place, PLACE_SIZE, "%s:%d", host, port);
}

/* Another port than the one that is meant: whether it is open says something about the network. */
static void look_at_side_port(const struct look *look, int port)
{
    struct acsmtp_smtp_options options = *look->options;
    struct smtp_io io = {.wire = {.fd = -1}, .context = look->context, .is_lost = 1};
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct acsmtp_finding finding = {.check = "tcp"};
    int64_t began = net_now();
    char place[PLACE_SIZE];

    if (port == options.port)
        return;
    options.port = port;
    options.connect_timeout_ms = SIDE_TIMEOUT_MS;
    make_place(options.host, port, place);
    finding.subject = place;
    if (smtp_reach(&io, &options, &err) == ACSMTP_OK) {
        finding.elapsed_ms = net_now() - began;
        acsmtp_tell(look->sink, &finding, "open; not the port of this config");
    } else {
        finding.grade = ACSMTP_GRADE_UNKNOWN;
        finding.elapsed_ms = net_now() - began;
        acsmtp_tell(look->sink, &finding, "%s; not the port of this config", err.message);
    }
    smtp_io_close(&io);
}

/* ---- the session ---- */

/* "SIZE 157286400, PIPELINING, AUTH LOGIN XOAUTH2" from "KEYWORD\0parameters\0...". */
static void offer_text(const struct smtp_capabilities *offer, char *text, size_t capacity)
{
    size_t at = 0, used = 0;

    text[0] = '\0';
    while (at < offer->size && used < capacity) {
        const char *keyword = offer->text + at;
        const char *parameters = keyword + strlen(keyword) + 1;

        used += (size_t)snprintf(text + used, capacity - used, "%s%s%s%s", used ? ", " : "",
                                 keyword, *parameters ? " " : "", parameters);
        at += strlen(keyword) + strlen(parameters) + 2;
    }
}

static void look_at_offer(const struct look *look, const struct acsmtp_smtp *smtp)
{
    const char *mechanism = look->options->mechanism ? look->options->mechanism->name : NULL;
    const char *offered = smtp_capabilities_find(&smtp->capabilities, "AUTH");
    struct acsmtp_finding finding = {.check = "ehlo", .subject = look->place, .elapsed_ms = -1};
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    char text[900];

    offer_text(&smtp->capabilities, text, sizeof text);
    acsmtp_tell(look->sink, &finding, "%s", text[0] ? text : "the server offers nothing");
    if (!mechanism)
        return;
    finding.check = "auth";
    if (offered && smtp_capabilities_has_mechanism(&smtp->capabilities, mechanism)) {
        acsmtp_tell(look->sink, &finding, "the server offers %s", mechanism);
        return;
    }
    if (offered)
        (void)acsmtp_fail(&err, ACSMTP_PROTOCOL, "the server offers AUTH %s, but not %s", offered,
                          mechanism);
    else
        (void)acsmtp_fail(&err, ACSMTP_PROTOCOL,
                          "the server offers no authentication; nothing is sent without it");
    acsmtp_tell_error(look->sink, "auth", look->place, &err);
}

/* Whether TLS is there tells how far the dialogue came before it failed. */
static void look_at_session(const struct look *look, struct acsmtp_smtp *smtp)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct smtp_certificate certificate;
    int64_t began = net_now();
    SSL *ssl = NULL;
    int is_secure;
    int status = smtp_tls_prepare(&smtp->io.wire, look->options, look->context, &ssl, &err);

    if (status == ACSMTP_OK) {
        smtp_certificate_watch(&certificate, ssl);
        status = smtp_converse(smtp, look->options, &ssl, &err);
        SSL_free(ssl);
    }
    is_secure = smtp->io.wire.ssl && SSL_is_init_finished(smtp->io.wire.ssl);
    if (is_secure)
        smtp_certificate_tell(&certificate, smtp->io.wire.ssl, look->place, net_now() - began,
                              look->sink);
    if (status == ACSMTP_OK)
        look_at_offer(look, smtp);
    else
        tell_failure(look, is_secure ? "ehlo" : "tls", look->place, ACSMTP_GRADE_BAD, began, &err);
}

static void look_at_port(const struct look *look, struct acsmtp_smtp *smtp)
{
    struct acsmtp_finding finding = {.check = "tcp", .subject = look->place};
    struct acsmtp_smtp_options options = *look->options;
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    int64_t began = net_now();

    options.connect_timeout_ms = look->timeout_ms;
    if (smtp_reach(&smtp->io, &options, &err) != ACSMTP_OK) {
        /* What is known of ports stands in the hints by the place. */
        acsmtp_error_prefix(&err, "%s", look->place);
        tell_failure(look, "tcp", look->place, ACSMTP_GRADE_BAD, began, &err);
        return;
    }
    finding.elapsed_ms = net_now() - began;
    acsmtp_tell(look->sink, &finding, "open");
    look_at_session(look, smtp);
}

static int look_around(struct look *look, struct acsmtp_error *err)
{
    struct acsmtp_smtp *smtp = calloc(1, sizeof *smtp);

    if (!smtp)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    smtp->io.is_lost = 1;
    smtp->io.wire.fd = -1;
    smtp->reply_timeout_ms = look->timeout_ms;
    smtp_begin(smtp, look->context);
    if (look_at_name(look)) {
        look_at_port(look, smtp);
        look_at_side_port(look, PORT_SUBMISSION);
        look_at_side_port(look, PORT_RELAY);
    }
    acsmtp_smtp_close(smtp, look->context);
    return acsmtp_context_cancelled(look->context)
               ? acsmtp_context_check(look->context, "looking at the server", err)
               : ACSMTP_OK;
}

int acsmtp_smtp_look(struct acsmtp_context *context, const struct acsmtp_smtp_options *options,
                     const struct acsmtp_finding_sink *sink, struct acsmtp_error *err)
{
    struct look look = {.context = context,
                        .options = options,
                        .sink = sink,
                        .timeout_ms = options->connect_timeout_ms > 0 ? options->connect_timeout_ms
                                                                      : TIMEOUT_MS};
    int status = smtp_check(options, err);

    if (status != ACSMTP_OK)
        return status;
    make_place(options->host, (int)options->port, look.place);
    status = smtp_proxy_find(options->host, options->tls == ACSMTP_SMTP_IMPLICIT, &look.proxy, err);
    if (status == ACSMTP_OK)
        status = look_around(&look, err);
    smtp_proxy_release(&look.proxy);
    return status;
}
