/* SPDX-License-Identifier: MIT */
/*
 * Proxies from bytes of any kind: their URL and the list of exceptions as the environment gives
 * them, and what they answer to CONNECT and in SOCKS. The first byte says which.
 */
#include "smtp/smtp_tunnel.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds)
{
    if (!holds)
        abort();
}

static void check_url(const char *text)
{
    struct smtp_proxy proxy = {.kind = SMTP_PROXY_NONE};
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    int status = smtp_proxy_parse(text, &proxy, &err);

    must(status == ACSMTP_OK || status == ACSMTP_CONFIG);
    if (status == ACSMTP_OK) {
        must(proxy.kind != SMTP_PROXY_NONE && proxy.port >= 1 && proxy.port <= 65535);
        must(proxy.host[0] && !strpbrk(proxy.host, " \r\n/@[]"));
        must(!proxy.user == !proxy.password);
        must(!proxy.user || !strpbrk(acsmtp_secret_data(proxy.user), "\r\n"));
        must(!proxy.user ||
             strlen(acsmtp_secret_data(proxy.user)) == acsmtp_secret_size(proxy.user));
    }
    smtp_proxy_release(&proxy);
}

static void check_exceptions(const char *text)
{
    static const char *const hosts[] = {"mail.example", "192.0.2.1", "2001:db8::1"};

    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        int held = smtp_proxy_is_bypassed(text, hosts[i]);

        must(held == 0 || held == 1);
        must(!held || *text);
    }
}

/* A proxy that has said all this and hangs up. */
static void check_answer(int kind, const char *bytes, size_t size)
{
    struct smtp_io io = {.context = NULL};
    struct smtp_proxy proxy = {.kind = kind, .host = "proxy", .port = 1};
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct acsmtp_context *context = NULL;
    struct smtp_limit limit;
    int ends[2];
    int status;

    must(acsmtp_context_new(&context, &err) == ACSMTP_OK);
    must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == 0);
    must(shutdown(ends[1], SHUT_WR) == 0);
    io.context = context;
    io.timeout_ms = 1000;
    must(smtp_io_open(&io, ends[0], &err) == ACSMTP_OK);
    io.in_size = size < SMTP_IN_MAX ? size : SMTP_IN_MAX;
    memcpy(io.in, bytes, io.in_size);
    limit = smtp_limit_from_now(context, "connection", 1000);
    status = smtp_tunnel_open(&io, &proxy, "mail.example", 587, &limit, &err);
    must(io.in_start + io.in_size <= SMTP_IN_MAX);
    must(status == ACSMTP_OK || err.message[0]);
    smtp_io_close(&io);
    (void)close(ends[1]);
    acsmtp_context_free(context);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text;

    if (size == 0)
        return 0;
    /* A copy of its own size, so that a read beyond it is seen. */
    text = malloc(size);
    must(text != NULL);
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    switch (data[0]) {
    case 'u':
        check_url(text);
        break;
    case 'x':
        check_exceptions(text);
        break;
    case 'h':
        check_answer(SMTP_PROXY_HTTP, text, size - 1);
        break;
    case 's':
        check_answer(SMTP_PROXY_SOCKS5, text, size - 1);
        break;
    default:
        break;
    }
    free(text);
    return 0;
}
