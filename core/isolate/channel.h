/* SPDX-License-Identifier: MIT */
/*
 * Frames over a stream socket, sent and received whole.
 */
#ifndef ISOLATE_CHANNEL_H
#define ISOLATE_CHANNEL_H

#include <acsmtp/error.h>
#include <acsmtp/secret.h>
#include <stdint.h>

struct channel {
    int fd;
    /*
     * Called before each transfer: OK when the socket is ready for `events` of poll(2), else why
     * there is no point in waiting. NULL: the socket itself blocks.
     */
    int (*wait)(void *data, int fd, short events, struct acsmtp_error *err);
    void *data;
};

/* err->code when the other side is gone. */
#define CHANNEL_ENDED "isolate_ended"

int channel_has_ended(const struct acsmtp_error *err);

/* `payload` NULL: an empty one. SYSTEM with CHANNEL_ENDED when nobody is there to receive it. */
int channel_send(const struct channel *channel, uint32_t type, const struct acsmtp_secret *payload,
                 struct acsmtp_error *err) ACSMTP_CHECK;

/* `payload` is emptied and filled. PROTOCOL when what comes cannot be a frame. */
int channel_receive(const struct channel *channel, uint32_t *type, struct acsmtp_secret *payload,
                    struct acsmtp_error *err) ACSMTP_CHECK;

#endif
