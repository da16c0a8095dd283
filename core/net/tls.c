/* SPDX-License-Identifier: MIT */
/*
 * TLS as libcurl does it with OpenSSL, with three things added: trust from the hashed folder, whose
 * certificates are loaded only when they are needed (the bundle file costs ten times the CPU of a
 * whole session); a quick ACK for session tickets; buffers that are read ahead and wiped.
 *
 * The quick ACK: a TLS 1.3 server writes its session ticket and its next reply as two small
 * segments. Nagle's algorithm there and the delayed ACK here hold the reply back for 40 ms.
 */
#include "tls.h"

#include <dirent.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HASHED_FOLDER "/etc/ssl/certs"

static pthread_once_t folder_once = PTHREAD_ONCE_INIT;
static int folder_is_hashed;

/* "002c0b4f.0": the subject's hash, as c_rehash(1) names the links. */
static int is_hashed_link(const char *name)
{
    return strspn(name, "0123456789abcdef") == 8 && name[8] == '.' && name[9] >= '0' &&
           name[9] <= '9';
}

static void look_at_folder(void)
{
    DIR *folder = opendir(HASHED_FOLDER);
    const struct dirent *entry;

    if (!folder)
        return;
    while (!folder_is_hashed && (entry = readdir(folder)))
        folder_is_hashed = is_hashed_link(entry->d_name);
    (void)closedir(folder);
}

static void quick_ack(const struct net_tls *tls)
{
    const int on = 1;

    for (size_t i = 0; i < NET_TLS_SOCKETS; i++)
        if (tls->sockets[i] >= 0)
            (void)setsockopt(tls->sockets[i], IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
}

static void on_tls_message(int is_written, int version, int type, const void *bytes, size_t size,
                           SSL *ssl, void *data)
{
    struct net_tls *tls = data;

    (void)version;
    /* An https proxy has a TLS layer of its own, whose records come in between. */
    if (type == SSL3_RT_HANDSHAKE)
        tls->ssl = ssl;
    if (!is_written && type == SSL3_RT_HANDSHAKE && size > 0 &&
        *(const unsigned char *)bytes == SSL3_MT_NEWSESSION_TICKET)
        quick_ack(tls);
}

static CURLcode on_ssl_ctx(CURL *easy, void *ctx, void *data)
{
    (void)easy;
    SSL_CTX_set_msg_callback(ctx, on_tls_message);
    SSL_CTX_set_msg_callback_arg(ctx, data);
    /* libcurl gives every record a buffer of its own from malloc; sessions here are few and busy.
     */
    (void)SSL_CTX_clear_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
    (void)SSL_CTX_set_options(ctx, SSL_OP_CLEANSE_PLAINTEXT);
    return CURLE_OK;
}

static int on_socket_open(void *data, curl_socket_t fd, curlsocktype purpose)
{
    struct net_tls *tls = data;

    (void)purpose;
    for (size_t i = 0; i < NET_TLS_SOCKETS; i++) {
        if (tls->sockets[i] < 0) {
            tls->sockets[i] = fd;
            break;
        }
    }
    return CURL_SOCKOPT_OK;
}

static int on_socket_close(void *data, curl_socket_t fd)
{
    struct net_tls *tls = data;

    for (size_t i = 0; i < NET_TLS_SOCKETS; i++)
        if (tls->sockets[i] == fd)
            tls->sockets[i] = -1;
    return close(fd);
}

static CURLcode set_trust(CURL *easy, const char *ca_file, const char *ca_path)
{
    CURLcode code;

    if (!ca_file && !ca_path) {
        (void)pthread_once(&folder_once, look_at_folder);
        if (!folder_is_hashed)
            return CURLE_OK;
        ca_path = HASHED_FOLDER;
    }
    code = curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file);
    return code == CURLE_OK ? curl_easy_setopt(easy, CURLOPT_CAPATH, ca_path) : code;
}

int net_tls_setup(CURL *easy, struct net_tls *tls, const struct acsmtp_context *context,
                  const char *ca_file, const char *ca_path, struct acsmtp_error *err)
{
    CURLcode code;

    tls->ssl = NULL;
    for (size_t i = 0; i < NET_TLS_SOCKETS; i++)
        tls->sockets[i] = -1;
    if (!ca_file && !ca_path)
        ca_file = acsmtp_context_endpoint(context, "ca_file");
    if (set_trust(easy, ca_file, ca_path) != CURLE_OK)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    (void)curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    (void)curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, tls);
    (void)curl_easy_setopt(easy, CURLOPT_SOCKOPTDATA, tls);
    (void)curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, on_socket_open);
    (void)curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, tls);
    (void)curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_socket_close);
    code = curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, on_ssl_ctx);
    if (code != CURLE_OK)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "this libcurl is not built with OpenSSL: %s",
                           curl_easy_strerror(code));
    return ACSMTP_OK;
}

void net_tls_read_ahead(struct net_tls *tls)
{
    if (tls->ssl)
        SSL_set_read_ahead(tls->ssl, 1);
}

int net_tls_pending(const struct net_tls *tls)
{
    return tls->ssl && SSL_has_pending(tls->ssl);
}

const char *net_tls_version(const struct net_tls *tls)
{
    return tls->ssl ? SSL_get_version(tls->ssl) : "no TLS";
}
