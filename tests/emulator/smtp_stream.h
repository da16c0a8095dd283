/* SPDX-License-Identifier: MIT */
/* The byte stream of one SMTP connection, in clear or in TLS: bounded input, and output that is
 * held back until the other side has to be heard, as a server does that offers PIPELINING. */
#ifndef EMULATOR_SMTP_STREAM_H
#define EMULATOR_SMTP_STREAM_H

#include "text.h"

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>

enum {
    STREAM_BUFFER = 16 * 1024,
    STREAM_MAXIMUM_OUTPUT = 256 * 1024,
};

enum stream_line {
    STREAM_LINE,
    STREAM_TOO_LONG, /* the line was read and thrown away */
    STREAM_BARE_LF,  /* the line ended in LF without CR */
    STREAM_TIMEOUT,
    STREAM_CLOSED,
};

struct stream {
    int fd;
    SSL *ssl;
    char input[STREAM_BUFFER];
    size_t start;
    size_t end;
    struct text output;
    bool timed_out;
};

void stream_init(struct stream *stream, int fd, long timeout_ms);
/* Closes the descriptor too. */
void stream_release(struct stream *stream);
/* false when the other side is gone. */
bool stream_flush(struct stream *stream);
/* Reads up to CRLF, which is not part of the line. maximum counts it. line holds maximum bytes. */
enum stream_line stream_read_line(struct stream *stream, char *line, size_t maximum);
/* At least one unread byte in *data, or 0. */
size_t stream_peek(struct stream *stream, const char **data);
void stream_consume(struct stream *stream, size_t count);
/* Whether bytes have come that nobody asked for yet. */
bool stream_has_input(const struct stream *stream);
/* Shakes hands as server. */
bool stream_start_tls(struct stream *stream, SSL_CTX *context);
#endif
