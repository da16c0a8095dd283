/* SPDX-License-Identifier: MIT */
/*
 * Servers for tests on 127.0.0.1: a throw-away CA with one server certificate in a private folder,
 * a listening socket, and a "wire" that reads and writes plainly or, after the handshake, in TLS.
 * Every wait ends after LOOPBACK_PATIENCE_MS, so that a failing test ends too.
 */
#ifndef LOOPBACK_H
#define LOOPBACK_H

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#define LOOPBACK_PATIENCE_MS 8000

struct loopback_pki {
    char folder[64];
    char ca_file[96];
    SSL_CTX *server;   /* certificate for localhost, mx.localhost and 127.0.0.1 */
    SSL_CTX *stranger; /* the same names, signed by nobody */
    SSL_CTX *other;    /* by the same CA, for other.example only */
};

/* What the tests cannot do without: no sense in going on. */
static inline void loopback_need(int ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "cannot go on: %s\n", what);
    exit(2);
}

static inline void loopback_extension(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509_EXTENSION *extension;

    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    loopback_need(extension && X509_add_ext(certificate, extension, -1), "X509_add_ext");
    X509_EXTENSION_free(extension);
}

/* Signed by `issuer`, or by itself when that is NULL. `names` is a subjectAltName, NULL for a CA.
 */
static inline X509 *loopback_certificate(EVP_PKEY *key, X509 *issuer, EVP_PKEY *issuer_key,
                                         const char *common_name, const char *names, long serial)
{
    X509 *made = X509_new();
    X509_NAME *subject;

    loopback_need(made != NULL, "X509_new");
    subject = X509_get_subject_name(made);
    loopback_need(
        X509_set_version(made, 2) && ASN1_INTEGER_set(X509_get_serialNumber(made), serial) &&
            X509_gmtime_adj(X509_getm_notBefore(made), -3600) &&
            X509_gmtime_adj(X509_getm_notAfter(made), 86400) &&
            X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                                       (const unsigned char *)common_name, -1, -1, 0) &&
            X509_set_issuer_name(made, issuer ? X509_get_subject_name(issuer) : subject) &&
            X509_set_pubkey(made, key),
        "a certificate");
    loopback_extension(made, issuer ? issuer : made, NID_basic_constraints,
                       names ? "critical,CA:FALSE" : "critical,CA:TRUE");
    loopback_extension(made, issuer ? issuer : made, NID_subject_key_identifier, "hash");
    if (names)
        loopback_extension(made, issuer ? issuer : made, NID_subject_alt_name, names);
    loopback_need(X509_sign(made, issuer_key ? issuer_key : key, EVP_sha256()) > 0, "X509_sign");
    return made;
}

static inline SSL_CTX *loopback_context(EVP_PKEY *key, X509 *certificate)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

    loopback_need(ctx && SSL_CTX_use_certificate(ctx, certificate) == 1 &&
                      SSL_CTX_use_PrivateKey(ctx, key) == 1,
                  "a TLS server");
    return ctx;
}

static inline void loopback_pki_open(struct loopback_pki *pki)
{
    static const char names[] = "DNS:localhost,DNS:mx.localhost,IP:127.0.0.1";
    EVP_PKEY *ca_key = EVP_EC_gen("P-256");
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *ca = loopback_certificate(ca_key, NULL, NULL, "throw-away CA", NULL, 1);
    X509 *server = loopback_certificate(key, ca, ca_key, "localhost", names, 2);
    X509 *stranger = loopback_certificate(key, NULL, NULL, "localhost", names, 3);
    X509 *other = loopback_certificate(key, ca, ca_key, "other", "DNS:other.example", 4);
    FILE *file;

    (void)snprintf(pki->folder, sizeof pki->folder, "/tmp/acsmtp-test-XXXXXX");
    loopback_need(mkdtemp(pki->folder) != NULL, "a temporary folder");
    (void)snprintf(pki->ca_file, sizeof pki->ca_file, "%s/ca.pem", pki->folder);
    file = fopen(pki->ca_file, "we");
    loopback_need(file && PEM_write_X509(file, ca) && fclose(file) == 0, "the CA's file");
    pki->server = loopback_context(key, server);
    pki->stranger = loopback_context(key, stranger);
    pki->other = loopback_context(key, other);
    X509_free(ca);
    X509_free(server);
    X509_free(stranger);
    X509_free(other);
    EVP_PKEY_free(ca_key);
    EVP_PKEY_free(key);
}

static inline void loopback_pki_close(struct loopback_pki *pki)
{
    SSL_CTX_free(pki->server);
    SSL_CTX_free(pki->stranger);
    SSL_CTX_free(pki->other);
    (void)unlink(pki->ca_file);
    (void)rmdir(pki->folder);
}

/*
 * OpenSSL writes without MSG_NOSIGNAL. Only the server's thread may ignore that: a SIGPIPE in the
 * thread of the code under test must be seen.
 */
static inline void loopback_begin_thread(void)
{
    sigset_t set;

    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGPIPE);
    (void)pthread_sigmask(SIG_BLOCK, &set, NULL);
}

/* A listening socket on a port of the system's choice. */
static inline int loopback_listen(int *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    loopback_need(fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
                      listen(fd, 16) == 0 &&
                      getsockname(fd, (struct sockaddr *)&address, &size) == 0,
                  "a listening socket");
    *port = ntohs(address.sin_port);
    return fd;
}

/* ---- one connection ---- */

struct loopback_wire {
    int fd;
    SSL *ssl;
    size_t size;
    char bytes[65536]; /* received, not yet read */
};

/* 0 when nobody comes. */
static inline int loopback_accept(struct loopback_wire *wire, int listener)
{
    struct pollfd ready = {.fd = listener, .events = POLLIN};
    struct timeval patience = {.tv_sec = LOOPBACK_PATIENCE_MS / 1000};
    const int on = 1;

    wire->ssl = NULL;
    wire->size = 0;
    wire->fd = poll(&ready, 1, LOOPBACK_PATIENCE_MS) == 1
                   ? accept4(listener, NULL, NULL, SOCK_CLOEXEC)
                   : -1;
    if (wire->fd < 0)
        return 0;
    (void)setsockopt(wire->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    (void)setsockopt(wire->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    (void)setsockopt(wire->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return 1;
}

static inline int loopback_start_tls(struct loopback_wire *wire, SSL_CTX *ctx)
{
    wire->ssl = SSL_new(ctx);
    return wire->ssl && SSL_set_fd(wire->ssl, wire->fd) == 1 && SSL_accept(wire->ssl) == 1;
}

static inline int loopback_write(struct loopback_wire *wire, const void *bytes, size_t size)
{
    if (size == 0)
        return 1;
    if (wire->ssl)
        return SSL_write(wire->ssl, bytes, (int)size) == (int)size;
    return send(wire->fd, bytes, size, MSG_NOSIGNAL) == (ssize_t)size;
}

/* Whether something can be read within `ms`. */
static inline int loopback_is_readable(const struct loopback_wire *wire, int ms)
{
    struct pollfd ready = {.fd = wire->fd, .events = POLLIN};

    return wire->size > 0 || (wire->ssl && SSL_has_pending(wire->ssl)) || poll(&ready, 1, ms) == 1;
}

/* One read: at most one TLS record. 0 at the end of the connection and when patience ends. */
static inline size_t loopback_fill(struct loopback_wire *wire)
{
    size_t room = sizeof wire->bytes - wire->size;
    ssize_t got = wire->ssl ? SSL_read(wire->ssl, wire->bytes + wire->size, (int)room)
                            : recv(wire->fd, wire->bytes + wire->size, room, 0);

    if (got <= 0)
        return 0;
    wire->size += (size_t)got;
    return (size_t)got;
}

/* Take `size` bytes out of what was received. */
static inline void loopback_take(struct loopback_wire *wire, size_t size)
{
    memmove(wire->bytes, wire->bytes + size, wire->size - size);
    wire->size -= size;
}

/* One line up to and with LF into `line`; its size, 0 when it does not come. *fills counts reads.
 */
static inline size_t loopback_line(struct loopback_wire *wire, char *line, size_t capacity,
                                   int *fills)
{
    for (;;) {
        const char *end = memchr(wire->bytes, '\n', wire->size);
        size_t size = end ? (size_t)(end - wire->bytes) + 1 : 0;

        if (size > 0 && size < capacity) {
            memcpy(line, wire->bytes, size);
            line[size] = '\0';
            loopback_take(wire, size);
            return size;
        }
        if (size > 0 || loopback_fill(wire) == 0)
            return 0;
        ++*fills;
    }
}

/* What still comes, for a close would send a reset that overtakes what was written before it. */
static inline void loopback_drain(const struct loopback_wire *wire)
{
    char bytes[4096];

    while (recv(wire->fd, bytes, sizeof bytes, 0) > 0)
        ;
}

/* Politely, with close_notify in TLS. */
static inline void loopback_close(struct loopback_wire *wire)
{
    if (wire->ssl)
        (void)SSL_shutdown(wire->ssl);
    SSL_free(wire->ssl);
    if (wire->fd >= 0)
        (void)close(wire->fd);
    wire->ssl = NULL;
    wire->fd = -1;
}

/* Like a machine that goes away: a reset. */
static inline void loopback_drop(struct loopback_wire *wire)
{
    const struct linger none = {.l_onoff = 1, .l_linger = 0};

    if (wire->ssl)
        SSL_set_quiet_shutdown(wire->ssl, 1);
    (void)setsockopt(wire->fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    SSL_free(wire->ssl);
    (void)close(wire->fd);
    wire->ssl = NULL;
    wire->fd = -1;
}

#endif
