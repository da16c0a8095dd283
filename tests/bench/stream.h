/* SPDX-License-Identifier: MIT */
/*
 * A connection that turns from plain to TLS: what the benchmark's client and server have in common.
 * Every failure ends the program with a line on stderr: a benchmark that stumbles has no result.
 */
#ifndef STREAM_H
#define STREAM_H

#include <openssl/ssl.h>
#include <stddef.h>

struct stream {
    int fd;
    SSL *ssl; /* NULL while plain */
    size_t at, end;
    char buffer[65536];
};

_Noreturn void stream_die(const char *what);

void stream_write(struct stream *stream, const void *bytes, size_t size);

/* Length of the next line without its CRLF, which becomes a NUL; -1 at the end of the connection.
 * The text stands in *line until the next call. */
long stream_line(struct stream *stream, char **line);

/* Whether a whole line waits that has not been looked at. */
int stream_pending(const struct stream *stream);

/* More input; 0 at the end of the connection. What is unread moves to the front. */
int stream_fill(struct stream *stream);

#endif
