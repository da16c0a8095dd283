/* SPDX-License-Identifier: MIT */
/*
 * Connections that outlive their exchange, against a server that keeps them open: who may use them,
 * and what happens when they are lost.
 */
#include "cunit_main.h"
#include "http_server.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <sys/wait.h>

#define KEPT_MAX 16

enum after_reply { STAY, CLOSE, RESET };

/* ---- a server that answers any number of requests on each connection ---- */

struct kept {
    struct keeper *keeper;
    pthread_t thread;
    struct loopback_wire wire;
};

struct keeper {
    SSL_CTX *tls; /* NULL: plain */
    int listener, port;
    int after_first; /* enum after_reply: what follows the first reply of all */
    int is_mute;     /* hang up on every second request of a connection, without a word */
    int delay_ms;    /* before every second reply of a connection */
    atomic_int accepted, requests, closed, is_read, is_stopping;
    pthread_t thread;
    struct kept kept[KEPT_MAX];
};

/* Whether a request comes; 0 at the connection's end, and when the server stops. */
static int next_request(struct kept *kept)
{
    char request[8192] = "";

    while (!loopback_is_readable(&kept->wire, 10))
        if (kept->keeper->is_stopping)
            return 0;
    read_request(&kept->wire, request, sizeof request);
    return request[0] != '\0';
}

/* Not before the client has its reply: a reset would take that away. */
static void end(struct kept *kept)
{
    while (!kept->keeper->is_read && !kept->keeper->is_stopping)
        (void)usleep(1000);
    if (kept->keeper->after_first == RESET)
        loopback_drop(&kept->wire);
}

static void answer_all(struct kept *kept)
{
    struct keeper *keeper = kept->keeper;

    for (int count = 1; next_request(kept); count++) {
        int is_first = ++keeper->requests == 1;

        if (count % 2 == 0 && keeper->is_mute)
            return;
        if (count % 2 == 0)
            (void)usleep((useconds_t)keeper->delay_ms * 1000);
        (void)loopback_write(&kept->wire, OK_REPLY, strlen(OK_REPLY));
        if (is_first && keeper->after_first != STAY) {
            end(kept);
            return;
        }
    }
}

static void *keep(void *data)
{
    struct kept *kept = data;

    loopback_begin_thread();
    if (!kept->keeper->tls || loopback_start_tls(&kept->wire, kept->keeper->tls))
        answer_all(kept);
    loopback_close(&kept->wire);
    kept->keeper->closed++;
    return NULL;
}

static void *accept_all(void *data)
{
    struct keeper *keeper = data;

    while (keeper->accepted < KEPT_MAX) {
        struct kept *kept = &keeper->kept[keeper->accepted];

        kept->keeper = keeper;
        kept->wire.fd = accept4(keeper->listener, NULL, NULL, SOCK_CLOEXEC);
        if (kept->wire.fd < 0)
            break;
        loopback_need(pthread_create(&kept->thread, NULL, keep, kept) == 0, "a thread");
        keeper->accepted++;
    }
    return NULL;
}

static void keeper_start(struct keeper *keeper)
{
    keeper->listener = loopback_listen(&keeper->port);
    loopback_need(pthread_create(&keeper->thread, NULL, accept_all, keeper) == 0, "a thread");
}

static void keeper_stop(struct keeper *keeper)
{
    keeper->is_stopping = 1;
    (void)shutdown(keeper->listener, SHUT_RDWR);
    (void)pthread_join(keeper->thread, NULL);
    (void)close(keeper->listener);
    for (int i = 0; i < keeper->accepted; i++)
        (void)pthread_join(keeper->kept[i].thread, NULL);
}

static void let_end(struct keeper *keeper)
{
    keeper->is_read = 1;
    for (int i = 0; keeper->closed == 0 && i < 500; i++)
        (void)usleep(10000);
    CU_ASSERT_FATAL(keeper->closed > 0);
}

/* ---- a client ---- */

/* One exchange; its status. `ca_file` NULL: the system's trust. */
static int ask(const struct keeper *keeper, const char *method, const char *ca_file,
               const char *peer_sha1, char code[64])
{
    const struct server place = {.tls = keeper->tls, .port = keeper->port};
    struct client client;
    int status;

    client_init(&client, &place, "127.0.0.1");
    CU_ASSERT_EQUAL(acsmtp_context_set_endpoint(client.context, "ca_file", ca_file, NULL), 0);
    client.request.method = method;
    client.request.peer_sha1 = peer_sha1;
    client.request.timeout_ms = 1500;
    status = client_send(&client);
    if (code)
        (void)snprintf(code, 64, "%s", client.err.code);
    if (status == ACSMTP_OK)
        CU_ASSERT_EQUAL(client.request.attempts_made, 1);
    client_release(&client);
    return status;
}

static int read_it(const struct keeper *keeper)
{
    return ask(keeper, "GET", pki.ca_file, NULL, NULL);
}

/* ---- who may use them ---- */

static void reads_share_a_connection(void)
{
    for (int is_tls = 0; is_tls < 2; is_tls++) {
        struct keeper keeper = {.tls = is_tls ? pki.server : NULL};

        keeper_start(&keeper);
        for (int i = 0; i < 5; i++)
            CU_ASSERT_EQUAL(read_it(&keeper), ACSMTP_OK);
        keeper_stop(&keeper);
        CU_ASSERT_EQUAL(keeper.requests, 5);
        CU_ASSERT_EQUAL(keeper.accepted, 1);
    }
}

static void a_write_opens_its_own(void)
{
    static const char *const methods[] = {"POST", "PUT", "PATCH", "DELETE"};

    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        struct keeper keeper = {.tls = pki.server};

        keeper_start(&keeper);
        CU_ASSERT_EQUAL(read_it(&keeper), ACSMTP_OK);
        CU_ASSERT_EQUAL(ask(&keeper, methods[i], pki.ca_file, NULL, NULL), ACSMTP_OK);
        CU_ASSERT_EQUAL(keeper.accepted, 2);
        CU_ASSERT_EQUAL(read_it(&keeper), ACSMTP_OK);
        keeper_stop(&keeper);
        CU_ASSERT_EQUAL(keeper.accepted, 2);
    }
}

static void other_trust_gets_another_connection(void)
{
    struct keeper keeper = {.tls = pki.server};
    char code[64];

    keeper_start(&keeper);
    CU_ASSERT_EQUAL(read_it(&keeper), ACSMTP_OK);
    CU_ASSERT_EQUAL(ask(&keeper, "GET", NULL, NULL, code), ACSMTP_PROTOCOL);
    CU_ASSERT_STRING_EQUAL(code, "tls");
    keeper_stop(&keeper);
}

static void thumbprint(char text[2 * EVP_MAX_MD_SIZE + 1])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;

    CU_ASSERT_EQUAL_FATAL(
        X509_digest(SSL_CTX_get0_certificate(pki.server), EVP_sha1(), digest, &size), 1);
    for (unsigned i = 0; i < size; i++)
        (void)snprintf(text + (size_t)2 * i, 3, "%02x", digest[i]);
}

static void a_pinned_certificate_is_looked_at_each_time(void)
{
    static const char wrong[] = "0000000000000000000000000000000000000000";
    struct keeper keeper = {.tls = pki.server};
    char right[2 * EVP_MAX_MD_SIZE + 1];

    thumbprint(right);
    keeper_start(&keeper);
    CU_ASSERT_EQUAL(read_it(&keeper), ACSMTP_OK);
    CU_ASSERT_EQUAL(ask(&keeper, "GET", pki.ca_file, wrong, NULL), ACSMTP_PROTOCOL);
    CU_ASSERT_EQUAL(ask(&keeper, "GET", NULL, right, NULL), ACSMTP_OK);
    CU_ASSERT_EQUAL(ask(&keeper, "GET", NULL, wrong, NULL), ACSMTP_PROTOCOL);
    CU_ASSERT_EQUAL(ask(&keeper, "GET", NULL, NULL, NULL), ACSMTP_PROTOCOL);
    keeper_stop(&keeper);
}

static int nobody_is_refused(int is_known, X509_STORE_CTX *store)
{
    (void)is_known;
    X509_STORE_CTX_set_error(store, X509_V_OK);
    return 1;
}

/* As a machine with this certificate, or as nobody. */
static int read_as(const struct keeper *keeper, const struct acsmtp_secret *pem)
{
    const struct server place = {.tls = keeper->tls, .port = keeper->port};
    struct client client;
    int status;

    client_init(&client, &place, "127.0.0.1");
    client.request.client_certificate = pem;
    status = client_send(&client);
    client_release(&client);
    return status;
}

/* Whoever comes next is not taken for the one who showed a certificate, nor the other way round. */
static void a_client_certificate_has_a_connection_of_its_own(void)
{
    EVP_PKEY *key = SSL_CTX_get0_privatekey(pki.server);
    X509 *certificate = SSL_CTX_get0_certificate(pki.server);
    struct keeper keeper = {.tls = loopback_context(key, certificate)};
    struct acsmtp_secret *pem = pem_of(key, certificate, NULL);

    SSL_CTX_set_verify(keeper.tls, SSL_VERIFY_PEER, nobody_is_refused);
    keeper_start(&keeper);
    CU_ASSERT_EQUAL(read_as(&keeper, NULL), ACSMTP_OK);
    CU_ASSERT_EQUAL(read_as(&keeper, pem), ACSMTP_OK);
    CU_ASSERT_EQUAL(keeper.accepted, 2);
    CU_ASSERT_EQUAL(read_as(&keeper, pem), ACSMTP_OK);
    CU_ASSERT_EQUAL(keeper.accepted, 3);
    CU_ASSERT_EQUAL(read_as(&keeper, NULL), ACSMTP_OK);
    keeper_stop(&keeper);
    CU_ASSERT_EQUAL(keeper.accepted, 3);
    CU_ASSERT_EQUAL(keeper.requests, 4);
    acsmtp_secret_free(pem);
    SSL_CTX_free(keeper.tls);
}

static void *read_often(void *data)
{
    for (int i = 0; i < 20; i++)
        if (read_it(data) != ACSMTP_OK)
            return data;
    return NULL;
}

static void threads_do_not_share_one(void)
{
    struct keeper keeper = {.tls = pki.server};
    pthread_t threads[4];

    keeper_start(&keeper);
    for (int i = 0; i < 4; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, read_often, &keeper), 0);
    for (int i = 0; i < 4; i++) {
        void *failed = NULL;

        (void)pthread_join(threads[i], &failed);
        CU_ASSERT_PTR_NULL(failed);
    }
    keeper_stop(&keeper);
    CU_ASSERT_EQUAL(keeper.requests, 80);
    CU_ASSERT(keeper.accepted <= 4);
}

static void a_forked_process_leaves_them_to_its_parent(void)
{
    struct keeper keeper = {.tls = pki.server};
    int status = -1;
    pid_t child;

    keeper_start(&keeper);
    CU_ASSERT_EQUAL(read_it(&keeper), ACSMTP_OK);
    child = fork();
    if (child == 0)
        _exit(read_it(&keeper) == ACSMTP_OK ? 0 : 1);
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    CU_ASSERT_EQUAL(status, 0);
    CU_ASSERT_EQUAL(keeper.accepted, 2);
    CU_ASSERT_EQUAL(read_it(&keeper), ACSMTP_OK);
    keeper_stop(&keeper);
    CU_ASSERT_EQUAL(keeper.accepted, 2);
    CU_ASSERT_EQUAL(keeper.requests, 3);
}

/* ---- what they are ---- */

static void programs_do_not_inherit_them(void)
{
    struct keeper keeper = {.tls = pki.server};
    int found = 0;

    keeper_start(&keeper);
    CU_ASSERT_EQUAL(read_it(&keeper), ACSMTP_OK);
    for (int fd = 3; fd < 1024; fd++) {
        struct sockaddr_in peer = {0};
        socklen_t size = sizeof peer;

        if (getpeername(fd, (struct sockaddr *)&peer, &size) != 0 ||
            ntohs(peer.sin_port) != keeper.port)
            continue;
        found++;
        CU_ASSERT(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    }
    CU_ASSERT_EQUAL(found, 1);
    keeper_stop(&keeper);
}

/* ---- when they are lost ---- */

static void a_closed_one_is_replaced(void)
{
    for (int how = CLOSE; how <= RESET; how++) {
        for (int is_tls = 0; is_tls < 2; is_tls++) {
            struct keeper keeper = {.tls = is_tls ? pki.server : NULL, .after_first = how};

            keeper_start(&keeper);
            CU_ASSERT_EQUAL(read_it(&keeper), ACSMTP_OK);
            let_end(&keeper);
            CU_ASSERT_EQUAL(read_it(&keeper), ACSMTP_OK);
            keeper_stop(&keeper);
            CU_ASSERT_EQUAL(keeper.accepted, 2);
        }
    }
}

static void a_read_that_is_lost_is_repeated(void)
{
    struct keeper keeper = {.tls = pki.server, .is_mute = 1};

    keeper_start(&keeper);
    CU_ASSERT_EQUAL(read_it(&keeper), ACSMTP_OK);
    CU_ASSERT_EQUAL(read_it(&keeper), ACSMTP_OK);
    keeper_stop(&keeper);
    CU_ASSERT_EQUAL(keeper.requests, 3);
    CU_ASSERT_EQUAL(keeper.accepted, 2);
}

static void a_slow_reply_is_told_as_such(void)
{
    const struct keeper slow = {.tls = pki.server, .delay_ms = 1800};
    struct keeper keeper = slow;
    const struct server place = {.tls = pki.server};
    struct client client;

    keeper_start(&keeper);
    CU_ASSERT_EQUAL(read_it(&keeper), ACSMTP_OK);
    client_init(&client, &place, "127.0.0.1");
    (void)snprintf(client.url, sizeof client.url, "https://127.0.0.1:%d/", keeper.port);
    client.request.timeout_ms = 300;
    CU_ASSERT_EQUAL(client_send(&client), ACSMTP_TEMPORARY);
    CU_ASSERT_PTR_NOT_NULL(strstr(client.err.message, "no complete reply within 0.3 s"));
    client_release(&client);
    CU_ASSERT_EQUAL(keeper.accepted, 1);
    CU_ASSERT_EQUAL(read_it(&keeper), ACSMTP_OK); /* not on the one whose reply is still to come */
    CU_ASSERT_EQUAL(keeper.accepted, 2);
    keeper_stop(&keeper);
}

int main(void)
{
    static const struct cunit_case cases[] = {
        T(reads_share_a_connection),
        T(a_write_opens_its_own),
        T(other_trust_gets_another_connection),
        T(a_pinned_certificate_is_looked_at_each_time),
        T(a_client_certificate_has_a_connection_of_its_own),
        T(threads_do_not_share_one),
        T(a_forked_process_leaves_them_to_its_parent),
        T(programs_do_not_inherit_them),
        T(a_closed_one_is_replaced),
        T(a_read_that_is_lost_is_repeated),
        T(a_slow_reply_is_told_as_such),
    };
    int result;

    loopback_pki_open(&pki);
    result = cunit_run("http_connections", cases, sizeof cases / sizeof cases[0]);
    loopback_pki_close(&pki);
    return result;
}
