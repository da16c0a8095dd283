/* SPDX-License-Identifier: MIT */
/*
 * What is said to a proxy, byte for byte, and what its answers mean. The proxy is the other end of
 * a socket pair, which has answered before it is asked.
 */
#include "cunit_main.h"
#include "loopback.h"
#include "smtp/smtp_tunnel.h"

#define GREETING "220 mx.example ready\r\n"
#define BYTES(text) text, sizeof(text) - 1

struct tunnel {
    struct acsmtp_context *context;
    struct smtp_io io;
    struct acsmtp_error err;
    int proxy;
    char said[1024];
    size_t said_size;
};

/* Open one through `url` to a proxy that answers with these bytes; it hangs up if `is_over`. */
static int open_tunnel(struct tunnel *tunnel, const char *url, const char *host,
                       const char *answers, size_t size, int is_over)
{
    struct smtp_proxy proxy = {.kind = SMTP_PROXY_NONE};
    struct smtp_limit limit;
    ssize_t got;
    int ends[2], status;

    memset(tunnel, 0, sizeof *tunnel);
    tunnel->err = (struct acsmtp_error)ACSMTP_ERROR_INIT;
    loopback_need(acsmtp_context_new(&tunnel->context, &tunnel->err) == ACSMTP_OK &&
                      smtp_proxy_parse(url, &proxy, &tunnel->err) == ACSMTP_OK &&
                      socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == 0,
                  "a proxy");
    tunnel->proxy = ends[1];
    loopback_need(write(tunnel->proxy, answers, size) == (ssize_t)size, "an answer");
    if (is_over)
        (void)shutdown(tunnel->proxy, SHUT_WR);
    tunnel->io.context = tunnel->context;
    tunnel->io.timeout_ms = 300;
    loopback_need(smtp_io_open(&tunnel->io, ends[0], &tunnel->err) == ACSMTP_OK, "memory");
    limit = smtp_limit_from_now(tunnel->context, "connection", 300);
    status = smtp_tunnel_open(&tunnel->io, &proxy, host, 587, &limit, &tunnel->err);
    got = read(tunnel->proxy, tunnel->said, sizeof tunnel->said - 1);
    tunnel->said_size = got > 0 ? (size_t)got : 0;
    smtp_proxy_release(&proxy);
    return status;
}

static void close_tunnel(struct tunnel *tunnel)
{
    tunnel->io.is_lost = 1;
    smtp_io_close(&tunnel->io);
    (void)close(tunnel->proxy);
    acsmtp_context_free(tunnel->context);
}

static void check_said(const struct tunnel *tunnel, const char *bytes, size_t size)
{
    CU_ASSERT_EQUAL(tunnel->said_size, size);
    CU_ASSERT(tunnel->said_size == size && memcmp(tunnel->said, bytes, size) == 0);
}

/* The server's words behind the proxy's are still there, and no byte of the proxy's. */
static void check_left(const struct tunnel *tunnel)
{
    CU_ASSERT_EQUAL(tunnel->io.in_size, sizeof GREETING - 1);
    CU_ASSERT(memcmp(tunnel->io.in + tunnel->io.in_start, BYTES(GREETING)) == 0);
}

static void fails(const char *url, const char *answers, size_t size, int is_over, int status,
                  const char *code, const char *words)
{
    static struct tunnel tunnel;

    CU_ASSERT_EQUAL(open_tunnel(&tunnel, url, "mail.example", answers, size, is_over), status);
    CU_ASSERT_STRING_EQUAL(tunnel.err.code, code);
    CU_ASSERT_PTR_NOT_NULL(strstr(tunnel.err.message, words));
    if (!strstr(tunnel.err.message, words))
        printf("\n    there was '%s'", tunnel.err.message);
    close_tunnel(&tunnel);
}

/* ---- CONNECT ---- */

static void connect_is_asked_and_taken(void)
{
    static struct tunnel tunnel;

    CU_ASSERT_EQUAL(
        open_tunnel(&tunnel, "http://proxy", "mail.example",
                    BYTES("HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n" GREETING), 0),
        ACSMTP_OK);
    check_said(&tunnel,
               BYTES("CONNECT mail.example:587 HTTP/1.1\r\nHost: mail.example:587\r\n\r\n"));
    check_left(&tunnel);
    close_tunnel(&tunnel);
    CU_ASSERT_EQUAL(open_tunnel(&tunnel, "http://ada:love%20lace@proxy", "2001:db8::7",
                                BYTES("HTTP/1.0 200 OK\r\n\r\n" GREETING), 0),
                    ACSMTP_OK);
    check_said(&tunnel, BYTES("CONNECT [2001:db8::7]:587 HTTP/1.1\r\nHost: [2001:db8::7]:587\r\n"
                              "Proxy-Authorization: Basic YWRhOmxvdmUgbGFjZQ==\r\n\r\n"));
    check_left(&tunnel);
    close_tunnel(&tunnel);
}

static void refusals_of_connect_are_told(void)
{
    fails("proxy", BYTES("HTTP/1.1 503 Service Unavailable\r\n\r\n"), 0, ACSMTP_TEMPORARY,
          "connect_unreachable", "the proxy does not connect (HTTP/1.1 503 Service Unavailable)");
    fails("proxy", BYTES("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"), 0, ACSMTP_CONFIG,
          "", "other credentials (407): set user and password in all_proxy");
    fails("proxy", BYTES(GREETING "\r\n"), 0, ACSMTP_PROTOCOL, "",
          "what answers is no HTTP proxy: '220 mx.example ready'");
    fails("proxy", BYTES("HTTP/1.1 20\r\n\r\n"), 0, ACSMTP_PROTOCOL, "", "no HTTP proxy");
    fails("proxy", BYTES("\0\0\r\n\r\n"), 0, ACSMTP_PROTOCOL, "", "no HTTP proxy");
}

static void half_an_answer_of_connect_is_waited_for(void)
{
    static char endless[20000];
    size_t size = (size_t)snprintf(endless, sizeof endless, "HTTP/1.1 200 OK\r\nX: ");

    fails("proxy", BYTES("HTTP/1.1 200 OK\r\n"), 1, ACSMTP_TEMPORARY, "lost", "lost");
    fails("proxy", BYTES("HTTP/1.1 200 OK\r\n"), 0, ACSMTP_TEMPORARY, "timeout",
          "no connection within 0.3 s");
    memset(endless + size, 'x', sizeof endless - size);
    fails("proxy", endless, sizeof endless, 0, ACSMTP_PROTOCOL, "", "larger than 16384 bytes");
}

/* ---- SOCKS ---- */

static void socks_is_asked_and_taken(void)
{
    static struct tunnel tunnel;

    CU_ASSERT_EQUAL(open_tunnel(&tunnel, "socks5h://proxy", "mail.example",
                                BYTES("\5\0\5\0\0\1\300\0\2\1\2\113" GREETING), 0),
                    ACSMTP_OK);
    check_said(&tunnel, BYTES("\5\1\0\5\1\0\3\14mail.example\2\113"));
    check_left(&tunnel);
    close_tunnel(&tunnel);
    CU_ASSERT_EQUAL(open_tunnel(&tunnel, "socks5h://ada:lovelace@proxy", "192.0.2.1",
                                BYTES("\5\2\1\0\5\0\0\3\5proxy\2\113" GREETING), 0),
                    ACSMTP_OK);
    check_said(&tunnel, BYTES("\5\2\0\2\1\3ada\10lovelace\5\1\0\1\300\0\2\1\2\113"));
    check_left(&tunnel);
    close_tunnel(&tunnel);
    CU_ASSERT_EQUAL(
        open_tunnel(&tunnel, "socks5://proxy", "2001:db8::7",
                    BYTES("\5\0\5\0\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\2\113" GREETING), 0),
        ACSMTP_OK);
    check_said(&tunnel, BYTES("\5\1\0\5\1\0\4\40\1\15\270\0\0\0\0\0\0\0\0\0\0\0\7\2\113"));
    check_left(&tunnel);
    close_tunnel(&tunnel);
}

static void refusals_of_socks_are_told(void)
{
    fails("socks5h://proxy", BYTES("\5\377"), 0, ACSMTP_CONFIG, "", "set user and password");
    fails("socks5h://proxy", BYTES("\5\2"), 0, ACSMTP_CONFIG, "", "set user and password");
    fails("socks5h://a:b@proxy", BYTES("\5\2\1\1"), 0, ACSMTP_CONFIG, "", "other credentials");
    fails("socks5h://proxy", BYTES("\4\0"), 0, ACSMTP_PROTOCOL, "", "no SOCKS 5 proxy");
    fails("socks5h://proxy", BYTES("\5\0\4\0\0\1"), 0, ACSMTP_PROTOCOL, "", "no SOCKS 5 proxy");
    fails("socks5h://proxy", BYTES("\5\0\5\0\0\7"), 0, ACSMTP_PROTOCOL, "", "no SOCKS 5 proxy");
    fails("socks5h://proxy", BYTES("\5\0\5\5\0\1"), 0, ACSMTP_TEMPORARY, "connect_unreachable",
          "the proxy does not connect (connection refused)");
    fails("socks5h://proxy", BYTES("\5\0\5\2\0\1"), 0, ACSMTP_TEMPORARY, "connect_unreachable",
          "its rules do not allow it");
    fails("socks5h://proxy", BYTES("\5\0\5\200\0\1"), 0, ACSMTP_TEMPORARY, "connect_unreachable",
          "unknown reason");
}

static void half_an_answer_of_socks_is_waited_for(void)
{
    fails("socks5h://proxy", BYTES("\5"), 1, ACSMTP_TEMPORARY, "lost", "lost");
    fails("socks5h://proxy", BYTES("\5\0\5\0\0\1\0"), 0, ACSMTP_TEMPORARY, "timeout",
          "no connection within 0.3 s");
}

static void no_login_is_too_long_for_socks_in_silence(void)
{
    char url[400];

    (void)snprintf(url, sizeof url, "socks5h://%0256d:x@proxy", 0);
    fails(url, BYTES("\5\2"), 0, ACSMTP_CONFIG, "", "more than 255 bytes");
}

CUNIT_MAIN("smtp_tunnel", T(connect_is_asked_and_taken), T(refusals_of_connect_are_told),
           T(half_an_answer_of_connect_is_waited_for), T(socks_is_asked_and_taken),
           T(refusals_of_socks_are_told), T(half_an_answer_of_socks_is_waited_for),
           T(no_login_is_too_long_for_socks_in_silence))
