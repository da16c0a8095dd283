/* SPDX-License-Identifier: MIT */
/* The HTTP client when things go wrong: how it tells, when it asks again, and when it gives up. */
#include "cunit_main.h"
#include "http_server.h"

/* ---- what goes wrong ---- */

static void a_truncated_body_is_a_lost_connection(void)
{
    struct client client;

    CU_ASSERT_EQUAL(one("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort", &client),
                    ACSMTP_TEMPORARY);
    CU_ASSERT_STRING_EQUAL(client.err.code, "lost");
    CU_ASSERT_PTR_NULL(client.response);
    client_release(&client);
}

static void silence_is_a_lost_connection(void)
{
    struct server server = {.exchanges = {{.drop = 1}, {.reply = NULL, .delay_ms = 1}}};

    start(&server);
    for (int i = 0; i < 2; i++) {
        struct client client;

        client_init(&client, &server, "127.0.0.1");
        CU_ASSERT_EQUAL(client_send(&client), ACSMTP_TEMPORARY);
        CU_ASSERT_STRING_EQUAL(client.err.code, "lost");
        client_release(&client);
    }
    stop(&server);
}

static void a_huge_body_is_refused(void)
{
    size_t size = ACSMTP_HTTP_BODY_MAX + 1000;
    char *reply = malloc(size + 1);
    int used;
    struct client client;

    loopback_need(reply != NULL, "memory");
    used = snprintf(reply, 64, "HTTP/1.1 200 OK\r\n\r\n");
    memset(reply + used, 'x', size - (size_t)used);
    reply[size] = '\0';
    CU_ASSERT_EQUAL(one(reply, &client), ACSMTP_PROTOCOL);
    CU_ASSERT_PTR_NOT_NULL(strstr(client.err.message, "larger than 1048576"));
    client_release(&client);
    free(reply);
}

static void a_huge_header_is_refused(void)
{
    char *reply = calloc(1, 400000);
    size_t used;
    struct client client;

    loopback_need(reply != NULL, "memory");
    used = (size_t)snprintf(reply, 64, "HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 300; i++)
        used += (size_t)snprintf(reply + used, 1024, "X-%d: %0500d\r\n", i, i);
    (void)snprintf(reply + used, 64, "\r\n");
    CU_ASSERT_EQUAL(one(reply, &client), ACSMTP_PROTOCOL);
    CU_ASSERT_PTR_NOT_NULL(strstr(client.err.message, "too large"));
    client_release(&client);
    free(reply);
}

/* A field of an unknown name may go on in the next line, and a name may be wrong. */
static void odd_fields_are_not_traced(void)
{
    static const char *const odd[] = {
        "HTTP/1.1 200 OK\r\nSet-Cookie: a=1;\r\n b=very-private\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nSet-Cookie : very-private\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nvery-private\r\nContent-Length: 0\r\n\r\n"};

    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        struct client client;

        (void)one(odd[i], &client);
        CU_ASSERT_PTR_NOT_NULL(strstr(client.trace, "http < HTTP/1.1 200 OK"));
        CU_ASSERT_PTR_NULL(strstr(client.trace, "very-private"));
        client_release(&client);
    }
}

static void garbage_is_refused(void)
{
    static const char *const garbage[] = {
        "220 mx.test ESMTP\r\n",
        "\x16\x03\x01garbage\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon here\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\n: no name\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        "HTTP/9.9 200 OK\r\n\r\n"};

    for (size_t i = 0; i < sizeof garbage / sizeof garbage[0]; i++) {
        struct client client;

        CU_ASSERT_EQUAL(one(garbage[i], &client), ACSMTP_PROTOCOL);
        CU_ASSERT_PTR_NULL(client.response);
        client_release(&client);
    }
}

static void wrong_certificates_are_refused(void)
{
    SSL_CTX *const wrong[] = {pki.stranger, pki.other};

    for (size_t i = 0; i < 2; i++) {
        struct server server = {.tls = wrong[i], .exchanges = {{.reply = OK_REPLY}}};
        struct client client;

        start(&server);
        client_init(&client, &server, "localhost");
        client.request.retry = &retry_quickly;
        CU_ASSERT_EQUAL(client_send(&client), ACSMTP_PROTOCOL);
        CU_ASSERT_STRING_EQUAL(client.err.code, "tls");
        CU_ASSERT_EQUAL(client.request.attempts_made, 1);
        stop(&server);
        CU_ASSERT_EQUAL(server.requests[0][0], '\0');
        client_release(&client);
    }
}

static void a_closed_port_is_told(void)
{
    struct server server = {.tls = pki.server};
    struct client client;
    char wanted[128];

    server.listener = loopback_listen(&server.port);
    (void)close(server.listener);
    client_init(&client, &server, "127.0.0.1");
    client.request.retry = &retry_quickly;
    CU_ASSERT_EQUAL(client_send(&client), ACSMTP_TEMPORARY);
    CU_ASSERT_STRING_EQUAL(client.err.code, "connect_refused");
    CU_ASSERT_EQUAL(client.request.attempts_made, 4);
    (void)snprintf(wanted, sizeof wanted, "GET https://127.0.0.1:%d/path: connection refused",
                   server.port);
    CU_ASSERT_STRING_EQUAL(client.err.message, wanted);
    client_release(&client);
}

static void a_slow_reply_times_out(void)
{
    struct server server = {.exchanges = {{.reply = OK_REPLY, .delay_ms = 900}}};
    struct client client;
    int64_t begin = now_ms();

    start(&server);
    client_init(&client, &server, "127.0.0.1");
    client.request.timeout_ms = 200;
    CU_ASSERT_EQUAL(client_send(&client), ACSMTP_TEMPORARY);
    CU_ASSERT_STRING_EQUAL(client.err.code, "timeout");
    CU_ASSERT_PTR_NOT_NULL(strstr(client.err.message, "/path: no complete reply within 0.2 s"));
    CU_ASSERT(now_ms() - begin < 800);
    stop(&server);
    client_release(&client);
}

/* Its backlog is full, so that the next SYN is not answered: a host that drops packets. */
static void a_connection_that_never_stands_times_out(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    struct server server = {0};
    struct client client;
    int64_t begin;
    int fillers[2];

    server.listener = loopback_listen(&server.port);
    loopback_need(listen(server.listener, 0) == 0, "a small backlog");
    address.sin_port = htons((uint16_t)server.port);
    for (int i = 0; i < 2; i++) {
        fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        (void)connect(fillers[i], (struct sockaddr *)&address, sizeof address);
    }
    client_init(&client, &server, "127.0.0.1");
    client.request.timeout_ms = 300;
    begin = now_ms();
    CU_ASSERT_EQUAL(client_send(&client), ACSMTP_TEMPORARY);
    CU_ASSERT_STRING_EQUAL(client.err.code, "timeout");
    CU_ASSERT_PTR_NOT_NULL(strstr(client.err.message, "/path: no connection within 0.3 s"));
    CU_ASSERT(now_ms() - begin < 1000);
    for (int i = 0; i < 2; i++)
        (void)close(fillers[i]);
    (void)close(server.listener);
    client_release(&client);
}

static void a_closed_proxy_is_told(void)
{
    struct server server = {.tls = pki.server};
    struct client client;
    char proxy[64];

    server.listener = loopback_listen(&server.port);
    (void)close(server.listener);
    (void)snprintf(proxy, sizeof proxy, "http://127.0.0.1:%d", server.port);
    (void)setenv("https_proxy", proxy, 1);
    client_init(&client, &server, "mx.example");
    CU_ASSERT_EQUAL(client_send(&client), ACSMTP_TEMPORARY);
    CU_ASSERT_STRING_EQUAL(client.err.code, "connect_refused");
    CU_ASSERT_PTR_NOT_NULL(strstr(client.err.message, "/path: connection refused (127.0.0.1)"));
    client_release(&client);
    (void)unsetenv("https_proxy");
}

/* What the proxy says is no loss of a connection that stood. */
static void a_proxy_that_refuses_is_told(void)
{
    struct server server = {
        .exchanges = {{.reply = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"}}};
    struct client client;
    char proxy[64];

    start(&server);
    (void)snprintf(proxy, sizeof proxy, "http://127.0.0.1:%d", server.port);
    (void)setenv("https_proxy", proxy, 1);
    client_init(&client, &server, "mx.example");
    client.request.url = "https://mx.example/path";
    CU_ASSERT_EQUAL(client_send(&client), ACSMTP_TEMPORARY);
    CU_ASSERT_STRING_EQUAL(client.err.code, "connect_unreachable");
    CU_ASSERT_PTR_NOT_NULL(strstr(client.err.message, "the proxy does not connect (CONNECT"));
    CU_ASSERT_PTR_NOT_NULL(strstr(client.err.message, "403"));
    stop(&server);
    client_release(&client);
    (void)unsetenv("https_proxy");
}

static void the_deadline_of_the_context_wins(void)
{
    struct server server = {.exchanges = {{.reply = OK_REPLY, .delay_ms = 900}}};
    struct client client;
    int64_t begin = now_ms();

    start(&server);
    client_init(&client, &server, "127.0.0.1");
    client.request.retry = &retry_quickly;
    acsmtp_context_set_timeout(client.context, 200);
    CU_ASSERT_EQUAL(client_send(&client), ACSMTP_TEMPORARY);
    CU_ASSERT(now_ms() - begin < 800);
    CU_ASSERT_EQUAL(client.request.attempts_made, 1);
    stop(&server);
    client_release(&client);
}

static void *cancel(void *data)
{
    (void)usleep(150000);
    acsmtp_context_cancel(data);
    return NULL;
}

static void a_cancellation_ends_the_wait(void)
{
    struct server server = {.exchanges = {{.reply = OK_REPLY, .delay_ms = 900}}};
    struct client client;
    pthread_t thread;
    int64_t begin = now_ms();

    start(&server);
    client_init(&client, &server, "127.0.0.1");
    client.request.retry = &retry_quickly;
    loopback_need(pthread_create(&thread, NULL, cancel, client.context) == 0, "a thread");
    CU_ASSERT_EQUAL(client_send(&client), ACSMTP_CANCELLED);
    CU_ASSERT(now_ms() - begin < 400);
    CU_ASSERT_EQUAL(client.request.attempts_made, 1);
    (void)pthread_join(thread, NULL);
    stop(&server);
    client_release(&client);
}

/* ---- asking again ---- */

static void busy_servers_are_asked_again(void)
{
    struct server server = {
        .exchanges = {{.reply = "HTTP/1.1 429 Slow down\r\nRetry-After: 1\r\n"
                                "Content-Length: 0\r\n\r\n"},
                      {.reply = "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy"},
                      {.drop = 1},
                      {.reply = OK_REPLY}}};
    struct client client;
    int64_t begin = now_ms();

    start(&server);
    client_init(&client, &server, "127.0.0.1");
    client.request.retry = &retry_quickly;
    CU_ASSERT_EQUAL_FATAL(client_send(&client), ACSMTP_OK);
    CU_ASSERT(now_ms() - begin >= 1000);
    CU_ASSERT_EQUAL(acsmtp_http_status(client.response), 200);
    CU_ASSERT_STRING_EQUAL(acsmtp_secret_data(acsmtp_http_body(client.response)), "hi");
    CU_ASSERT_EQUAL(client.request.attempts_made, 4);
    stop(&server);
    client_release(&client);
}

static void the_last_reply_is_given_when_all_fail(void)
{
    static const char busy[] = "HTTP/1.1 500 Oh\r\nContent-Length: 2\r\n\r\nno";
    struct server server = {
        .exchanges = {{.reply = busy}, {.reply = busy}, {.reply = busy}, {.reply = busy}}};
    struct client client;

    start(&server);
    client_init(&client, &server, "127.0.0.1");
    client.request.retry = &retry_quickly;
    CU_ASSERT_EQUAL_FATAL(client_send(&client), ACSMTP_OK);
    CU_ASSERT_EQUAL(acsmtp_http_status(client.response), 500);
    CU_ASSERT_EQUAL(client.request.attempts_made, 4);
    stop(&server);
    client_release(&client);
}

static void refusals_are_not_asked_again(void)
{
    struct server server = {
        .exchanges = {{.reply = "HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n"}}};
    struct client client;

    start(&server);
    client_init(&client, &server, "127.0.0.1");
    client.request.retry = &retry_quickly;
    CU_ASSERT_EQUAL_FATAL(client_send(&client), ACSMTP_OK);
    CU_ASSERT_EQUAL(acsmtp_http_status(client.response), 401);
    CU_ASSERT_EQUAL(client.request.attempts_made, 1);
    stop(&server);
    client_release(&client);
}

static void own_statuses_are_retried(void)
{
    static const int16_t statuses[] = {404, 410, 0};
    const struct acsmtp_http_retry retry = {.size = sizeof retry,
                                            .attempts = 3,
                                            .delays_ms = quick,
                                            .delay_count = 1,
                                            .statuses = statuses};
    struct server server = {
        .exchanges = {{.reply = "HTTP/1.1 410 Later\r\nContent-Length: 0\r\n\r\n"},
                      {.reply = "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"}}};
    struct client client;

    start(&server);
    client_init(&client, &server, "127.0.0.1");
    client.request.retry = &retry;
    CU_ASSERT_EQUAL_FATAL(client_send(&client), ACSMTP_OK);
    CU_ASSERT_EQUAL(acsmtp_http_status(client.response), 503);
    CU_ASSERT_EQUAL(client.request.attempts_made, 2);
    stop(&server);
    client_release(&client);
}

/* Without a deadline a server could hold a program for as long as it likes. */
static void a_very_long_wait_is_not_begun(void)
{
    struct server server = {.exchanges = {{.reply = "HTTP/1.1 503 Later\r\nRetry-After: 3600\r\n"
                                                    "Content-Length: 0\r\n\r\n"}}};
    struct client client;
    int64_t begin = now_ms();

    start(&server);
    client_init(&client, &server, "127.0.0.1");
    client.request.retry = &retry_quickly;
    CU_ASSERT_EQUAL_FATAL(client_send(&client), ACSMTP_OK);
    CU_ASSERT_EQUAL(acsmtp_http_retry_after(client.response), 3600);
    CU_ASSERT_EQUAL(client.request.attempts_made, 1);
    CU_ASSERT(now_ms() - begin < 1000);
    stop(&server);
    client_release(&client);
}

static void a_wait_beyond_the_deadline_is_not_begun(void)
{
    struct server server = {.exchanges = {{.reply = "HTTP/1.1 429 Slow down\r\nRetry-After: 60\r\n"
                                                    "Content-Length: 0\r\n\r\n"}}};
    struct client client;
    int64_t begin = now_ms();

    start(&server);
    client_init(&client, &server, "127.0.0.1");
    client.request.retry = &retry_quickly;
    acsmtp_context_set_timeout(client.context, 5000);
    CU_ASSERT_EQUAL_FATAL(client_send(&client), ACSMTP_OK);
    CU_ASSERT_EQUAL(acsmtp_http_status(client.response), 429);
    CU_ASSERT_EQUAL(acsmtp_http_retry_after(client.response), 60);
    CU_ASSERT(now_ms() - begin < 1000);
    stop(&server);
    client_release(&client);
}

int main(void)
{
    static const struct cunit_case cases[] = {
        T(a_truncated_body_is_a_lost_connection),
        T(silence_is_a_lost_connection),
        T(a_huge_body_is_refused),
        T(a_huge_header_is_refused),
        T(odd_fields_are_not_traced),
        T(garbage_is_refused),
        T(wrong_certificates_are_refused),
        T(a_closed_port_is_told),
        T(a_slow_reply_times_out),
        T(a_connection_that_never_stands_times_out),
        T(a_closed_proxy_is_told),
        T(a_proxy_that_refuses_is_told),
        T(the_deadline_of_the_context_wins),
        T(a_cancellation_ends_the_wait),
        T(busy_servers_are_asked_again),
        T(the_last_reply_is_given_when_all_fail),
        T(refusals_are_not_asked_again),
        T(own_statuses_are_retried),
        T(a_wait_beyond_the_deadline_is_not_begun),
        T(a_very_long_wait_is_not_begun),
    };
    int result;

    loopback_pki_open(&pki);
    result = cunit_run("http_failure", cases, sizeof cases / sizeof cases[0]);
    loopback_pki_close(&pki);
    return result;
}
