/* SPDX-License-Identifier: MIT */
/* A connection that turns from plain to TLS, see stream.h. */
#include "stream.h"

#include <errno.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void stream_die(const char *what)
{
    unsigned long code = ERR_peek_last_error();

    (void)fprintf(stderr, "%s: %s\n", what, code ? ERR_reason_error_string(code) : strerror(errno));
    exit(1);
}

void stream_write(struct stream *stream, const void *bytes, size_t size)
{
    const char *next = bytes;

    while (size) {
        ssize_t done = stream->ssl ? SSL_write(stream->ssl, next, size > 16384 ? 16384 : (int)size)
                                   : write(stream->fd, next, size);

        if (done <= 0)
            stream_die("write");
        next += done;
        size -= (size_t)done;
    }
}

int stream_fill(struct stream *stream)
{
    ssize_t got;

    memmove(stream->buffer, stream->buffer + stream->at, stream->end - stream->at);
    stream->end -= stream->at;
    stream->at = 0;
    if (stream->end == sizeof stream->buffer)
        stream_die("a line is too long");
    if (stream->ssl)
        got = SSL_read(stream->ssl, stream->buffer + stream->end,
                       (int)(sizeof stream->buffer - stream->end));
    else
        got = read(stream->fd, stream->buffer + stream->end, sizeof stream->buffer - stream->end);
    if (got > 0)
        stream->end += (size_t)got;
    return got > 0;
}

int stream_pending(const struct stream *stream)
{
    return memchr(stream->buffer + stream->at, '\n', stream->end - stream->at) != NULL;
}

long stream_line(struct stream *stream, char **line)
{
    char *start, *newline;

    for (;;) {
        start = stream->buffer + stream->at;
        newline = memchr(start, '\n', stream->end - stream->at);
        if (newline)
            break;
        if (!stream_fill(stream))
            return -1;
    }
    stream->at += (size_t)(newline - start) + 1;
    if (newline > start && newline[-1] == '\r')
        newline--;
    *newline = '\0';
    *line = start;
    return newline - start;
}
