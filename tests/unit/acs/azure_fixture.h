/* SPDX-License-Identifier: MIT */
/*
 * A stand-in for one of Azure's services on the loopback, which answers by a script, and a client
 * whose chain hands out numbered tokens.
 */
#ifndef AZURE_FIXTURE_H
#define AZURE_FIXTURE_H

#include "config_fixture.h"
#include "jwt_text.h"
#include "loopback.h"

#include "client.h"
#include "options.h"

#include <driver/settings_private.h>
#include <stdatomic.h>
#include <time.h>

#define EXCHANGES_MAX 40
#define REQUEST_MAX 24576
#define ENTRY "profiles.p.credentials.0"

/* "{origin}" in a reply becomes the server's own address. */
#define REPLY(head, body) "HTTP/1.1 " head "\r\n\r\n" body
#define OK_REPLY(body) REPLY("200 OK\r\nContent-Type: application/json", body)
#define HANG_UP ""

struct azure {
    const char *const *script; /* ended by NULL; HANG_UP: the connection is lost */
    SSL_CTX *tls;              /* NULL: plain */
    size_t served;
    char requests[EXCHANGES_MAX][REQUEST_MAX];
    char origin[64];
    int listener, port;
    pthread_t thread;

    struct config *config;
    struct acsmtp_settings *settings;
    struct acsmtp_context *context;
    struct client *client;
    struct acsmtp_error err;

    /* What the chain was asked. */
    atomic_int asked, refreshed;
    char scope[400], tenant[160], claims[256];
    const char *token; /* instead of numbered ones */
    int is_password;
};

static const struct acsmtp_plugin azure_plugin = {
    ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_PROVISIONER),
    .name = "acs",
    .version = "1",
    .summary = "for tests",
    ACSMTP_PLUGIN_OPTIONS(acs_options),
};

static inline int64_t azure_now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- the server ---- */

static inline void azure_read(struct loopback_wire *wire, char *request)
{
    size_t used = 0;
    size_t body = 0;
    size_t size;
    int fills = 0;

    while ((size = loopback_line(wire, request + used, REQUEST_MAX - used, &fills)) > 2) {
        if (strncasecmp(request + used, "Content-Length:", 15) == 0)
            body = strtoul(request + used + 15, NULL, 10);
        used += size;
    }
    used += size;
    while (wire->size < body && loopback_fill(wire) > 0)
        ;
    if (wire->size >= body && used + body < REQUEST_MAX) {
        memcpy(request + used, wire->bytes, body);
        request[used + body] = '\0';
        loopback_take(wire, body);
    }
}

static inline void azure_write(const struct azure *azure, struct loopback_wire *wire,
                               const char *reply)
{
    const char *mark = strstr(reply, "{origin}");

    for (; mark; mark = strstr(reply, "{origin}")) {
        (void)loopback_write(wire, reply, (size_t)(mark - reply));
        (void)loopback_write(wire, azure->origin, strlen(azure->origin));
        reply = mark + strlen("{origin}");
    }
    (void)loopback_write(wire, reply, strlen(reply));
}

static inline void *azure_serve(void *data)
{
    struct azure *azure = data;
    struct loopback_wire *wire = malloc(sizeof *wire);

    loopback_need(wire != NULL, "memory");
    loopback_begin_thread();
    while (azure->script[azure->served] && loopback_accept(wire, azure->listener)) {
        if (azure->tls && !loopback_start_tls(wire, azure->tls)) {
            loopback_close(wire);
            break;
        }
        azure_read(wire, azure->requests[azure->served]);
        if (*azure->script[azure->served])
            azure_write(azure, wire, azure->script[azure->served]);
        azure->served++;
        loopback_close(wire);
    }
    free(wire);
    return NULL;
}

/* ---- the chain ---- */

static inline int azure_acquire(void *chain, struct acsmtp_context *context,
                                const struct acsmtp_credential_request *request,
                                struct acsmtp_credential *out, struct acsmtp_error *err)
{
    struct azure *azure = chain;
    int number = atomic_fetch_add(&azure->asked, 1) + 1;
    char text[64];
    struct acsmtp_secret *secret;

    (void)context;
    if (request->flags & ACSMTP_REQUEST_REFRESH)
        (void)atomic_fetch_add(&azure->refreshed, 1);
    (void)snprintf(azure->scope, sizeof azure->scope, "%s", request->scope);
    (void)snprintf(azure->tenant, sizeof azure->tenant, "%s",
                   request->tenant ? request->tenant : "");
    (void)snprintf(azure->claims, sizeof azure->claims, "%s",
                   request->claims ? request->claims : "");
    (void)snprintf(text, sizeof text, "token-%d", number);
    secret = acsmtp_secret_new(azure->token ? azure->token : text,
                               strlen(azure->token ? azure->token : text), err);
    if (azure->is_password)
        return acsmtp_credential_set_password(out, "user", secret, err);
    return acsmtp_credential_set_token(out, secret, (int64_t)time(NULL) + 3600, 0, err);
}

static inline void azure_close(void *chain)
{
    (void)chain;
}

/* ---- both ---- */

static inline void azure_settings(struct azure *azure)
{
    static const struct settings_chain_ops ops = {.acquire = azure_acquire, .close = azure_close};

    azure->config = fixture_config(
        "/x/c.json",
        "{\"profiles\":{\"p\":{\"credentials\":[{\"plugin\":\"acs\","
        "\"subscription\":\"00000000-0000-0000-0000-000000000000\",\"credentials\":[\"x\"]}]}}}",
        0, NULL, 0, &azure->err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(azure->config);
    CU_ASSERT_EQUAL_FATAL(settings_build(azure->config, ENTRY,
                                         config_at(config_root(azure->config), ENTRY),
                                         &azure_plugin, &azure->settings, &azure->err),
                          ACSMTP_OK);
    CU_ASSERT_EQUAL_FATAL(
        settings_attach_chain(azure->settings, "credentials", azure, &ops, &azure->err), ACSMTP_OK);
}

static inline void azure_endpoint(struct azure *azure, const char *name, const char *value)
{
    CU_ASSERT_EQUAL_FATAL(acsmtp_context_set_endpoint(azure->context, name, value, &azure->err),
                          ACSMTP_OK);
}

/* With `pki` the server speaks TLS and is the vault "mx" of the domain "localhost:PORT". */
static inline struct azure *azure_new(const char *const *script, struct loopback_pki *pki)
{
    struct azure *azure = calloc(1, sizeof *azure);
    char domain[64];

    loopback_need(azure != NULL, "memory");
    azure->script = script;
    azure->err = (struct acsmtp_error)ACSMTP_ERROR_INIT;
    azure->tls = pki ? pki->server : NULL;
    azure->listener = loopback_listen(&azure->port);
    (void)snprintf(azure->origin, sizeof azure->origin,
                   pki ? "https://mx.localhost:%d" : "http://127.0.0.1:%d", azure->port);
    (void)snprintf(domain, sizeof domain, "localhost:%d", azure->port);
    azure_settings(azure);
    CU_ASSERT_EQUAL_FATAL(acsmtp_context_new(&azure->context, &azure->err), ACSMTP_OK);
    azure_endpoint(azure, "resource_manager", azure->origin);
    azure_endpoint(azure, "graph", azure->origin);
    azure_endpoint(azure, "key_vault_domain", domain);
    if (pki)
        azure_endpoint(azure, "ca_file", pki->ca_file);
    CU_ASSERT_EQUAL_FATAL(client_new(azure->settings, &azure->client, &azure->err), ACSMTP_OK);
    loopback_need(pthread_create(&azure->thread, NULL, azure_serve, azure) == 0, "a thread");
    return azure;
}

/* All of the script must have been played, and nothing else was asked. */
static inline void azure_free(struct azure *azure)
{
    struct pollfd more = {.fd = azure->listener, .events = POLLIN};

    (void)pthread_join(azure->thread, NULL);
    if (azure->script[azure->served])
        printf("\n    never asked for: %.60s\n", azure->script[azure->served]);
    CU_ASSERT_PTR_NULL(azure->script[azure->served]);
    CU_ASSERT_EQUAL(poll(&more, 1, 0), 0);
    (void)close(azure->listener);
    client_free(azure->client);
    acsmtp_context_free(azure->context);
    settings_free(azure->settings);
    config_free(azure->config);
    free(azure);
}

static inline int azure_send(struct azure *azure, const struct client_request *request,
                             struct client_reply *reply)
{
    int status = client_send(azure->client, azure->context, request, reply, &azure->err);

    if (status != ACSMTP_OK && azure->err.status != status)
        printf("\n    status %d, but the error says %d\n", status, azure->err.status);
    return status;
}

/* Whether the index-th request begins with the line and has the header field. */
#define ASSERT_REQUEST(azure, index, line)                                                         \
    do {                                                                                           \
        const char *request_ = (azure)->requests[index];                                           \
        if (strncmp(request_, line " HTTP/1.1\r\n", sizeof(line " HTTP/1.1\r\n") - 1) != 0)        \
            printf("\n    have '%.200s'\n    want '%s'\n", request_, line);                        \
        CU_ASSERT_EQUAL(strncmp(request_, line " HTTP/1.1\r\n", sizeof(line " HTTP/1.1\r\n") - 1), \
                        0);                                                                        \
    } while (0)

#endif
