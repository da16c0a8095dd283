/* SPDX-License-Identifier: MIT */
/*
 * Drives one easy handle with the multi interface. curl_easy_perform() would look after a
 * cancellation only through its progress callback, as late as a second afterwards;
 * curl_multi_poll() waits for the cancel descriptor together with the sockets.
 */
#include "transfer.h"

#include "curl_global.h"
#include "net/clock.h"
#include "trace.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

/* The connection stands, and the request will be sent. */
/* NOLINTNEXTLINE(readability-non-const-parameter): libcurl's curl_prereq_callback */
static int on_ready(void *data, char *remote, char *local, int remote_port, int local_port)
{
    struct http_transfer *transfer = data;

    (void)remote;
    (void)local;
    (void)remote_port;
    (void)local_port;
    transfer->is_ready = 1;
    return CURL_PREREQFUNC_OK;
}

int http_transfer_init(struct http_transfer *transfer, const struct acsmtp_context *context,
                       struct acsmtp_error *err)
{
    int status = http_curl_init(err);

    if (status != ACSMTP_OK)
        return status;
    transfer->context = context;
    transfer->tls.connections = http_connections_take(err);
    if (!transfer->tls.connections)
        return ACSMTP_SYSTEM;
    transfer->easy = curl_easy_init();
    if (!transfer->easy)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    http_connections_setup(transfer->tls.connections, transfer->easy);
    (void)curl_easy_setopt(transfer->easy, CURLOPT_ERRORBUFFER, transfer->text);
    (void)curl_easy_setopt(transfer->easy, CURLOPT_NOSIGNAL, 1L);
    /* A resolver thread that hangs must not hold up a deadline or a cancellation. */
    (void)curl_easy_setopt(transfer->easy, CURLOPT_QUICK_EXIT, 1L);
    (void)curl_easy_setopt(transfer->easy, CURLOPT_PREREQFUNCTION, on_ready);
    (void)curl_easy_setopt(transfer->easy, CURLOPT_PREREQDATA, transfer);
    http_trace_setup(transfer);
    return ACSMTP_OK;
}

void http_transfer_release(struct http_transfer *transfer)
{
    struct http_connections *connections = transfer->tls.connections;

    curl_easy_cleanup(transfer->easy);
    if (transfer->is_over)
        http_connections_give(connections);
    else
        http_connections_close(connections);
    curl_slist_free_all(transfer->pins);
    tls_client_release(&transfer->tls.client);
    *transfer = (struct http_transfer){0};
}

/* Sleep until something happens or the deadline is there. */
static int wait_for_events(struct http_transfer *transfer)
{
    struct curl_waitfd cancel = {.fd = acsmtp_context_cancel_fd(transfer->context),
                                 .events = CURL_WAIT_POLLIN};
    int64_t left = acsmtp_context_remaining(transfer->context);
    int limit = left < INT_MAX ? (int)left + 1 : INT_MAX;

    return curl_multi_poll(transfer->tls.connections->multi, &cancel, cancel.fd >= 0, limit,
                           NULL) == CURLM_OK;
}

static CURLcode result_of(const struct http_transfer *transfer)
{
    CURLMsg *message;
    int more;

    while ((message = curl_multi_info_read(transfer->tls.connections->multi, &more)))
        if (message->msg == CURLMSG_DONE && message->easy_handle == transfer->easy)
            return message->data.result;
    return CURLE_FAILED_INIT;
}

static int drive(struct http_transfer *transfer, const char *what, struct acsmtp_error *err)
{
    int running = 1;

    for (;;) {
        int status;

        if (curl_multi_perform(transfer->tls.connections->multi, &running) != CURLM_OK)
            return acsmtp_fail(err, ACSMTP_SYSTEM, "libcurl failed");
        if (!running)
            return ACSMTP_OK;
        status = acsmtp_context_check(transfer->context, what, NULL);
        if (status == ACSMTP_TEMPORARY)
            return http_transfer_fail(transfer, CURLE_OPERATION_TIMEDOUT, what, err);
        if (status != ACSMTP_OK)
            return acsmtp_context_check(transfer->context, what, err);
        if (!wait_for_events(transfer))
            return acsmtp_fail_errno(err, errno, "poll");
    }
}

int http_transfer_run(struct http_transfer *transfer, const char *what, CURLcode *code,
                      struct acsmtp_error *err)
{
    CURLM *multi = transfer->tls.connections->multi;
    int status;

    transfer->started_at = net_now();
    transfer->text[0] = '\0';
    transfer->tls.connections->alert = -1;
    transfer->is_ready = 0;
    transfer->is_over = 0;
    if (curl_multi_add_handle(multi, transfer->easy) != CURLM_OK)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "libcurl refuses a transfer");
    status = drive(transfer, what, err);
    if (status == ACSMTP_OK)
        *code = result_of(transfer);
    transfer->is_over = status == ACSMTP_OK && *code == CURLE_OK;
    (void)curl_multi_remove_handle(multi, transfer->easy);
    return status;
}

/* ---- failures ---- */

struct failure {
    int code; /* CURLcode */
    int status;
    const char *name; /* stable, see http.h */
    const char *text;
    int is_clear; /* libcurl's words add nothing to ours */
};

static const struct failure failures[] = {
    {CURLE_COULDNT_RESOLVE_HOST, ACSMTP_TEMPORARY, "dns", "the host name cannot be resolved", 1},
    {CURLE_COULDNT_RESOLVE_PROXY, ACSMTP_TEMPORARY, "dns", "no connection", 0},
    {CURLE_GOT_NOTHING, ACSMTP_TEMPORARY, "lost", "the connection was closed without a reply", 1},
    {CURLE_RECV_ERROR, ACSMTP_TEMPORARY, "lost", "the connection was lost", 0},
    {CURLE_SEND_ERROR, ACSMTP_TEMPORARY, "lost", "the connection was lost", 0},
    {CURLE_PARTIAL_FILE, ACSMTP_TEMPORARY, "lost", "the reply ends too early", 0},
    {CURLE_SSL_CONNECT_ERROR, ACSMTP_PROTOCOL, "tls", "the TLS handshake failed", 0},
    {CURLE_PEER_FAILED_VERIFICATION, ACSMTP_PROTOCOL, "tls", "the certificate does not verify", 0},
    {CURLE_SSL_ISSUER_ERROR, ACSMTP_PROTOCOL, "tls", "the certificate does not verify", 0},
    {CURLE_SSL_CIPHER, ACSMTP_PROTOCOL, "tls", "no common TLS cipher", 0},
    {CURLE_SSL_CACERT_BADFILE, ACSMTP_CONFIG, "tls", "the file of trusted certificates is unusable",
     0},
    {CURLE_SSL_CERTPROBLEM, ACSMTP_CONFIG, "tls", "the client certificate is too weak", 0},
    {CURLE_URL_MALFORMAT, ACSMTP_CONFIG, NULL, "the address is malformed", 0},
    {CURLE_UNSUPPORTED_PROTOCOL, ACSMTP_PROTOCOL, NULL, "the reply is not of this protocol", 0},
    {CURLE_OUT_OF_MEMORY, ACSMTP_SYSTEM, NULL, "out of memory", 1},
    {CURLE_FAILED_INIT, ACSMTP_SYSTEM, NULL, "libcurl cannot start", 0},
};

/*
 * libcurl has one number for "this is no TLS server" and "the peer hung up in the handshake"; only
 * the first one is for good. Its words for the second are these.
 */
static int is_lost_handshake(const struct http_transfer *transfer, CURLcode code)
{
    return code == CURLE_SSL_CONNECT_ERROR &&
           (strstr(transfer->text, "SSL_ERROR_SYSCALL") ||
            strstr(transfer->text, "reset by peer") || strstr(transfer->text, "unexpected eof"));
}

static const struct failure *find_failure(const struct http_transfer *transfer, CURLcode code)
{
    static const struct failure other = {0, ACSMTP_PROTOCOL, NULL, NULL, 0};
    static const struct failure proxy = {0, ACSMTP_TEMPORARY, "connect_unreachable",
                                         "the proxy does not connect", 0};

    if (code == CURLE_RECV_ERROR && strstr(transfer->text, "CONNECT"))
        return &proxy;
    if (is_lost_handshake(transfer, code))
        code = CURLE_RECV_ERROR;
    for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++)
        if (failures[i].code == (int)code)
            return &failures[i];
    return &other;
}

/* libcurl has one number for every wait that took too long. */
static int fail_timeout(const struct http_transfer *transfer, const char *what,
                        struct acsmtp_error *err)
{
    char time[NET_SECONDS_MAX];
    curl_off_t resolved = 0, connected = 0;
    const char *missing = "complete reply";

    (void)curl_easy_getinfo(transfer->easy, CURLINFO_NAMELOOKUP_TIME_T, &resolved);
    (void)curl_easy_getinfo(transfer->easy, CURLINFO_CONNECT_TIME_T, &connected);
    if (resolved == 0 && !transfer->is_ready)
        missing = "answer about the host name";
    else if (connected == 0 && !transfer->is_ready)
        missing = "connection";
    net_seconds(net_now() - transfer->started_at, time);
    acsmtp_error_server(err, 0, "timeout", NULL);
    return acsmtp_fail(err, ACSMTP_TEMPORARY, "%s: no %s within %s", what, missing, time);
}

#define PLACE_MAX 255 /* as in the format below */

/* With a proxy the place that does not answer is not the one that was asked for. */
static void add_place(const struct http_transfer *transfer, const char *what, char *place,
                      size_t capacity)
{
    char host[PLACE_MAX + 1] = "";

    place[0] = '\0';
    if (sscanf(transfer->text, "Failed to connect to %255s port", host) == 1 && !strstr(what, host))
        (void)snprintf(place, capacity, " (%s)", host);
}

static int fail_connect(const struct http_transfer *transfer, const char *what,
                        struct acsmtp_error *err)
{
    char place[PLACE_MAX + 4];
    char reason[128];
    long number = 0;

    add_place(transfer, what, place, sizeof place);
    (void)curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &number);
    if (number == ECONNREFUSED) {
        acsmtp_error_server(err, 0, "connect_refused", NULL);
        return acsmtp_fail(err, ACSMTP_TEMPORARY, "%s: connection refused%s", what, place);
    }
    acsmtp_error_server(err, 0, "connect_unreachable", NULL);
    return acsmtp_fail(err, ACSMTP_TEMPORARY, "%s: the host cannot be reached%s%s%s", what, place,
                       number ? ": " : "",
                       number ? strerror_r((int)number, reason, sizeof reason) : "");
}

/* The server hangs up because of who this side is, or says that it is nobody. */
static int fail_identity(const struct http_transfer *transfer, const char *what,
                         struct acsmtp_error *err)
{
    acsmtp_error_server(err, 0, "tls", NULL);
    if (transfer->tls.client.leaf)
        return acsmtp_fail(err, ACSMTP_DENIED, "%s: the server refuses the client certificate (%s)",
                           what, SSL_alert_desc_string_long(transfer->tls.connections->alert));
    return acsmtp_fail(err, ACSMTP_PROTOCOL, "%s: the server wants a client certificate (%s)", what,
                       SSL_alert_desc_string_long(transfer->tls.connections->alert));
}

int http_transfer_fail(const struct http_transfer *transfer, CURLcode code, const char *what,
                       struct acsmtp_error *err)
{
    const struct failure *failure = find_failure(transfer, code);
    const char *text = failure->text ? failure->text : curl_easy_strerror(code);

    if (tls_client_is_refusal(transfer->tls.connections->alert))
        return fail_identity(transfer, what, err);
    if (code == CURLE_OPERATION_TIMEDOUT)
        return fail_timeout(transfer, what, err);
    if (code == CURLE_COULDNT_CONNECT)
        return fail_connect(transfer, what, err);
    acsmtp_error_server(err, 0, failure->name, NULL);
    if (transfer->text[0] && !failure->is_clear)
        return acsmtp_fail(err, failure->status, "%s: %s (%s)", what, text, transfer->text);
    return acsmtp_fail(err, failure->status, "%s: %s", what, text);
}
