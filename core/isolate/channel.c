/* SPDX-License-Identifier: MIT */
/*
 * A frame's head is read before room is made for its payload, and no more room is made than came.
 */
#include "channel.h"
#include "base/secret_private.h"
#include "protocol.h"
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#define CHUNK 65536

struct head {
    uint32_t type, length;
};

static int ended(struct acsmtp_error *err)
{
    int status = acsmtp_fail(err, ACSMTP_SYSTEM, "the plugin's process has ended");

    acsmtp_error_server(err, 0, CHANNEL_ENDED, NULL);
    return status;
}

int channel_has_ended(const struct acsmtp_error *err)
{
    return strcmp(err->code, CHANNEL_ENDED) == 0;
}

static int await(const struct channel *channel, short events, struct acsmtp_error *err)
{
    return channel->wait ? channel->wait(channel->data, channel->fd, events, err) : ACSMTP_OK;
}

static int is_passing(void)
{
    return errno == EINTR || errno == EAGAIN;
}

/* ---- sending ---- */

/* Cut what was sent off the front. */
static void advance(struct iovec parts[2], size_t sent)
{
    int i;

    for (i = 0; i < 2; i++) {
        size_t part = sent < parts[i].iov_len ? sent : parts[i].iov_len;

        parts[i].iov_base = (char *)parts[i].iov_base + part;
        parts[i].iov_len -= part;
        sent -= part;
    }
}

int channel_send(const struct channel *channel, uint32_t type, const struct acsmtp_secret *payload,
                 struct acsmtp_error *err)
{
    struct head head = {type, (uint32_t)acsmtp_secret_size(payload)};
    struct iovec parts[2] = {{&head, sizeof head},
                             {(void *)acsmtp_secret_data(payload), head.length}};
    const struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};

    while (parts[0].iov_len + parts[1].iov_len > 0) {
        int status = await(channel, POLLOUT, err);
        ssize_t sent;

        if (status != ACSMTP_OK)
            return status;
        sent = sendmsg(channel->fd, &message, MSG_NOSIGNAL);
        if (sent < 0 && !is_passing())
            return ended(err);
        if (sent > 0)
            advance(parts, (size_t)sent);
    }
    return ACSMTP_OK;
}

/* ---- receiving ---- */

static int receive_some(const struct channel *channel, void *bytes, size_t size, size_t *got,
                        struct acsmtp_error *err)
{
    int status = await(channel, POLLIN, err);
    ssize_t count;

    *got = 0;
    if (status != ACSMTP_OK)
        return status;
    count = recv(channel->fd, bytes, size, 0);
    if (count == 0 || (count < 0 && !is_passing()))
        return ended(err);
    *got = count > 0 ? (size_t)count : 0;
    return ACSMTP_OK;
}

static int receive_head(const struct channel *channel, struct head *head, struct acsmtp_error *err)
{
    size_t have = 0, got;
    int status = ACSMTP_OK;

    while (status == ACSMTP_OK && have < sizeof *head) {
        status = receive_some(channel, (char *)head + have, sizeof *head - have, &got, err);
        have += got;
    }
    if (status == ACSMTP_OK && head->length > FRAME_MAX)
        return acsmtp_fail(err, ACSMTP_PROTOCOL, "a frame of %lu bytes is too long",
                           (unsigned long)head->length);
    return status;
}

int channel_receive(const struct channel *channel, uint32_t *type, struct acsmtp_secret *payload,
                    struct acsmtp_error *err)
{
    struct head head = {0, 0};
    size_t have = 0, got;
    int status = receive_head(channel, &head, err);

    acsmtp_secret_truncate(payload, 0);
    while (status == ACSMTP_OK && have < head.length) {
        size_t left = head.length - have, size = left < CHUNK ? left : CHUNK;
        char *room = secret_reserve(payload, size, err);

        if (!room)
            return ACSMTP_SYSTEM;
        status = receive_some(channel, room, size, &got, err);
        secret_commit(payload, got);
        have += got;
    }
    if (status == ACSMTP_OK)
        *type = head.type;
    return status;
}
