/* SPDX-License-Identifier: MIT */
/*
 * OpenSSL as a client. The system's openssl.cnf holds, but TLS 1.2 is the least whatever it says.
 * Two things are not as OpenSSL does them by itself: trust comes from the hashed folder
 * (net/trust.h), and session tickets are acknowledged at once. A TLS 1.3 server writes its ticket
 * and its next reply as two small segments; Nagle's algorithm there and the delayed ACK here would
 * hold the reply back for 40 ms.
 */
#include "smtp_tls.h"

#include "net/trust.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <sys/socket.h>

#define NAME_MAX_SIZE 256U

/* ---- preparing ---- */

static void on_message(int is_written, int version, int type, const void *bytes, size_t size,
                       SSL *ssl, void *data)
{
    const struct smtp_wire *wire = data;
    const int on = 1;

    (void)version;
    (void)ssl;
    if (!is_written && type == SSL3_RT_HANDSHAKE && size > 0 &&
        *(const unsigned char *)bytes == SSL3_MT_NEWSESSION_TICKET)
        (void)setsockopt(wire->fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
}

static const char *last_reason(void)
{
    unsigned long code = ERR_peek_last_error();
    const char *reason =
        ERR_SYSTEM_ERROR(code) ? strerror(ERR_GET_REASON(code)) : ERR_reason_error_string(code);

    return reason ? reason : "no reason given";
}

static int fail_trust(const char *what, const char *path, struct acsmtp_error *err)
{
    acsmtp_error_server(err, 0, "tls", NULL);
    return acsmtp_fail(err, ACSMTP_CONFIG, "the %s of trusted certificates is unusable: %s (%s)",
                       what, path, last_reason());
}

static int set_trust(SSL_CTX *ctx, const struct acsmtp_smtp_options *options,
                     const struct acsmtp_context *context, struct acsmtp_error *err)
{
    const char *file = options->ca_file;
    const char *folder = options->ca_path;

    if (!file && !folder)
        file = acsmtp_context_endpoint(context, "ca_file");
    if (!file && !folder)
        folder = net_trust_folder();
    if (file && SSL_CTX_load_verify_file(ctx, file) != 1)
        return fail_trust("file", file, err);
    if (folder && SSL_CTX_load_verify_dir(ctx, folder) != 1)
        return fail_trust("folder", folder, err);
    if (!file && !folder)
        (void)SSL_CTX_set_default_verify_paths(ctx);
    return ACSMTP_OK;
}

static int fail_openssl(struct acsmtp_error *err)
{
    return acsmtp_fail(err, ACSMTP_SYSTEM, "OpenSSL cannot start: %s", last_reason());
}

static int set_rules(SSL_CTX *ctx)
{
    if (SSL_CTX_get_min_proto_version(ctx) < TLS1_2_VERSION &&
        SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) != 1)
        return 0;
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
    /* An authority that is trusted need not be a root. */
    (void)X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(ctx), X509_V_FLAG_PARTIAL_CHAIN);
    (void)SSL_CTX_set_mode(ctx,
                           SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    (void)SSL_CTX_set_options(ctx, SSL_OP_CLEANSE_PLAINTEXT);
    (void)SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    /* One read(2) for many records. Whoever waits asks smtp_wire_pending() before. */
    SSL_CTX_set_read_ahead(ctx, 1);
    return 1;
}

/* Whom the certificate must name. A name's last dot is no part of it in certificates and SNI. */
static int set_host(SSL *ssl, const char *host)
{
    unsigned char address[sizeof(struct in6_addr)];
    char name[NAME_MAX_SIZE];
    size_t size = strlen(host);

    if (inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1)
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host);
    if (size > 1 && host[size - 1] == '.')
        size--;
    if (size >= sizeof name)
        return 0;
    memcpy(name, host, size);
    name[size] = '\0';
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set1_host(ssl, name) == 1 && SSL_set_tlsext_host_name(ssl, name) == 1;
}

static SSL *make_connection(SSL_CTX *ctx, struct smtp_wire *wire, const char *host)
{
    SSL *ssl = SSL_new(ctx);
    BIO *bio = ssl ? smtp_wire_bio(wire) : NULL;

    if (!bio || !set_host(ssl, host)) {
        BIO_free(bio);
        SSL_free(ssl);
        return NULL;
    }
    SSL_set_bio(ssl, bio, bio);
    SSL_set_msg_callback(ssl, on_message);
    SSL_set_msg_callback_arg(ssl, wire);
    SSL_set_connect_state(ssl);
    return ssl;
}

int smtp_tls_prepare(struct smtp_wire *wire, const struct acsmtp_smtp_options *options,
                     const struct acsmtp_context *context, SSL **ssl, struct acsmtp_error *err)
{
    SSL_CTX *ctx;
    int status;

    ERR_clear_error();
    ctx = SSL_CTX_new(TLS_client_method());
    if (!ctx || !set_rules(ctx)) {
        SSL_CTX_free(ctx);
        return fail_openssl(err);
    }
    status = set_trust(ctx, options, context, err);
    if (status == ACSMTP_OK) {
        *ssl = make_connection(ctx, wire, options->host);
        status = *ssl ? ACSMTP_OK : fail_openssl(err);
    }
    SSL_CTX_free(ctx); /* the connection has it, too */
    return status;
}

/* ---- the handshake ---- */

static int fail_handshake(SSL *ssl, int error, struct acsmtp_error *err)
{
    long verified = SSL_get_verify_result(ssl);
    int reason = ERR_GET_REASON(ERR_peek_last_error());

    if (verified != X509_V_OK) {
        acsmtp_error_server(err, 0, "tls", NULL);
        return acsmtp_fail(err, ACSMTP_PROTOCOL, "the certificate does not verify (%s)",
                           X509_verify_cert_error_string(verified));
    }
    if (error == SSL_ERROR_SYSCALL || error == SSL_ERROR_ZERO_RETURN ||
        reason == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
        acsmtp_error_server(err, 0, "lost", NULL);
        return acsmtp_fail(err, ACSMTP_TEMPORARY, "the connection was lost in the TLS handshake");
    }
    acsmtp_error_server(err, 0, "tls", NULL);
    return acsmtp_fail(err, ACSMTP_PROTOCOL, "the TLS handshake failed (%s)", last_reason());
}

int smtp_tls_start(struct smtp_wire *wire, SSL *ssl, const struct smtp_limit *limit,
                   struct acsmtp_error *err)
{
    wire->ssl = ssl;
    for (;;) {
        struct pollfd fds[2] = {{.fd = wire->fd}};
        int result, error, status;

        ERR_clear_error();
        result = SSL_do_handshake(ssl);
        if (result == 1)
            return ACSMTP_OK;
        error = SSL_get_error(ssl, result);
        if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
            return fail_handshake(ssl, error, err);
        fds[0].events = error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT;
        status = smtp_wait(fds, 1, limit, SMTP_NEVER, err);
        if (status != ACSMTP_OK)
            return status;
    }
}
