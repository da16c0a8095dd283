/* SPDX-License-Identifier: MIT */
/*
 * Bytes of a session over the TLS connection that libcurl made. Waiting ends at the reply's time
 * limit, at the deadline and at a cancellation. While the server does not take what is sent, its
 * replies are read: with pipelining both sides could otherwise wait for each other for ever.
 */
#include "smtp_private.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>

int smtp_io_open(struct smtp_io *io, struct net_transfer *transfer, struct acsmtp_error *err)
{
    io->transfer = transfer;
    io->context = transfer->context;
    io->is_lost = 1;
    if (curl_easy_getinfo(transfer->easy, CURLINFO_ACTIVESOCKET, &io->fd) != CURLE_OK ||
        io->fd == CURL_SOCKET_BAD)
        return acsmtp_fail(err, ACSMTP_TEMPORARY, "the connection was lost");
    io->is_lost = 0;
    net_tls_read_ahead(&transfer->tls);
    return ACSMTP_OK;
}

static int lose(struct smtp_io *io, struct acsmtp_error *err)
{
    io->is_lost = 1;
    acsmtp_error_server(err, 0, "lost", NULL);
    return acsmtp_fail(err, ACSMTP_TEMPORARY, "the connection was lost");
}

static int time_is_up(struct smtp_io *io, struct acsmtp_error *err)
{
    int status = acsmtp_context_check(io->context, "waiting for the server", err);
    char limit[NET_SECONDS_MAX];

    net_seconds(io->timeout_ms, limit);
    io->is_lost = 1;
    if (status == ACSMTP_OK)
        status = acsmtp_fail(err, ACSMTP_TEMPORARY, "the server did not answer within %s", limit);
    acsmtp_error_server(err, 0, "timeout", NULL);
    return status;
}

/* Wait for the socket; what came is seen by trying. */
static int wait_socket(struct smtp_io *io, short events, int64_t until, struct acsmtp_error *err)
{
    struct pollfd fds[2] = {
        {.fd = io->fd, .events = events},
        {.fd = acsmtp_context_cancel_fd(io->context), .events = POLLIN},
    };

    for (;;) {
        int64_t left = until - net_now();
        int64_t remaining = acsmtp_context_remaining(io->context);
        int ready;

        if (remaining < left)
            left = remaining;
        if (left <= 0)
            return time_is_up(io, err);
        ready = poll(fds, fds[1].fd >= 0 ? 2 : 1, left < INT_MAX ? (int)left : INT_MAX);
        if (ready < 0 && errno != EINTR)
            return acsmtp_fail_errno(err, errno, "poll");
        if (acsmtp_context_cancelled(io->context)) {
            io->is_lost = 1;
            return acsmtp_context_check(io->context, "waiting for the server", err);
        }
        if (ready > 0 && fds[0].revents)
            return ACSMTP_OK;
    }
}

/* ---- in ---- */

static size_t room_in(struct smtp_io *io)
{
    if (io->in_start > 0) {
        memmove(io->in, io->in + io->in_start, io->in_size);
        io->in_start = 0;
    }
    return sizeof io->in - io->in_size;
}

/* Take what has arrived, if anything has. */
static int fill(struct smtp_io *io, struct acsmtp_error *err)
{
    size_t room = room_in(io);
    size_t got = 0;
    CURLcode code;

    if (room == 0)
        return acsmtp_fail(err, ACSMTP_PROTOCOL, "more than %u bytes of replies are unread",
                           SMTP_IN_MAX);
    code = curl_easy_recv(io->transfer->easy, io->in + io->in_size, room, &got);
    if (code == CURLE_AGAIN)
        return ACSMTP_OK;
    if (code != CURLE_OK || got == 0)
        return lose(io, err);
    io->in_size += got;
    return ACSMTP_OK;
}

/* ---- out ---- */

/*
 * The call is repeated with the same bytes after CURLE_AGAIN, as OpenSSL demands: the buffer does
 * not move and its content is fixed until it has gone.
 */
static int push(struct smtp_io *io, const char *bytes, size_t size, struct acsmtp_error *err)
{
    int64_t until = net_now() + io->timeout_ms;

    while (size > 0) {
        size_t sent = 0;
        CURLcode code = curl_easy_send(io->transfer->easy, bytes,
                                       size < SMTP_OUT_MAX ? size : SMTP_OUT_MAX, &sent);
        int status = ACSMTP_OK;

        if (code == CURLE_AGAIN) {
            status = wait_socket(io, POLLOUT | POLLIN, until, err);
            if (status == ACSMTP_OK)
                status = fill(io, err);
        } else if (code != CURLE_OK) {
            status = lose(io, err);
        }
        if (status != ACSMTP_OK)
            return status;
        if (sent > 0)
            until = net_now() + io->timeout_ms;
        io->sent += sent;
        bytes += sent;
        size -= sent;
    }
    return ACSMTP_OK;
}

int smtp_io_flush(struct smtp_io *io, struct acsmtp_error *err)
{
    size_t size = io->out_size;

    if (io->is_lost)
        return lose(io, err);
    io->out_size = 0;
    return size > 0 ? push(io, io->out, size, err) : ACSMTP_OK;
}

int smtp_io_room(struct smtp_io *io, size_t least, char **room, size_t *size,
                 struct acsmtp_error *err)
{
    if (sizeof io->out - io->out_size < least) {
        int status = smtp_io_flush(io, err);

        if (status != ACSMTP_OK)
            return status;
    }
    *room = io->out + io->out_size;
    *size = sizeof io->out - io->out_size;
    return ACSMTP_OK;
}

void smtp_io_commit(struct smtp_io *io, size_t size)
{
    io->out_size += size;
    io->queued += size;
}

int smtp_io_write(struct smtp_io *io, const char *bytes, size_t size, struct acsmtp_error *err)
{
    char *room;
    size_t capacity;
    int status = smtp_io_room(io, size, &room, &capacity, err);

    if (status != ACSMTP_OK)
        return status;
    memcpy(room, bytes, size);
    smtp_io_commit(io, size);
    return ACSMTP_OK;
}

int smtp_io_command(struct smtp_io *io, const char *line, size_t size, struct acsmtp_error *err)
{
    acsmtp_log(io->context, ACSMTP_LOG_TRACE, "smtp > %.*s", (int)size - 2, line);
    return smtp_io_write(io, line, size, err);
}

int smtp_io_send_secret(struct smtp_io *io, const struct acsmtp_secret *secret,
                        struct acsmtp_error *err)
{
    int status = smtp_io_flush(io, err);

    if (status != ACSMTP_OK)
        return status;
    acsmtp_log(io->context, ACSMTP_LOG_TRACE, "smtp > <credentials>");
    io->queued += acsmtp_secret_size(secret);
    return push(io, acsmtp_secret_data(secret), acsmtp_secret_size(secret), err);
}

int smtp_io_was_sent(const struct smtp_io *io, uint64_t position)
{
    return io->sent >= position;
}

/* ---- replies ---- */

static void trace_reply(const struct smtp_io *io, const char *bytes, size_t size)
{
    if (!acsmtp_context_logs(io->context, ACSMTP_LOG_TRACE))
        return;
    while (size > 0) {
        const char *end = memchr(bytes, '\n', size);
        size_t line = end ? (size_t)(end - bytes) + 1 : size;
        size_t text = line;

        while (text > 0 && (bytes[text - 1] == '\n' || bytes[text - 1] == '\r'))
            text--;
        acsmtp_log(io->context, ACSMTP_LOG_TRACE, "smtp < %.*s", (int)text, bytes);
        bytes += line;
        size -= line;
    }
}

/* As smtp_reply_parse() on what has been received; a whole reply is taken out. */
static int take_reply(struct smtp_io *io, struct smtp_reply *reply)
{
    ssize_t used = smtp_reply_parse(io->in + io->in_start, io->in_size, reply);

    if (used <= 0)
        return (int)used;
    trace_reply(io, io->in + io->in_start, (size_t)used);
    io->in_start += (size_t)used;
    io->in_size -= (size_t)used;
    return 1;
}

static int fail_garbage(struct smtp_io *io, struct acsmtp_error *err)
{
    io->is_lost = 1;
    return acsmtp_fail(err, ACSMTP_PROTOCOL, "the server's reply is not SMTP: '%.*s'",
                       (int)(io->in_size < 80 ? io->in_size : 80), io->in + io->in_start);
}

/* What the TLS layer holds back can also be half of a record, which gives nothing until the rest is
 * here. */
static int await_more(struct smtp_io *io, int64_t until, struct acsmtp_error *err)
{
    size_t before = io->in_size;
    int status = ACSMTP_OK;

    if (net_tls_pending(&io->transfer->tls))
        status = fill(io, err);
    if (status != ACSMTP_OK || io->in_size > before)
        return status;
    status = wait_socket(io, POLLIN, until, err);
    return status == ACSMTP_OK ? fill(io, err) : status;
}

int smtp_io_reply(struct smtp_io *io, struct smtp_reply *reply, struct acsmtp_error *err)
{
    int status = smtp_io_flush(io, err);
    int64_t until = net_now() + io->timeout_ms;

    while (status == ACSMTP_OK) {
        int taken = take_reply(io, reply);

        if (taken > 0)
            return ACSMTP_OK;
        if (taken < 0)
            return fail_garbage(io, err);
        status = await_more(io, until, err);
    }
    return status;
}

void smtp_io_part(struct smtp_io *io, const char *line, size_t size)
{
    struct acsmtp_error ignored = ACSMTP_ERROR_INIT;
    struct smtp_reply reply;
    int status = smtp_io_command(io, line, size, &ignored);

    if (status == ACSMTP_OK)
        status = smtp_io_reply(io, &reply, &ignored);
    if (status != ACSMTP_OK)
        io->is_lost = 1;
}

int smtp_io_unasked(struct smtp_io *io, struct smtp_reply *reply)
{
    struct pollfd fd = {.fd = io->fd, .events = POLLIN};
    struct acsmtp_error ignored = ACSMTP_ERROR_INIT;

    if (io->in_size == 0 && !net_tls_pending(&io->transfer->tls) && poll(&fd, 1, 0) == 0)
        return 0;
    if (room_in(io) > 0 && fill(io, &ignored) != ACSMTP_OK && io->in_size == 0)
        return -1;
    if (io->in_size == 0)
        return 0; /* a session ticket, not a reply */
    return take_reply(io, reply) > 0 ? 1 : -1;
}
