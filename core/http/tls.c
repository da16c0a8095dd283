/* SPDX-License-Identifier: MIT */
/*
 * TLS as libcurl does it with OpenSSL, with some things added: trust from the hashed folder, a
 * quick ACK for session tickets, buffers that are wiped, a certificate to show, and what the server
 * thinks of it.
 *
 * The quick ACK: a TLS 1.3 server writes its session ticket and its next reply as two small
 * segments. Nagle's algorithm there and the delayed ACK here hold the reply back for 40 ms.
 */
#include "tls.h"

#include "net/trust.h"

#include <openssl/ssl.h>

static void on_tls_message(int is_written, int version, int type, const void *bytes, size_t size,
                           SSL *ssl, void *data)
{
    struct http_connections *connections = data;
    const unsigned char *message = bytes;

    (void)version;
    (void)ssl;
    if (is_written)
        return;
    if (type == SSL3_RT_HANDSHAKE && size > 0 && message[0] == SSL3_MT_NEWSESSION_TICKET)
        http_connections_quick_ack(connections);
    else if (type == SSL3_RT_ALERT && size == 2)
        connections->alert = message[1];
}

static CURLcode on_ssl_ctx(CURL *easy, void *ctx, void *data)
{
    const struct http_tls *tls = data;

    (void)easy;
    SSL_CTX_set_msg_callback(ctx, on_tls_message);
    SSL_CTX_set_msg_callback_arg(ctx, tls->connections); /* lives as long as they do */
    (void)SSL_CTX_set_options(ctx, SSL_OP_CLEANSE_PLAINTEXT);
    if (tls->pin.is_set)
        tls_pin_apply(&tls->pin, ctx);
    if (tls->client.leaf && !tls_client_apply(&tls->client, ctx))
        return CURLE_SSL_CERTPROBLEM;
    return CURLE_OK;
}

static CURLcode set_trust(CURL *easy, const char *ca_file)
{
    const char *ca_path = ca_file ? NULL : net_trust_folder();
    CURLcode code;

    if (!ca_file && !ca_path)
        return CURLE_OK;
    code = curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file);
    return code == CURLE_OK ? curl_easy_setopt(easy, CURLOPT_CAPATH, ca_path) : code;
}

int http_tls_setup(CURL *easy, struct http_tls *tls, const char *ca_file, struct acsmtp_error *err)
{
    CURLcode code;

    if (set_trust(easy, ca_file) != CURLE_OK)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    if (tls->pin.is_set) /* the certificate itself is known, whatever names it has */
        (void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
    if (tls->pin.is_set || tls->client.leaf) {
        /* libcurl does not know who was shown what: the connection is for this request alone. */
        (void)curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
        (void)curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    }
    /* In a resumed session nobody looks at certificates; since 8.12 libcurl keeps them beside the
     * connections, for exchanges that trust somebody else. */
    (void)curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
    (void)curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    (void)curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, tls);
    code = curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, on_ssl_ctx);
    if (code != CURLE_OK)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "this libcurl is not built with OpenSSL: %s",
                           curl_easy_strerror(code));
    return ACSMTP_OK;
}
