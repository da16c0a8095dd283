/* SPDX-License-Identifier: MIT */
/* SOCKS 5 (RFC 1928) with user and password (RFC 1929). The host goes to the proxy as it is spelt.
 */
#include "smtp_tunnel.h"

#include <arpa/inet.h>
#include <string.h>

enum {
    VERSION = 5,
    LOGIN_VERSION = 1,
    METHOD_NONE = 0,
    METHOD_LOGIN = 2,
    COMMAND_CONNECT = 1,
    ADDRESS_IPV4 = 1,
    ADDRESS_NAME = 3,
    ADDRESS_IPV6 = 4
};

/* Exactly `size` bytes of the proxy's. */
static int read_bytes(struct smtp_io *io, const struct smtp_limit *limit, unsigned char *bytes,
                      size_t size, struct acsmtp_error *err)
{
    while (io->in_size < size) {
        int status = smtp_io_await(io, limit, err);

        if (status != ACSMTP_OK)
            return status;
    }
    memcpy(bytes, io->in + io->in_start, size);
    smtp_io_take(io, size);
    return ACSMTP_OK;
}

static int fail_stranger(struct acsmtp_error *err)
{
    return acsmtp_fail(err, ACSMTP_PROTOCOL, "what answers is no SOCKS 5 proxy");
}

static int fail_login(struct acsmtp_error *err)
{
    return acsmtp_fail(err, ACSMTP_CONFIG,
                       "the proxy wants other credentials: set user and password in all_proxy");
}

/* ---- who asks ---- */

static int append_counted(struct acsmtp_secret *out, const struct acsmtp_secret *text,
                          struct acsmtp_error *err)
{
    size_t size = acsmtp_secret_size(text);
    unsigned char count = (unsigned char)size;
    int status;

    if (size > 255)
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "SOCKS allows no user or password of more than 255 bytes");
    status = acsmtp_secret_append(out, &count, 1, err);
    return status == ACSMTP_OK ? acsmtp_secret_append(out, acsmtp_secret_data(text), size, err)
                               : status;
}

static int log_in(struct smtp_io *io, const struct smtp_proxy *proxy,
                  const struct smtp_limit *limit, struct acsmtp_error *err)
{
    const char version = LOGIN_VERSION;
    ACSMTP_AUTO_SECRET struct acsmtp_secret *request = acsmtp_secret_new(&version, 1, err);
    unsigned char answer[2];
    int status = request ? append_counted(request, proxy->user, err) : ACSMTP_SYSTEM;

    if (status == ACSMTP_OK)
        status = append_counted(request, proxy->password, err);
    if (status == ACSMTP_OK)
        status = smtp_io_send_secret(io, request, err);
    if (status == ACSMTP_OK)
        status = read_bytes(io, limit, answer, sizeof answer, err);
    if (status == ACSMTP_OK && answer[1] != 0)
        status = fail_login(err);
    return status;
}

static int agree_on_method(struct smtp_io *io, const struct smtp_proxy *proxy,
                           const struct smtp_limit *limit, struct acsmtp_error *err)
{
    const char offer[] = {VERSION, (char)(proxy->user ? 2 : 1), METHOD_NONE, METHOD_LOGIN};
    unsigned char answer[2];
    int status = smtp_io_write(io, offer, proxy->user ? 4 : 3, err);

    if (status == ACSMTP_OK)
        status = smtp_io_flush(io, err);
    if (status == ACSMTP_OK)
        status = read_bytes(io, limit, answer, sizeof answer, err);
    if (status != ACSMTP_OK)
        return status;
    if (answer[0] != VERSION)
        return fail_stranger(err);
    if (answer[1] == METHOD_NONE)
        return ACSMTP_OK;
    return answer[1] == METHOD_LOGIN && proxy->user ? log_in(io, proxy, limit, err)
                                                    : fail_login(err);
}

/* ---- where to ---- */

/* The address in the request's form; its size. A name is at most NET_HOST_MAX, 255 bytes. */
static size_t write_address(const char *host, size_t size, unsigned char *out)
{
    if (inet_pton(AF_INET, host, out + 1) == 1) {
        out[0] = ADDRESS_IPV4;
        return 1 + sizeof(struct in_addr);
    }
    if (inet_pton(AF_INET6, host, out + 1) == 1) {
        out[0] = ADDRESS_IPV6;
        return 1 + sizeof(struct in6_addr);
    }
    out[0] = ADDRESS_NAME;
    out[1] = (unsigned char)size;
    memcpy(out + 2, host, size);
    return 2 + size;
}

static const char *reason_of(unsigned char reply)
{
    static const char *const reasons[] = {"",
                                          "general failure",
                                          "its rules do not allow it",
                                          "network unreachable",
                                          "host unreachable",
                                          "connection refused",
                                          "time to live expired",
                                          "it knows no CONNECT",
                                          "it does not know this kind of address"};

    return reply < sizeof reasons / sizeof reasons[0] ? reasons[reply] : "unknown reason";
}

/* The address that the proxy talks from is of no use, but stands before the server's words. */
static int skip_address(struct smtp_io *io, unsigned char kind, const struct smtp_limit *limit,
                        struct acsmtp_error *err)
{
    unsigned char rest[255 + 2];
    unsigned char size = 0;
    int status;

    if (kind == ADDRESS_IPV4)
        return read_bytes(io, limit, rest, sizeof(struct in_addr) + 2, err);
    if (kind == ADDRESS_IPV6)
        return read_bytes(io, limit, rest, sizeof(struct in6_addr) + 2, err);
    if (kind != ADDRESS_NAME)
        return fail_stranger(err);
    status = read_bytes(io, limit, &size, 1, err);
    return status == ACSMTP_OK ? read_bytes(io, limit, rest, (size_t)size + 2, err) : status;
}

static int ask(struct smtp_io *io, const char *host, int port, const struct smtp_limit *limit,
               struct acsmtp_error *err)
{
    unsigned char request[3 + 2 + NET_HOST_MAX + 2] = {VERSION, COMMAND_CONNECT, 0};
    unsigned char answer[4];
    size_t size = 3 + write_address(host, strlen(host), request + 3);
    int status;

    request[size++] = (unsigned char)(port >> 8);
    request[size++] = (unsigned char)(port & 255);
    status = smtp_io_write(io, (const char *)request, size, err);
    if (status == ACSMTP_OK)
        status = smtp_io_flush(io, err);
    if (status == ACSMTP_OK)
        status = read_bytes(io, limit, answer, sizeof answer, err);
    if (status != ACSMTP_OK)
        return status;
    if (answer[0] != VERSION)
        return fail_stranger(err);
    if (answer[1] == 0)
        return skip_address(io, answer[3], limit, err);
    acsmtp_error_server(err, 0, "connect_unreachable", NULL);
    return acsmtp_fail(err, ACSMTP_TEMPORARY, "the proxy does not connect (%s)",
                       reason_of(answer[1]));
}

int smtp_socks_open(struct smtp_io *io, const struct smtp_proxy *proxy, const char *host, int port,
                    const struct smtp_limit *limit, struct acsmtp_error *err)
{
    int status = agree_on_method(io, proxy, limit, err);

    return status == ACSMTP_OK ? ask(io, host, port, limit, err) : status;
}
