/* SPDX-License-Identifier: MIT */
/*
 * Reaching the server: libcurl resolves, connects, reads the greeting, says EHLO, does STARTTLS and
 * says EHLO again (CURLOPT_CONNECT_ONLY), and stops there. It is given no credentials, for with
 * them it would send mail unauthenticated when the server offers no AUTH. What the server says
 * arrives line by line in the header callback.
 */
#include "smtp_private.h"

#include "url.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CONNECT_TIMEOUT_MS 30000
#define EHLO_NAME_MAX 255U

/* The reply that is arriving, or the last one. */
struct greeting {
    int is_complete;
    size_t size;
    char bytes[SMTP_EHLO_MAX];
};

static size_t on_line(char *line, size_t unit, size_t count, void *data)
{
    struct greeting *greeting = data;
    size_t size = unit * count;

    if (greeting->is_complete)
        greeting->size = 0;
    if (size > sizeof greeting->bytes - greeting->size)
        return 0;
    memcpy(greeting->bytes + greeting->size, line, size);
    greeting->size += size;
    greeting->is_complete = size > 3 && line[3] != '-';
    return size;
}

/* ---- the address ---- */

static int is_host(const char *host)
{
    size_t size = host ? strlen(host) : 0;

    if (size == 0 || size > NET_HOST_MAX)
        return 0;
    for (; *host; host++)
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:", *host) &&
            (unsigned char)*host < 128)
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

/* libcurl takes the name to greet with from the URL's path. */
static int set_url(struct acsmtp_smtp *smtp, const struct acsmtp_smtp_options *options,
                   struct acsmtp_error *err)
{
    char own_name[EHLO_NAME_MAX + 1];
    char url[2 * NET_HOST_MAX + 64];
    const char *name = ehlo_name(options, own_name, sizeof own_name);
    const char *scheme = options->tls == ACSMTP_SMTP_IMPLICIT ? "smtps" : "smtp";
    int is_ipv6 = options->host && strchr(options->host, ':');

    if (!is_host(options->host))
        return acsmtp_fail(err, ACSMTP_CONFIG, "the SMTP host is missing or not a host name");
    if (options->port < 1 || options->port > 65535)
        return acsmtp_fail(err, ACSMTP_CONFIG, "the SMTP port %d is not within 1 to 65535",
                           (int)options->port);
    if (!is_ehlo_name(name))
        return acsmtp_fail(err, ACSMTP_CONFIG, "the EHLO name is not a host name");
    (void)snprintf(url, sizeof url, "%s://%s%s%s:%d/%s", scheme, is_ipv6 ? "[" : "", options->host,
                   is_ipv6 ? "]" : "", (int)options->port, name);
    (void)snprintf(smtp->peer, sizeof smtp->peer, "%s:%d", options->host, (int)options->port);
    if (curl_easy_setopt(smtp->transfer.easy, CURLOPT_URL, url) != CURLE_OK)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    return net_route(smtp->transfer.easy, options->host, options->port, &smtp->transfer.pins, err);
}

static int prepare(struct acsmtp_smtp *smtp, const struct acsmtp_smtp_options *options,
                   int64_t connect_ms, struct greeting *greeting, struct acsmtp_error *err)
{
    CURL *easy = smtp->transfer.easy;
    int status = set_url(smtp, options, err);

    if (status != ACSMTP_OK)
        return status;
    (void)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    (void)curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
    (void)curl_easy_setopt(easy, CURLOPT_SSL_ENABLE_ALPN, 0L);
    (void)curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_line);
    (void)curl_easy_setopt(easy, CURLOPT_HEADERDATA, greeting);
    /* libcurl's limit covers everything up to the second EHLO; TCP alone has one of its own. */
    (void)curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                           (long)(connect_ms + smtp->reply_timeout_ms));
    (void)curl_easy_setopt(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT,
                           (long)((smtp->reply_timeout_ms + 999) / 1000));
    return net_tls_setup(easy, &smtp->transfer.tls, smtp->transfer.context, options->ca_file,
                         options->ca_path, err);
}

/* ---- what came of it ---- */

/* A failure with a reply behind it: the server's words say more than libcurl's. */
static int fail_refused(const struct acsmtp_smtp *smtp, const struct greeting *greeting,
                        const char *what, struct acsmtp_error *err)
{
    struct smtp_reply reply;
    int status;

    if (!greeting->is_complete || smtp_reply_parse(greeting->bytes, greeting->size, &reply) <= 0 ||
        reply.code < 400)
        return acsmtp_fail(err, ACSMTP_PROTOCOL, "%s: %s", smtp->peer, what);
    status = reply.code < 500 ? ACSMTP_TEMPORARY : ACSMTP_PROTOCOL;
    return smtp_fail_reply(&reply, status, smtp->peer, err);
}

static int fail_connect(const struct acsmtp_smtp *smtp, const struct greeting *greeting,
                        CURLcode code, struct acsmtp_error *err)
{
    switch (code) {
    case CURLE_USE_SSL_FAILED:
        return fail_refused(smtp, greeting,
                            "the server does not offer STARTTLS; nothing was sent to it", err);
    case CURLE_REMOTE_ACCESS_DENIED:
        return fail_refused(smtp, greeting, "EHLO is refused", err);
    case CURLE_WEIRD_SERVER_REPLY:
        return fail_refused(smtp, greeting, "the server's reply is not what SMTP allows here", err);
    case CURLE_WRITE_ERROR:
        return acsmtp_fail(err, ACSMTP_PROTOCOL, "%s: the server's reply is larger than %u bytes",
                           smtp->peer, SMTP_EHLO_MAX);
    default:
        return net_transfer_fail(&smtp->transfer, code, smtp->peer, err);
    }
}

static int check_offer(struct acsmtp_smtp *smtp, const struct acsmtp_smtp_options *options,
                       struct acsmtp_error *err)
{
    const char *name = options->mechanism->name;
    const char *offered = smtp_capabilities_find(&smtp->capabilities, "AUTH");

    /* libcurl was told to insist on TLS; this is the second lock on the same door. */
    if (!smtp->transfer.tls.ssl)
        return acsmtp_fail(err, ACSMTP_PROTOCOL, "%s: the connection is not encrypted", smtp->peer);
    if (!offered)
        return acsmtp_fail(err, ACSMTP_PROTOCOL,
                           "%s: the server offers no authentication; nothing is sent without it",
                           smtp->peer);
    if (!smtp_capabilities_has_mechanism(&smtp->capabilities, name))
        return acsmtp_fail(err, ACSMTP_PROTOCOL, "%s: the server offers AUTH %s, but not %s",
                           smtp->peer, offered, name);
    return ACSMTP_OK;
}

static int connect_and_greet(struct acsmtp_smtp *smtp, const struct acsmtp_smtp_options *options,
                             struct greeting *greeting, struct acsmtp_error *err)
{
    int64_t connect_ms =
        options->connect_timeout_ms > 0 ? options->connect_timeout_ms : CONNECT_TIMEOUT_MS;
    CURLcode code = CURLE_OK;
    int status = prepare(smtp, options, connect_ms, greeting, err);

    if (status == ACSMTP_OK)
        status = net_transfer_run(&smtp->transfer, connect_ms, smtp->peer, &code, err);
    if (status == ACSMTP_OK && code != CURLE_OK)
        status = fail_connect(smtp, greeting, code, err);
    return status;
}

int smtp_connect(struct acsmtp_smtp *smtp, const struct acsmtp_smtp_options *options,
                 struct acsmtp_error *err)
{
    struct greeting greeting = {.is_complete = 0, .size = 0};
    int status = connect_and_greet(smtp, options, &greeting, err);

    /* The callbacks' data goes out of scope, and curl_easy_recv() is talkative. */
    (void)curl_easy_setopt(smtp->transfer.easy, CURLOPT_HEADERFUNCTION, NULL);
    (void)curl_easy_setopt(smtp->transfer.easy, CURLOPT_HEADERDATA, NULL);
    (void)curl_easy_setopt(smtp->transfer.easy, CURLOPT_VERBOSE, 0L);
    if (status == ACSMTP_OK)
        status = smtp_io_open(&smtp->io, &smtp->transfer, err);
    if (status != ACSMTP_OK)
        return status;
    smtp_capabilities_parse(&smtp->capabilities, greeting.bytes, greeting.size);
    return check_offer(smtp, options, err);
}
