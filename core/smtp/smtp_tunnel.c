/* SPDX-License-Identifier: MIT */
/* CONNECT, and which of the two kinds of proxy it is. The user's name goes with the request: nobody
 * waits for a 407 that is certain. */
#include "smtp_tunnel.h"

#include <stdio.h>
#include <string.h>

#define HEADER_MAX 16384U

/* The place that is asked for: "host:port", "[::1]:port". */
static void write_place(const char *host, int port, char *out, size_t capacity)
{
    int is_ipv6 = strchr(host, ':') != NULL;

    (void)snprintf(out, capacity, "%s%s%s:%d", is_ipv6 ? "[" : "", host, is_ipv6 ? "]" : "", port);
}

static int append_login(struct acsmtp_secret *request, const struct smtp_proxy *proxy,
                        struct acsmtp_error *err)
{
    static const char field[] = "Proxy-Authorization: Basic ";
    ACSMTP_AUTO_SECRET struct acsmtp_secret *login = acsmtp_secret_dup(proxy->user, err);
    int status = login ? acsmtp_secret_append(login, ":", 1, err) : ACSMTP_SYSTEM;

    if (status == ACSMTP_OK)
        status = acsmtp_secret_append(login, acsmtp_secret_data(proxy->password),
                                      acsmtp_secret_size(proxy->password), err);
    if (status == ACSMTP_OK)
        status = acsmtp_secret_append(request, field, sizeof field - 1, err);
    if (status == ACSMTP_OK)
        status = acsmtp_secret_append_base64(request, acsmtp_secret_data(login),
                                             acsmtp_secret_size(login), err);
    return status == ACSMTP_OK ? acsmtp_secret_append(request, "\r\n", 2, err) : status;
}

static int send_request(struct smtp_io *io, const struct smtp_proxy *proxy, const char *place,
                        struct acsmtp_error *err)
{
    ACSMTP_AUTO_SECRET struct acsmtp_secret *request = acsmtp_secret_new("", 0, err);
    char head[2 * NET_HOST_MAX + 128];
    int size = snprintf(head, sizeof head, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n", place, place);
    int status = request ? acsmtp_secret_append(request, head, (size_t)size, err) : ACSMTP_SYSTEM;

    if (status == ACSMTP_OK && proxy->user)
        status = append_login(request, proxy, err);
    if (status == ACSMTP_OK)
        status = acsmtp_secret_append(request, "\r\n", 2, err);
    return status == ACSMTP_OK ? smtp_io_send_secret(io, request, err) : status;
}

/* Bytes of the header with its empty line, 0 when that has not come yet. */
static size_t header_size(const char *bytes, size_t size)
{
    const char *end = memmem(bytes, size, "\r\n\r\n", 4);

    return end ? (size_t)(end - bytes) + 4 : 0;
}

/* "HTTP/1.1 200 Connection established": the code, 0 when it is none. */
static int code_of(const char *header, size_t size)
{
    const char *code = header + 9;

    if (size < 12 || strncmp(header, "HTTP/1.", 7) != 0 || header[8] != ' ' ||
        strspn(code, "0123456789") != 3)
        return 0;
    return (code[0] - '0') * 100 + (code[1] - '0') * 10 + (code[2] - '0');
}

static int judge(const char *header, size_t size, struct acsmtp_error *err)
{
    int line = (int)strcspn(header, "\r\n");
    int code = code_of(header, size);

    if (code / 100 == 2)
        return ACSMTP_OK;
    if (code == 0)
        return acsmtp_fail(err, ACSMTP_PROTOCOL, "what answers is no HTTP proxy: '%.*s'",
                           line < 80 ? line : 80, header);
    if (code == 407 || code == 401) /* which tinyproxy says to a wrong password */
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "the proxy wants other credentials (%d): set user and password in "
                           "all_proxy",
                           code);
    acsmtp_error_server(err, 0, "connect_unreachable", NULL);
    return acsmtp_fail(err, ACSMTP_TEMPORARY, "the proxy does not connect (%.*s)",
                       line < 80 ? line : 80, header);
}

static int read_answer(struct smtp_io *io, const struct smtp_limit *limit, struct acsmtp_error *err)
{
    char header[HEADER_MAX + 1];
    size_t size;
    int status = ACSMTP_OK;

    for (;;) {
        size = header_size(io->in + io->in_start, io->in_size);
        if (size > 0 || io->in_size >= HEADER_MAX)
            break;
        status = smtp_io_await(io, limit, err);
        if (status != ACSMTP_OK)
            return status;
    }
    if (size == 0 || size > HEADER_MAX)
        return acsmtp_fail(err, ACSMTP_PROTOCOL, "the proxy's answer is larger than %u bytes",
                           HEADER_MAX);
    memcpy(header, io->in + io->in_start, size);
    header[size] = '\0';
    smtp_io_take(io, size);
    return judge(header, size, err);
}

static int connect_http(struct smtp_io *io, const struct smtp_proxy *proxy, const char *host,
                        int port, const struct smtp_limit *limit, struct acsmtp_error *err)
{
    char place[NET_HOST_MAX + 16];
    int status;

    write_place(host, port, place, sizeof place);
    acsmtp_log(io->context, ACSMTP_LOG_TRACE, "smtp > CONNECT %s", place);
    status = send_request(io, proxy, place, err);
    return status == ACSMTP_OK ? read_answer(io, limit, err) : status;
}

int smtp_tunnel_open(struct smtp_io *io, const struct smtp_proxy *proxy, const char *host, int port,
                     const struct smtp_limit *limit, struct acsmtp_error *err)
{
    return proxy->kind == SMTP_PROXY_HTTP ? connect_http(io, proxy, host, port, limit, err)
                                          : smtp_socks_open(io, proxy, host, port, limit, err);
}
