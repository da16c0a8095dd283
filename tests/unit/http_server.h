/* SPDX-License-Identifier: MIT */
/*
 * A scripted HTTP server on the loopback, and a client with a context, a trace and a request that
 * is ready to go there.
 */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include "loopback.h"

#include <CUnit/Basic.h>
#include <acsmtp/http.h>
#include <time.h>

#define EXCHANGES_MAX 8
#define PEM_MAX 8192
#define OK_REPLY "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"

static struct loopback_pki pki;

/* ---- a server that answers each connection's request with the next reply ---- */

struct exchange {
    const char *reply; /* NULL: hang up without a word */
    size_t size;       /* of the reply, 0: its length */
    int delay_ms;
    int drop; /* reset after the reply */
};

struct server {
    SSL_CTX *tls; /* NULL: plain */
    struct exchange exchanges[EXCHANGES_MAX];
    size_t count, served;
    char requests[EXCHANGES_MAX][8192];
    int listener, port;
    pthread_t thread;
};

static inline void read_request(struct loopback_wire *wire, char *request, size_t capacity)
{
    size_t used = 0;
    size_t body = 0;
    int fills = 0;
    size_t size;

    while ((size = loopback_line(wire, request + used, capacity - used, &fills)) > 2) {
        if (strncasecmp(request + used, "Content-Length:", 15) == 0)
            body = strtoul(request + used + 15, NULL, 10);
        used += size;
    }
    used += size;
    while (wire->size < body && loopback_fill(wire) > 0)
        ;
    if (wire->size >= body && used + body < capacity) {
        memcpy(request + used, wire->bytes, body);
        request[used + body] = '\0';
        loopback_take(wire, body);
    }
}

static inline void answer(struct server *server, struct loopback_wire *wire)
{
    const struct exchange *exchange = &server->exchanges[server->served];

    read_request(wire, server->requests[server->served], sizeof server->requests[0]);
    server->served++;
    (void)usleep((useconds_t)exchange->delay_ms * 1000);
    if (exchange->reply)
        (void)loopback_write(wire, exchange->reply,
                             exchange->size ? exchange->size : strlen(exchange->reply));
    if (exchange->drop)
        loopback_drop(wire);
}

static inline void *serve(void *data)
{
    struct server *server = data;
    static struct loopback_wire wire;

    loopback_begin_thread();
    while (server->served < server->count && loopback_accept(&wire, server->listener)) {
        int is_ready = !server->tls || loopback_start_tls(&wire, server->tls);

        if (is_ready) {
            answer(server, &wire);
        } else {
            loopback_drain(&wire); /* the client has an alert to read */
            server->count = server->served;
        }
        if (wire.fd >= 0)
            loopback_close(&wire);
    }
    return NULL;
}

static inline void start(struct server *server)
{
    while (server->count < EXCHANGES_MAX &&
           (server->exchanges[server->count].reply || server->exchanges[server->count].delay_ms ||
            server->exchanges[server->count].drop))
        server->count++;
    server->listener = loopback_listen(&server->port);
    loopback_need(pthread_create(&server->thread, NULL, serve, server) == 0, "a thread");
}

static inline void stop(struct server *server)
{
    (void)pthread_join(server->thread, NULL);
    (void)close(server->listener);
}

/* ---- a client ---- */

/* What is not NULL, in this order; the key encrypted where there is a passphrase. */
static inline struct acsmtp_secret *pem_of(EVP_PKEY *key, X509 *certificate, const char *passphrase)
{
    char text[PEM_MAX];
    BIO *bio = BIO_new(BIO_s_mem());
    int size;
    struct acsmtp_secret *pem;

    if (key)
        CU_ASSERT_EQUAL(PEM_write_bio_PKCS8PrivateKey(bio, key,
                                                      passphrase ? EVP_aes_256_cbc() : NULL, NULL,
                                                      0, NULL, (void *)passphrase),
                        1);
    if (certificate)
        CU_ASSERT_EQUAL(PEM_write_bio_X509(bio, certificate), 1);
    size = BIO_read(bio, text, sizeof text);
    BIO_free(bio);
    pem = acsmtp_secret_new(text, size > 0 ? (size_t)size : 0, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(pem);
    return pem;
}

static const int32_t quick[] = {20};
static const struct acsmtp_http_retry retry_quickly = {.size = sizeof retry_quickly,
                                                       .attempts = 4,
                                                       .delays_ms = quick,
                                                       .delay_count = 1,
                                                       .connection_errors = 1};

struct client {
    struct acsmtp_context *context;
    struct acsmtp_http_request request;
    struct acsmtp_http_response *response;
    struct acsmtp_error err;
    char url[256];
    char trace[65536];
};

static inline void collect(void *data, int level, const char *line)
{
    struct client *client = data;
    size_t used = strlen(client->trace);

    (void)level;
    (void)snprintf(client->trace + used, sizeof client->trace - used, "%s\n", line);
}

static inline void client_init(struct client *client, const struct server *server, const char *host)
{
    memset(client, 0, sizeof *client);
    client->err = (struct acsmtp_error)ACSMTP_ERROR_INIT;
    CU_ASSERT_EQUAL_FATAL(acsmtp_context_new(&client->context, &client->err), 0);
    CU_ASSERT_EQUAL_FATAL(
        acsmtp_context_set_endpoint(client->context, "ca_file", pki.ca_file, &client->err), 0);
    acsmtp_context_set_log(client->context, collect, client, ACSMTP_LOG_TRACE);
    (void)snprintf(client->url, sizeof client->url, "%s://%s:%d/path?query=1",
                   server->tls ? "https" : "http", host, server->port);
    client->request = (struct acsmtp_http_request){.size = sizeof client->request,
                                                   .method = "GET",
                                                   .url = client->url,
                                                   .timeout_ms = 4000,
                                                   .connect_timeout_ms = -1,
                                                   .retry = &acsmtp_http_retry_none};
}

static inline int client_send(struct client *client)
{
    return acsmtp_http_send(client->context, &client->request, &client->response, &client->err);
}

static inline void client_release(struct client *client)
{
    acsmtp_http_response_free(client->response);
    acsmtp_context_free(client->context);
}

/* One exchange without retries, in plain HTTP. */
static inline int one(const char *reply, struct client *client)
{
    struct server server = {.exchanges = {{.reply = reply}}};
    int status;

    start(&server);
    client_init(client, &server, "127.0.0.1");
    status = client_send(client);
    stop(&server);
    return status;
}

static inline int64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

#endif
