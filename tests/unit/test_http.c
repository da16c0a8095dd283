/* SPDX-License-Identifier: MIT */
/* The HTTP client against a scripted server on the loopback: what it sends, where to, and how it
 * takes what comes back. */
#include "cunit_main.h"
#include "http_server.h"

/* ---- what is sent and received ---- */

static void a_get_over_tls_succeeds(void)
{
    struct server server = {.tls = pki.server,
                            .exchanges = {{.reply = "HTTP/1.1 200 OK\r\nX-Ms-Request-Id: 42\r\n"
                                                    "Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n"
                                                    "Content-Length: 5\r\n\r\nhello"}}};
    static const char *const headers[] = {"Metadata: true", "X-IDENTITY-HEADER: sesame-open", NULL};
    struct client client;

    start(&server);
    client_init(&client, &server, "localhost");
    client.request.headers = headers;
    CU_ASSERT_EQUAL_FATAL(client_send(&client), ACSMTP_OK);
    stop(&server);
    CU_ASSERT_EQUAL(acsmtp_http_status(client.response), 200);
    CU_ASSERT_STRING_EQUAL(acsmtp_secret_data(acsmtp_http_body(client.response)), "hello");
    CU_ASSERT_STRING_EQUAL(acsmtp_http_header(client.response, "x-ms-request-id", 0), "42");
    CU_ASSERT_STRING_EQUAL(acsmtp_http_header(client.response, "set-cookie", 1), "b=2");
    CU_ASSERT_PTR_NULL(acsmtp_http_header(client.response, "set-cookie", 2));
    CU_ASSERT_EQUAL(acsmtp_http_retry_after(client.response), -1);
    CU_ASSERT_EQUAL(client.request.attempts_made, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(server.requests[0], "GET /path?query=1 HTTP/1.1\r\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(server.requests[0], "\r\nMetadata: true\r\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(server.requests[0], "\r\nX-IDENTITY-HEADER: sesame-open\r\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(client.trace, "http > Metadata: true"));
    CU_ASSERT_PTR_NOT_NULL(strstr(client.trace, "http > X-IDENTITY-HEADER: <hidden>"));
    CU_ASSERT_PTR_NOT_NULL(strstr(client.trace, "http < Set-Cookie: <hidden>"));
    CU_ASSERT_PTR_NOT_NULL(strstr(client.trace, "http < X-Ms-Request-Id: 42"));
    CU_ASSERT_PTR_NULL(strstr(client.trace, "sesame"));
    CU_ASSERT_PTR_NULL(strstr(client.trace, "a=1"));
    client_release(&client);
}

static void bearer_and_body_are_sent_and_not_shown(void)
{
    struct server server = {.exchanges = {{.reply = OK_REPLY}}};
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    ACSMTP_AUTO_SECRET struct acsmtp_secret *token = acsmtp_secret_new("to.ken-1234", 11, &err);
    ACSMTP_AUTO_SECRET struct acsmtp_secret *body = acsmtp_secret_new("secret=hush-hush", 16, &err);
    struct client client;

    start(&server);
    client_init(&client, &server, "127.0.0.1");
    client.request.method = "POST";
    client.request.bearer = token;
    client.request.body = body;
    client.request.content_type = "application/x-www-form-urlencoded";
    CU_ASSERT_EQUAL_FATAL(client_send(&client), ACSMTP_OK);
    stop(&server);
    CU_ASSERT_PTR_NOT_NULL(strstr(server.requests[0], "POST /path?query=1 HTTP/1.1\r\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(server.requests[0], "\r\nAuthorization: Bearer to.ken-1234\r\n"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(server.requests[0], "\r\nContent-Type: application/x-www-form-urlencoded\r\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(server.requests[0], "\r\n\r\nsecret=hush-hush"));
    CU_ASSERT_PTR_NULL(strstr(server.requests[0], "Expect:"));
    CU_ASSERT_PTR_NOT_NULL(strstr(client.trace, "http > Authorization: <hidden>"));
    CU_ASSERT_PTR_NULL(strstr(client.trace, "to.ken"));
    CU_ASSERT_PTR_NULL(strstr(client.trace, "hush"));
    client_release(&client);
}

static void other_methods_keep_their_names(void)
{
    static const char *const methods[] = {"PUT", "DELETE", "PATCH", "HEAD", "POST"};

    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        struct server server = {.exchanges = {{.reply = "HTTP/1.1 204 None\r\n\r\n"}}};
        struct client client;
        char line[64];

        start(&server);
        client_init(&client, &server, "127.0.0.1");
        client.request.method = methods[i];
        CU_ASSERT_EQUAL(client_send(&client), ACSMTP_OK);
        stop(&server);
        (void)snprintf(line, sizeof line, "%s /path?query=1 HTTP/1.1\r\n", methods[i]);
        CU_ASSERT_EQUAL(strncmp(server.requests[0], line, strlen(line)), 0);
        client_release(&client);
    }
}

static void a_redirect_is_not_followed(void)
{
    struct client client;

    CU_ASSERT_EQUAL(one("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n"
                        "Content-Length: 0\r\n\r\n",
                        &client),
                    ACSMTP_OK);
    CU_ASSERT_EQUAL(acsmtp_http_status(client.response), 302);
    client_release(&client);
}

static void a_reply_in_chunks_is_joined(void)
{
    struct client client;

    CU_ASSERT_EQUAL(one("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                        "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
                        &client),
                    ACSMTP_OK);
    CU_ASSERT_STRING_EQUAL(acsmtp_secret_data(acsmtp_http_body(client.response)), "abcde");
    client_release(&client);
}

static void an_interim_reply_is_forgotten(void)
{
    struct client client;

    CU_ASSERT_EQUAL(one("HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\n"
                        "HTTP/1.1 200 OK\r\nX-Late: 1\r\nContent-Length: 0\r\n\r\n",
                        &client),
                    ACSMTP_OK);
    CU_ASSERT_PTR_NULL(acsmtp_http_header(client.response, "X-Early", 0));
    CU_ASSERT_PTR_NOT_NULL(acsmtp_http_header(client.response, "X-Late", 0));
    client_release(&client);
}

static void the_clock_is_compared(void)
{
    char reply[256];
    char date[64];
    time_t ahead = time(NULL) + 3600;
    struct tm parts;
    struct client client;

    (void)strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&ahead, &parts));
    (void)snprintf(reply, sizeof reply,
                   "HTTP/1.1 503 No\r\nDate: %s\r\nRetry-After: %s\r\n"
                   "Content-Length: 0\r\n\r\n",
                   date, date);
    CU_ASSERT_EQUAL(one(reply, &client), ACSMTP_OK);
    CU_ASSERT(llabs((long long)acsmtp_http_clock_skew(client.response) - 3600) <= 3);
    CU_ASSERT(abs(acsmtp_http_retry_after(client.response) - 3600) <= 3);
    client_release(&client);
}

/* ---- where to ---- */

static void proxies_do_not_see_the_loopback(void)
{
    static const char *const hosts[] = {"127.0.0.1", "localhost", "mx.localhost"};

    (void)setenv("http_proxy", "http://127.0.0.1:1", 1);
    (void)setenv("https_proxy", "http://127.0.0.1:1", 1);
    (void)setenv("all_proxy", "http://127.0.0.1:1", 1);
    for (size_t i = 0; i < 6; i++) {
        struct server server = {.tls = i < 3 ? NULL : pki.server,
                                .exchanges = {{.reply = OK_REPLY}}};
        struct client client;

        start(&server);
        client_init(&client, &server, hosts[i % 3]);
        CU_ASSERT_EQUAL(client_send(&client), ACSMTP_OK);
        stop(&server);
        client_release(&client);
    }
    (void)unsetenv("http_proxy");
    (void)unsetenv("https_proxy");
    (void)unsetenv("all_proxy");
}

static int send_to(const char *url, struct acsmtp_error *err)
{
    struct acsmtp_context *context;
    struct acsmtp_http_response *response = NULL;
    struct acsmtp_http_request request = {.size = sizeof request,
                                          .method = "GET",
                                          .url = url,
                                          .timeout_ms = 5000,
                                          .connect_timeout_ms = -1,
                                          .retry = &acsmtp_http_retry_none};
    int status;

    *err = (struct acsmtp_error)ACSMTP_ERROR_INIT;
    CU_ASSERT_EQUAL_FATAL(acsmtp_context_new(&context, err), 0);
    status = acsmtp_http_send(context, &request, &response, err);
    acsmtp_http_response_free(response);
    acsmtp_context_free(context);
    return status;
}

static void urls_that_are_not_allowed_are_told(void)
{
    static const char *const wrong[] = {"http://example.com/",
                                        "http://128.0.0.1/",
                                        "http://169.253.169.254/",
                                        "http://localhost.example.com/",
                                        "http://notlocalhost/",
                                        "http://[fd00:ec2::255]/",
                                        "http://127.0.0.1.example.com/",
                                        "https://user@localhost/",
                                        "https://user:pw@localhost/",
                                        "https://localhost/#fragment",
                                        "ftp://localhost/",
                                        "file:///etc/passwd",
                                        "localhost",
                                        "https://",
                                        "https://local host/",
                                        "https://localhost/\r\nX: y",
                                        "",
                                        NULL};
    struct acsmtp_error err;

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        CU_ASSERT_EQUAL_FATAL(send_to(wrong[i], &err), ACSMTP_CONFIG);
}

static void header_fields_cannot_hold_line_ends(void)
{
    static const char *const wrong[][2] = {{"X: a\r\nY: b", NULL}, {"X: a\n", NULL},
                                           {"no colon", NULL},     {": none", NULL},
                                           {"a b: c", NULL},       {"X;", NULL}};
    struct server server = {.port = 1};

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct client client;

        client_init(&client, &server, "127.0.0.1");
        client.request.headers = wrong[i];
        CU_ASSERT_EQUAL(client_send(&client), ACSMTP_CONFIG);
        client_release(&client);
    }
}

/* A label of more than 63 bytes fails in the resolver library: nobody is asked. */
static void names_that_cannot_exist_are_told(void)
{
    char url[128];
    struct acsmtp_error err;

    (void)snprintf(url, sizeof url, "https://%064d.example/", 0);
    CU_ASSERT_EQUAL(send_to(url, &err), ACSMTP_TEMPORARY);
    CU_ASSERT_STRING_EQUAL(err.code, "dns");
}

static void the_system_trusts_no_throw_away_ca(void)
{
    struct server server = {.tls = pki.server, .exchanges = {{.reply = OK_REPLY}}};
    char url[64];
    struct acsmtp_error err;

    start(&server);
    (void)snprintf(url, sizeof url, "https://localhost:%d/", server.port);
    CU_ASSERT_EQUAL(send_to(url, &err), ACSMTP_PROTOCOL);
    CU_ASSERT_STRING_EQUAL(err.code, "tls");
    stop(&server);
}

int main(void)
{
    static const struct cunit_case cases[] = {
        T(a_get_over_tls_succeeds),
        T(bearer_and_body_are_sent_and_not_shown),
        T(other_methods_keep_their_names),
        T(a_redirect_is_not_followed),
        T(a_reply_in_chunks_is_joined),
        T(an_interim_reply_is_forgotten),
        T(the_clock_is_compared),
        T(proxies_do_not_see_the_loopback),
        T(urls_that_are_not_allowed_are_told),
        T(header_fields_cannot_hold_line_ends),
        T(names_that_cannot_exist_are_told),
        T(the_system_trusts_no_throw_away_ca),
    };
    int result;

    loopback_pki_open(&pki);
    result = cunit_run("http", cases, sizeof cases / sizeof cases[0]);
    loopback_pki_close(&pki);
    return result;
}
