/* SPDX-License-Identifier: MIT */
/*
 * What a session does before there is a dialogue: options, trust, hosts that do not answer. The
 * dialogues themselves are in tests/dialogue.
 */
#include "cunit_main.h"
#include "loopback.h"

#include <acsmtp/smtp.h>
#include <time.h>

#define SESSIONS 4

static struct loopback_pki pki;

static int answer(void *data, unsigned step, const char *challenge, size_t size,
                  struct acsmtp_secret *response, struct acsmtp_error *err)
{
    (void)data;
    (void)challenge;
    (void)size;
    return acsmtp_secret_append(response, step ? "password" : "username", 8, err);
}

static struct acsmtp_smtp_mechanism login = {
    .size = sizeof login, .name = "LOGIN", .respond = answer};

static struct acsmtp_smtp_options usual(int port)
{
    return (struct acsmtp_smtp_options){.size = sizeof(struct acsmtp_smtp_options),
                                        .tls = ACSMTP_SMTP_IMPLICIT,
                                        .host = "localhost",
                                        .port = port,
                                        .ca_file = pki.ca_file,
                                        .connect_timeout_ms = -1,
                                        .reply_timeout_ms = -1,
                                        .mechanism = &login};
}

/* ---- a server that lets everybody in ---- */

static void say(struct loopback_wire *wire, const char *text)
{
    (void)loopback_write(wire, text, strlen(text));
}

static int greet(struct loopback_wire *wire)
{
    static const char *const replies[] = {"250-mx.test\r\n250-SIZE 42\r\n250 AUTH LOGIN\r\n",
                                          "334 VXNlcm5hbWU6\r\n", "334 UGFzc3dvcmQ6\r\n",
                                          "235 ok\r\n", "221 bye\r\n"};
    char line[512];
    int fills = 0;

    if (!loopback_start_tls(wire, pki.server))
        return 0;
    say(wire, "220 mx.test\r\n");
    for (size_t i = 0; i < sizeof replies / sizeof replies[0]; i++) {
        if (loopback_line(wire, line, sizeof line, &fills) == 0)
            return 0;
        say(wire, replies[i]);
    }
    return 1;
}

struct server {
    int listener, port;
    size_t guests;
    pthread_t thread;
};

static void *serve(void *data)
{
    struct server *server = data;
    static struct loopback_wire wire;

    loopback_begin_thread();
    for (; server->guests > 0 && loopback_accept(&wire, server->listener); server->guests--) {
        (void)greet(&wire);
        loopback_close(&wire);
    }
    return NULL;
}

static void start(struct server *server, size_t guests)
{
    server->guests = guests;
    server->listener = loopback_listen(&server->port);
    loopback_need(pthread_create(&server->thread, NULL, serve, server) == 0, "a thread");
}

static void stop(struct server *server)
{
    (void)pthread_join(server->thread, NULL);
    (void)close(server->listener);
}

/* ---- a client ---- */

static int visit(const struct acsmtp_smtp_options *options, struct acsmtp_error *err)
{
    struct acsmtp_context *context;
    struct acsmtp_smtp *smtp = NULL;
    const char *parameters = NULL;
    int status;

    *err = (struct acsmtp_error)ACSMTP_ERROR_INIT;
    loopback_need(acsmtp_context_new(&context, err) == ACSMTP_OK, "a context");
    acsmtp_context_set_timeout(context, LOOPBACK_PATIENCE_MS);
    status = acsmtp_smtp_open(context, options, &smtp, err);
    if (smtp) {
        CU_ASSERT(acsmtp_smtp_capability(smtp, "size", &parameters));
        CU_ASSERT_STRING_EQUAL(parameters, "42");
        CU_ASSERT_FALSE(acsmtp_smtp_capability(smtp, "DSN", &parameters));
        CU_ASSERT(acsmtp_smtp_capability(smtp, "AUTH", NULL));
    }
    acsmtp_smtp_close(smtp, context);
    acsmtp_context_free(context);
    return status;
}

static void options_are_checked(void)
{
    static const char *const hosts[] = {NULL, "", "a b", "a/b", "user@a", "a\r\nb", "a?b", "a#b"};
    static const char *const names[] = {"", "a b", "a\r\nRSET", "a/b", "%41"};
    struct acsmtp_smtp_mechanism nameless = {.size = sizeof nameless, .respond = answer};
    struct acsmtp_smtp_mechanism strange = {
        .size = sizeof strange, .name = "LOGIN\r\nQUIT", .respond = answer};
    struct acsmtp_smtp_options options = usual(1);
    struct acsmtp_error err;

    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        options.host = hosts[i];
        CU_ASSERT_EQUAL(visit(&options, &err), ACSMTP_CONFIG);
    }
    options = usual(1);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        options.ehlo = names[i];
        CU_ASSERT_EQUAL(visit(&options, &err), ACSMTP_CONFIG);
    }
    options = usual(0);
    CU_ASSERT_EQUAL(visit(&options, &err), ACSMTP_CONFIG);
    options = usual(65536);
    CU_ASSERT_EQUAL(visit(&options, &err), ACSMTP_CONFIG);
    options = usual(1);
    options.mechanism = NULL;
    CU_ASSERT_EQUAL(visit(&options, &err), ACSMTP_CONFIG);
    options.mechanism = &nameless;
    CU_ASSERT_EQUAL(visit(&options, &err), ACSMTP_CONFIG);
    options.mechanism = &strange;
    CU_ASSERT_EQUAL(visit(&options, &err), ACSMTP_CONFIG);
    options = usual(1);
    options.size = 8;
    CU_ASSERT_EQUAL(visit(&options, &err), ACSMTP_SYSTEM);
}

static void a_hashed_folder_is_trusted(void)
{
    struct server server;
    struct acsmtp_smtp_options options;
    struct acsmtp_error err;
    char link[128];
    FILE *file = fopen(pki.ca_file, "re");
    X509 *ca = file ? PEM_read_X509(file, NULL, NULL, NULL) : NULL;

    loopback_need(ca && fclose(file) == 0, "the CA");
    (void)snprintf(link, sizeof link, "%s/%08lx.0", pki.folder, X509_subject_name_hash(ca));
    X509_free(ca);
    start(&server, 2);
    options = usual(server.port);
    options.ca_file = NULL;
    options.ca_path = pki.folder;
    CU_ASSERT_EQUAL(visit(&options, &err), ACSMTP_PROTOCOL);
    CU_ASSERT_STRING_EQUAL(err.code, "tls");
    loopback_need(symlink("ca.pem", link) == 0, link);
    CU_ASSERT_EQUAL(visit(&options, &err), ACSMTP_OK);
    (void)unlink(link);
    stop(&server);
}

static void the_system_trusts_no_throw_away_ca(void)
{
    struct server server;
    struct acsmtp_smtp_options options;
    struct acsmtp_error err;

    start(&server, 1);
    options = usual(server.port);
    options.ca_file = NULL;
    CU_ASSERT_EQUAL(visit(&options, &err), ACSMTP_PROTOCOL);
    CU_ASSERT_STRING_EQUAL(err.code, "tls");
    stop(&server);
}

static void a_missing_ca_file_is_a_setting(void)
{
    struct server server;
    struct acsmtp_smtp_options options;
    struct acsmtp_error err;

    start(&server, 1);
    options = usual(server.port);
    options.ca_file = "/no/such/file.pem";
    CU_ASSERT_EQUAL(visit(&options, &err), ACSMTP_CONFIG);
    stop(&server);
}

static void literal_addresses_are_hosts(void)
{
    struct server server;
    struct acsmtp_smtp_options options;
    struct acsmtp_error err;

    start(&server, 1);
    options = usual(server.port);
    options.host = "127.0.0.1";
    options.ehlo = "[127.0.0.1]";
    CU_ASSERT_EQUAL(visit(&options, &err), ACSMTP_OK);
    stop(&server);
}

static void a_closed_port_is_told(void)
{
    int port;
    int listener = loopback_listen(&port);
    struct acsmtp_smtp_options options = usual(port);
    struct acsmtp_error err;

    (void)close(listener);
    CU_ASSERT_EQUAL(visit(&options, &err), ACSMTP_TEMPORARY);
    CU_ASSERT_STRING_EQUAL(err.code, "connect_refused");
    options.host = "::1";
    CU_ASSERT_EQUAL(visit(&options, &err), ACSMTP_TEMPORARY);
}

/* A label of more than 63 bytes fails in the resolver library: nobody is asked. */
static void names_that_cannot_exist_are_told(void)
{
    char host[80];
    struct acsmtp_smtp_options options = usual(25);
    struct acsmtp_error err;

    (void)snprintf(host, sizeof host, "%064d.example", 0);
    options.host = host;
    CU_ASSERT_EQUAL(visit(&options, &err), ACSMTP_TEMPORARY);
    CU_ASSERT_STRING_EQUAL(err.code, "dns");
}

static int64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A listener whose queue is full drops the first packet of every further connection. */
static void the_connect_timeout_is_kept(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    struct acsmtp_error err;
    struct acsmtp_smtp_options options;
    int fillers[3];
    int port;
    int listener = loopback_listen(&port);
    int64_t begin;

    loopback_need(listen(listener, 0) == 0, "a short queue");
    address.sin_port = htons((uint16_t)port);
    for (size_t i = 0; i < 3; i++) {
        fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        (void)connect(fillers[i], (struct sockaddr *)&address, sizeof address);
    }
    options = usual(port);
    options.host = "127.0.0.1";
    options.connect_timeout_ms = 300;
    begin = now_ms();
    CU_ASSERT_EQUAL(visit(&options, &err), ACSMTP_TEMPORARY);
    CU_ASSERT_STRING_EQUAL(err.code, "timeout");
    CU_ASSERT(now_ms() - begin >= 300 && now_ms() - begin < 2000);
    for (size_t i = 0; i < 3; i++)
        (void)close(fillers[i]);
    (void)close(listener);
}

static void *visit_in_thread(void *data)
{
    struct acsmtp_error err;

    return visit(data, &err) == ACSMTP_OK ? data : NULL;
}

static void sessions_run_in_threads(void)
{
    struct server server;
    struct acsmtp_smtp_options options;
    pthread_t threads[SESSIONS];

    start(&server, SESSIONS);
    options = usual(server.port);
    for (size_t i = 0; i < SESSIONS; i++)
        loopback_need(pthread_create(&threads[i], NULL, visit_in_thread, &options) == 0,
                      "a thread");
    for (size_t i = 0; i < SESSIONS; i++) {
        void *result = NULL;

        (void)pthread_join(threads[i], &result);
        CU_ASSERT_PTR_EQUAL(result, &options);
    }
    stop(&server);
}

int main(void)
{
    static const struct cunit_case cases[] = {
        T(options_are_checked),
        T(a_hashed_folder_is_trusted),
        T(the_system_trusts_no_throw_away_ca),
        T(a_missing_ca_file_is_a_setting),
        T(literal_addresses_are_hosts),
        T(a_closed_port_is_told),
        T(names_that_cannot_exist_are_told),
        T(the_connect_timeout_is_kept),
        T(sessions_run_in_threads),
    };
    int result;

    loopback_pki_open(&pki);
    result = cunit_run("smtp_session", cases, sizeof cases / sizeof cases[0]);
    loopback_pki_close(&pki);
    return result;
}
