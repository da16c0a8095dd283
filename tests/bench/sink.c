/* SPDX-License-Identifier: MIT */
/*
 * A submission server that costs as little as possible, so that a batch is limited by the client:
 * STARTTLS, AUTH LOGIN and XOAUTH2 (anybody is let in), PIPELINING; mail is counted and thrown
 * away. smtp-sink of Postfix can neither do TLS nor AUTH. One connection at a time.
 *
 * bench-sink CERTIFICATE KEY
 * prints its port, then for each connection that ends "messages N".
 */
#include "stream.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { REPLIES_MAX = 16384 };

struct session {
    struct stream stream;
    SSL_CTX *context;
    long messages;
    size_t reply_size;
    char replies[REPLIES_MAX];
};

static void flush_replies(struct session *session)
{
    stream_write(&session->stream, session->replies, session->reply_size);
    session->reply_size = 0;
}

/* Replies wait for one another while there is input, as RFC 2920 section 3.2 wants of servers. */
static void reply(struct session *session, const char *text)
{
    size_t size = strlen(text);

    if (session->reply_size + size > sizeof session->replies)
        flush_replies(session);
    memcpy(session->replies + session->reply_size, text, size);
    session->reply_size += size;
    if (!stream_pending(&session->stream))
        flush_replies(session);
}

static void start_tls(struct session *session)
{
    reply(session, "220 2.0.0 Ready\r\n");
    session->stream.ssl = SSL_new(session->context);
    if (!session->stream.ssl || !SSL_set_fd(session->stream.ssl, session->stream.fd) ||
        SSL_accept(session->stream.ssl) != 1)
        stream_die("TLS");
}

static void authenticate(struct session *session, const char *mechanism)
{
    char *line;

    if (strncasecmp(mechanism, "LOGIN", 5) == 0) {
        if (!mechanism[5]) {
            reply(session, "334 VXNlcm5hbWU6\r\n");
            (void)stream_line(&session->stream, &line);
        }
        reply(session, "334 UGFzc3dvcmQ6\r\n");
        (void)stream_line(&session->stream, &line);
    } else if (!mechanism[7]) {
        reply(session, "334 \r\n");
        (void)stream_line(&session->stream, &line);
    }
    reply(session, "235 2.7.0 Welcome\r\n");
}

/* Everything up to CRLF . CRLF; `seen` characters of that have been matched. */
static void swallow(struct session *session)
{
    static const char end[] = "\r\n.\r\n";
    struct stream *stream = &session->stream;
    size_t seen = 2;

    while (seen < 5) {
        char *next, *stop;

        if (stream->at == stream->end && !stream_fill(stream))
            stream_die("the client hung up in a message");
        next = stream->buffer + stream->at;
        stop = stream->buffer + stream->end;
        while (next < stop && seen < 5) {
            char *found;

            if (*next == end[seen]) {
                seen++;
                next++;
                continue;
            }
            seen = 0;
            found = memchr(next, '\r', (size_t)(stop - next));
            next = found ? found : stop;
        }
        stream->at = (size_t)(next - stream->buffer);
    }
    session->messages++;
}

static int is(const char *line, const char *verb)
{
    return strncasecmp(line, verb, strlen(verb)) == 0;
}

/* 0 ends the session. */
static int obey(struct session *session, const char *line)
{
    if (is(line, "EHLO")) {
        reply(session, session->stream.ssl
                           ? "250-sink.test\r\n250-PIPELINING\r\n250-SIZE 104857600\r\n"
                             "250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250 AUTH LOGIN XOAUTH2\r\n"
                           : "250-sink.test\r\n250 STARTTLS\r\n");
    } else if (is(line, "STARTTLS")) {
        start_tls(session);
    } else if (is(line, "AUTH ")) {
        authenticate(session, line + 5);
    } else if (is(line, "DATA")) {
        reply(session, "354 Go on\r\n");
        flush_replies(session);
        swallow(session);
        reply(session, "250 2.0.0 Ok: counted\r\n");
    } else if (is(line, "QUIT")) {
        reply(session, "221 2.0.0 Bye\r\n");
        flush_replies(session);
        return 0;
    } else {
        reply(session, "250 2.1.0 Ok\r\n");
    }
    return 1;
}

static void serve(SSL_CTX *context, int fd)
{
    static struct session session;
    char *line;

    memset(&session, 0, sizeof session);
    session.stream.fd = fd;
    session.context = context;
    reply(&session, "220 sink.test ESMTP\r\n");
    while (stream_line(&session.stream, &line) >= 0 && obey(&session, line))
        ;
    (void)printf("messages %ld\n", session.messages);
    (void)fflush(stdout);
    if (session.stream.ssl) {
        (void)SSL_shutdown(session.stream.ssl);
        SSL_free(session.stream.ssl);
    }
    (void)close(fd);
}

static int listen_somewhere(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) != 0 || listen(fd, 16) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) != 0)
        stream_die("listen");
    (void)printf("%d\n", ntohs(address.sin_port));
    (void)fflush(stdout);
    return fd;
}

int main(int argc, char **argv)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    int listener;

    if (argc != 3 || !context || SSL_CTX_use_certificate_chain_file(context, argv[1]) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, argv[2], SSL_FILETYPE_PEM) != 1)
        stream_die("usage: bench-sink CERTIFICATE KEY");
    listener = listen_somewhere();
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

        if (fd < 0)
            stream_die("accept");
        serve(context, fd);
    }
}
