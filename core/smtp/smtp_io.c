/* SPDX-License-Identifier: MIT */
/*
 * What a session says and hears. Waiting ends at the reply's time limit, at the deadline and at a
 * cancellation. While the server does not take what is sent, its replies are read: with pipelining
 * both sides could otherwise wait for each other for ever.
 */
#include "smtp_private.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

/* The buffers are not zeroed: most of their pages are never touched. */
int smtp_io_open(struct smtp_io *io, int fd, struct acsmtp_error *err)
{
    smtp_wire_open(&io->wire, fd);
    io->in = malloc(SMTP_IN_MAX);
    io->out = malloc(SMTP_OUT_MAX);
    if (!io->in || !io->out)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    io->is_lost = 0;
    return ACSMTP_OK;
}

void smtp_io_close(struct smtp_io *io)
{
    smtp_wire_close(&io->wire, !io->is_lost);
    free(io->in);
    free(io->out);
    io->in = io->out = NULL;
}

static int lose(struct smtp_io *io, struct acsmtp_error *err)
{
    io->is_lost = 1;
    acsmtp_error_server(err, 0, "lost", NULL);
    return acsmtp_fail(err, ACSMTP_TEMPORARY, "the connection was lost");
}

/* Wait for the socket; what came is seen by trying. */
static int wait_socket(struct smtp_io *io, int events, const struct smtp_limit *limit,
                       struct acsmtp_error *err)
{
    struct pollfd fds[2] = {{.fd = io->wire.fd, .events = (short)events}};
    int status = smtp_wait(fds, 1, limit, SMTP_NEVER, err);

    if (status != ACSMTP_OK)
        io->is_lost = 1;
    return status;
}

static struct smtp_limit limit_of(const struct smtp_io *io)
{
    return smtp_limit_from_now(io->context, "complete reply", io->timeout_ms);
}

/* ---- in ---- */

static size_t room_in(struct smtp_io *io)
{
    if (io->in_start > 0) {
        memmove(io->in, io->in + io->in_start, io->in_size);
        io->in_start = 0;
    }
    return SMTP_IN_MAX - io->in_size;
}

/* Take what has arrived, if anything has. */
static int fill(struct smtp_io *io, struct acsmtp_error *err)
{
    size_t room = room_in(io);
    ssize_t got;

    if (room == 0)
        return acsmtp_fail(err, ACSMTP_PROTOCOL, "more than %u bytes of replies are unread",
                           SMTP_IN_MAX);
    got = smtp_wire_read(&io->wire, io->in + io->in_size, room);
    if (got < 0)
        return lose(io, err);
    io->in_size += (size_t)got;
    return ACSMTP_OK;
}

/* ---- out ---- */

/*
 * The call is repeated with the same bytes when the wire was not ready, as OpenSSL demands: the
 * buffer does not move and its content is fixed until it has gone.
 */
static int push(struct smtp_io *io, const char *bytes, size_t size, struct acsmtp_error *err)
{
    struct smtp_limit limit = limit_of(io);

    while (size > 0) {
        ssize_t sent = smtp_wire_write(&io->wire, bytes, size < SMTP_OUT_MAX ? size : SMTP_OUT_MAX);
        int status = ACSMTP_OK;

        if (sent < 0)
            return lose(io, err);
        if (sent == 0) {
            status = wait_socket(io, io->wire.write_wants | POLLIN, &limit, err);
            if (status == ACSMTP_OK)
                status = fill(io, err);
        } else {
            limit = limit_of(io);
        }
        if (status != ACSMTP_OK)
            return status;
        io->sent += (uint64_t)sent;
        bytes += sent;
        size -= (size_t)sent;
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
    if (SMTP_OUT_MAX - io->out_size < least) {
        int status = smtp_io_flush(io, err);

        if (status != ACSMTP_OK)
            return status;
    }
    *room = io->out + io->out_size;
    *size = SMTP_OUT_MAX - io->out_size;
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

void smtp_io_take(struct smtp_io *io, size_t size)
{
    io->in_start += size;
    io->in_size -= size;
}

/* As smtp_reply_parse() on what has been received; a whole reply is taken out. */
static int take_reply(struct smtp_io *io, struct smtp_reply *reply)
{
    ssize_t used = smtp_reply_parse(io->in + io->in_start, io->in_size, reply);

    if (used <= 0)
        return (int)used;
    trace_reply(io, io->in + io->in_start, (size_t)used);
    smtp_io_take(io, (size_t)used);
    return 1;
}

static int fail_garbage(struct smtp_io *io, struct acsmtp_error *err)
{
    io->is_lost = 1;
    return acsmtp_fail(err, ACSMTP_PROTOCOL, "the server's reply is not SMTP: '%.*s'",
                       (int)(io->in_size < 80 ? io->in_size : 80), io->in + io->in_start);
}

static int fail_endless(struct smtp_io *io, struct acsmtp_error *err)
{
    io->is_lost = 1;
    return acsmtp_fail(err, ACSMTP_PROTOCOL, "the server's reply is larger than %u bytes",
                       SMTP_REPLY_MAX);
}

/* What the TLS layer holds back can also be half of a record, which gives nothing until the rest is
 * here. */
int smtp_io_await(struct smtp_io *io, const struct smtp_limit *limit, struct acsmtp_error *err)
{
    size_t before = io->in_size;
    int status = ACSMTP_OK;

    if (smtp_wire_pending(&io->wire))
        status = fill(io, err);
    if (status != ACSMTP_OK || io->in_size > before)
        return status;
    status = wait_socket(io, io->wire.read_wants, limit, err);
    return status == ACSMTP_OK ? fill(io, err) : status;
}

int smtp_io_reply(struct smtp_io *io, struct smtp_reply *reply, struct acsmtp_error *err)
{
    int status = smtp_io_flush(io, err);
    struct smtp_limit limit = limit_of(io);

    while (status == ACSMTP_OK) {
        int taken = take_reply(io, reply);

        if (taken > 0)
            return ACSMTP_OK;
        if (taken < 0)
            return fail_garbage(io, err);
        if (io->in_size >= SMTP_REPLY_MAX)
            return fail_endless(io, err);
        status = smtp_io_await(io, &limit, err);
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
    struct pollfd fd = {.fd = io->wire.fd, .events = POLLIN};
    struct acsmtp_error ignored = ACSMTP_ERROR_INIT;

    if (io->in_size == 0 && !smtp_wire_pending(&io->wire) && poll(&fd, 1, 0) == 0)
        return 0;
    if (room_in(io) > 0 && fill(io, &ignored) != ACSMTP_OK && io->in_size == 0)
        return -1;
    if (io->in_size == 0)
        return 0; /* a session ticket, not a reply */
    return take_reply(io, reply) > 0 ? 1 : -1;
}
