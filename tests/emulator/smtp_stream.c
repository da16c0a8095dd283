/* SPDX-License-Identifier: MIT */
/* Buffered reading and writing of an SMTP connection; see smtp_stream.h. */
#include "smtp_stream.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

void stream_init(struct stream *stream, int fd, long timeout_ms)
{
    stream->fd = fd;
    stream->ssl = NULL;
    stream->start = 0;
    stream->end = 0;
    stream->timed_out = false;
    text_init(&stream->output, STREAM_MAXIMUM_OUTPUT);
    struct timeval timeout = {.tv_sec = timeout_ms / 1000, .tv_usec = timeout_ms % 1000 * 1000};
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
}

void stream_release(struct stream *stream)
{
    if (stream->ssl != NULL) {
        SSL_shutdown(stream->ssl);
        SSL_free(stream->ssl);
    }
    text_release(&stream->output);
    OPENSSL_cleanse(stream->input, sizeof(stream->input)); /* passwords went through here */
    close(stream->fd);
}

static ssize_t write_some(struct stream *stream, const char *data, size_t length)
{
    if (stream->ssl != NULL) {
        ERR_clear_error();
        int count = SSL_write(stream->ssl, data, (int)length);
        return count > 0 ? count : -1;
    }
    ssize_t count;
    do {
        count = send(stream->fd, data, length, MSG_NOSIGNAL);
    } while (count < 0 && errno == EINTR);
    return count;
}

bool stream_flush(struct stream *stream)
{
    size_t done = 0;
    while (done < stream->output.length) {
        ssize_t count =
            write_some(stream, stream->output.data + done, stream->output.length - done);
        if (count <= 0) {
            text_clear(&stream->output);
            return false;
        }
        done += (size_t)count;
    }
    bool complete = !stream->output.failed;
    text_clear(&stream->output);
    return complete;
}

static ssize_t read_some(struct stream *stream)
{
    if (stream->ssl != NULL) {
        ERR_clear_error();
        int count = SSL_read(stream->ssl, stream->input, STREAM_BUFFER);
        if (count <= 0) {
            stream->timed_out = SSL_get_error(stream->ssl, count) == SSL_ERROR_WANT_READ;
        }
        return count;
    }
    ssize_t count;
    do {
        count = recv(stream->fd, stream->input, STREAM_BUFFER, 0);
    } while (count < 0 && errno == EINTR);
    stream->timed_out = count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
    return count;
}

size_t stream_peek(struct stream *stream, const char **data)
{
    if (stream->start == stream->end) {
        stream->start = 0;
        stream->end = 0;
        if (!stream_flush(stream)) {
            return 0;
        }
        ssize_t count = read_some(stream);
        if (count <= 0) {
            return 0;
        }
        stream->end = (size_t)count;
    }
    *data = stream->input + stream->start;
    return stream->end - stream->start;
}

void stream_consume(struct stream *stream, size_t count)
{
    stream->start += count;
}

enum stream_line stream_read_line(struct stream *stream, char *line, size_t maximum)
{
    size_t length = 0;
    bool too_long = false;
    char last = '\0';
    for (;;) {
        const char *data = NULL;
        size_t available = stream_peek(stream, &data);
        if (available == 0) {
            return stream->timed_out ? STREAM_TIMEOUT : STREAM_CLOSED;
        }
        const char *newline = memchr(data, '\n', available);
        size_t count = newline == NULL ? available : (size_t)(newline - data) + 1;
        too_long = too_long || count > maximum - length;
        if (!too_long) {
            memcpy(line + length, data, count);
            length += count;
        }
        char before = last;
        if (count > 1) {
            before = data[count - 2];
        }
        last = data[count - 1];
        stream_consume(stream, count);
        if (newline != NULL) {
            if (too_long) {
                return STREAM_TOO_LONG;
            }
            if (before != '\r') {
                return STREAM_BARE_LF;
            }
            line[length - 2] = '\0';
            /* A NUL inside would make two lines of one for every string function. */
            return strlen(line) == length - 2 ? STREAM_LINE : STREAM_BARE_LF;
        }
    }
}

bool stream_has_input(const struct stream *stream)
{
    if (stream->start < stream->end || (stream->ssl != NULL && SSL_pending(stream->ssl) > 0)) {
        return true;
    }
    struct pollfd wait = {.fd = stream->fd, .events = POLLIN};
    return poll(&wait, 1, 0) == 1 && (wait.revents & POLLIN) != 0;
}

bool stream_start_tls(struct stream *stream, SSL_CTX *context)
{
    stream->ssl = SSL_new(context);
    if (stream->ssl == NULL || SSL_set_fd(stream->ssl, stream->fd) != 1) {
        return false;
    }
    ERR_clear_error();
    return SSL_accept(stream->ssl) == 1;
}
