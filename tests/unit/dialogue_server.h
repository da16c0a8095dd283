/* SPDX-License-Identifier: MIT */
/* The server's side of a dialogue: plays the script of a file to one client. */
#ifndef DIALOGUE_SERVER_H
#define DIALOGUE_SERVER_H

#include "dialogue.h"

#include <errno.h>
#include <stdarg.h>

static struct loopback_pki pki;

struct server {
    const struct dialogue *dialogue;
    int listener;
    struct loopback_wire wire;
    int fills_left; /* of a GROUP, -1 outside */
    int is_gone;    /* the script has ended the connection */
    char problem[2 * DIALOGUE_TEXT_MAX];
};

static inline void problem(struct server *server, int number, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static inline void problem(struct server *server, int number, const char *format, ...)
{
    char text[DIALOGUE_TEXT_MAX];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (!server->problem[0])
        (void)snprintf(server->problem, sizeof server->problem, "line %d: %s", number, text);
}

static inline void expect_bytes(struct server *server, int number, const char *wanted, size_t size)
{
    char line[2 * DIALOGUE_TEXT_MAX];
    int fills = 0;
    size_t got = loopback_line(&server->wire, line, sizeof line, &fills);

    if (got != size || memcmp(line, wanted, size) != 0)
        problem(server, number, "expected '%.*s', got '%.*s' (%zu bytes)", (int)size, wanted,
                (int)got, line, got);
    if (server->fills_left >= 0 && (server->fills_left -= fills) < 0)
        problem(server, number, "the group came in several records");
}

static inline void expect_line(struct server *server, int number, const char *text)
{
    char wanted[2 * DIALOGUE_TEXT_MAX];

    expect_bytes(server, number, wanted, dialogue_expand(text, wanted));
}

static inline void say(struct server *server, int number, const char *bytes, size_t size)
{
    server->fills_left = -1;
    if (!loopback_write(&server->wire, bytes, size))
        problem(server, number, "cannot send");
}

/* S: lines next to each other, in one write. */
static inline size_t say_lines(struct server *server, size_t at)
{
    const struct dialogue *dialogue = server->dialogue;
    char bytes[16 * DIALOGUE_TEXT_MAX];
    size_t size = 0;
    size_t i = at;

    for (; i < dialogue->count && strcmp(dialogue->lines[i].word, "S:") == 0; i++)
        if (size < sizeof bytes - 2 * DIALOGUE_TEXT_MAX)
            size += dialogue_expand(dialogue->lines[i].rest, bytes + size);
    say(server, dialogue->lines[at].number, bytes, size);
    return i - 1;
}

static inline void repeat(struct server *server, const struct dialogue_line *line)
{
    char *text;
    long count = strtol(line->rest, &text, 10);
    char *reply = strstr(text, " => ");
    char client[DIALOGUE_TEXT_MAX];
    char bytes[2 * DIALOGUE_TEXT_MAX];

    for (int i = 0; i < count && !server->problem[0] && !server->is_gone; i++) {
        dialogue_count_in(text + 1, i, client, sizeof client);
        if (reply && line->word[0] == 'X')
            *strstr(client, " => ") = '\0';
        if (line->word[0] != 'S')
            expect_line(server, line->number, client);
        if (line->word[0] == 'C')
            continue;
        if (line->word[0] == 'X')
            dialogue_count_in(reply + 4, i, client, sizeof client);
        if (line->word[0] == 'X')
            say(server, line->number, bytes, dialogue_expand(client, bytes));
        else if (!loopback_write(&server->wire, bytes, dialogue_expand(client, bytes)))
            server->is_gone = 1;
    }
}

static inline void start_tls(struct server *server, const struct dialogue_line *line)
{
    SSL_CTX *ctx = strcmp(line->rest, "stranger") == 0 ? pki.stranger
                   : strcmp(line->rest, "other") == 0  ? pki.other
                                                       : pki.server;

    if (!loopback_start_tls(&server->wire, ctx) && ctx == pki.server)
        problem(server, line->number, "the handshake failed");
}

/*
 * OPEN KEYWORD,KEYWORD...: the beginning that most dialogues share, up to the accepted login with
 * the default answers.
 */
static inline void open_session(struct server *server, const struct dialogue_line *line)
{
    static const char *const script[] = {"S220 mx.test ready",
                                         "CEHLO client.test",
                                         "S250-mx.test",
                                         "S250 STARTTLS",
                                         "CSTARTTLS",
                                         "S220 go ahead",
                                         NULL,
                                         "CEHLO client.test",
                                         "S250-mx.test",
                                         "K",
                                         "S250 AUTH LOGIN",
                                         "CAUTH LOGIN",
                                         "S334 %b64[Username:]b64%",
                                         ("C%b64[" DIALOGUE_USER "]b64%"),
                                         "S334 %b64[Password:]b64%",
                                         ("C%b64[" DIALOGUE_PASSWORD "]b64%"),
                                         "S235 2.7.0 accepted"};
    char bytes[2 * DIALOGUE_TEXT_MAX];
    char keyword[128];

    for (size_t i = 0; i < sizeof script / sizeof script[0] && !server->problem[0]; i++) {
        const char *text = script[i];

        if (!text)
            start_tls(server, line);
        else if (*text == 'S')
            say(server, line->number, bytes, dialogue_expand(text + 1, bytes));
        else if (*text == 'C')
            expect_line(server, line->number, text + 1);
        else
            for (const char *at = line->rest; *at; at += strspn(at, ",")) {
                (void)snprintf(keyword, sizeof keyword, "250-%.*s", (int)strcspn(at, ","), at);
                say(server, line->number, bytes, dialogue_expand(keyword, bytes));
                at += strcspn(at, ",");
            }
    }
}

static inline void expect_fill(struct server *server, const struct dialogue_line *line)
{
    long count = strtol(line->rest, NULL, 10);
    char wanted[96];

    for (int i = 0; i < count && !server->problem[0]; i++)
        expect_bytes(server, line->number, wanted, dialogue_fill_line(i, wanted));
}

/* The client gives the message up in its middle. */
static inline void expect_no_dot(struct server *server, int number)
{
    char line[DIALOGUE_TEXT_MAX];
    int fills = 0;

    while (loopback_line(&server->wire, line, sizeof line, &fills) > 0)
        if (strcmp(line, ".\r\n") == 0)
            problem(server, number, "the message was ended");
    server->is_gone = 1;
}

static inline void shrink(struct server *server, int number)
{
    char path[128];
    struct stat file;

    (void)snprintf(path, sizeof path, "%s/mail", pki.folder);
    if (stat(path, &file) != 0 || truncate(path, file.st_size / 2) != 0)
        problem(server, number, "cannot shrink the message");
}

/* The session cannot go on after that: what follows is no TLS any more. */
static inline void say_half(struct server *server, const struct dialogue_line *line)
{
    BIO *record = BIO_new(BIO_s_mem());
    char bytes[2 * DIALOGUE_TEXT_MAX];
    char *sealed = NULL;
    long size;

    loopback_need(record && server->wire.ssl, "a TLS record");
    SSL_set0_wbio(server->wire.ssl, record);
    say(server, line->number, bytes, dialogue_expand(line->rest, bytes));
    size = BIO_get_mem_data(record, &sealed) / 2;
    if (send(server->wire.fd, sealed, (size_t)size, MSG_NOSIGNAL) != size)
        problem(server, line->number, "cannot send half a record");
}

static inline void control(struct server *server, const struct dialogue_line *line)
{
    char bytes[DIALOGUE_TEXT_MAX];

    if (strcmp(line->word, "R:") == 0)
        say(server, line->number, bytes, dialogue_unescape(line->rest, strlen(line->rest), bytes));
    else if (strcmp(line->word, "HALF:") == 0)
        say_half(server, line);
    else if (strcmp(line->word, "TLS") == 0)
        start_tls(server, line);
    else if (strcmp(line->word, "NO-DOT") == 0)
        expect_no_dot(server, line->number);
    else if (strcmp(line->word, "SHRINK") == 0)
        shrink(server, line->number);
    else if (strcmp(line->word, "OPEN") == 0)
        open_session(server, line);
    else if (strcmp(line->word, "GROUP") == 0)
        server->fills_left = 1;
    else if (strcmp(line->word, "IDLE") == 0 && loopback_is_readable(&server->wire, 40))
        problem(server, line->number, "the client speaks too early");
    else if (strcmp(line->word, "DELAY") == 0)
        (void)usleep((useconds_t)strtol(line->rest, NULL, 10) * 1000);
    else if (strcmp(line->word, "FILL") == 0)
        expect_fill(server, line);
    else if (strcmp(line->word, "HANGUP") == 0)
        (void)shutdown(server->wire.fd, SHUT_RDWR);
    else if (strcmp(line->word, "DROP") == 0)
        loopback_drop(&server->wire);
    server->is_gone |= strcmp(line->word, "HANGUP") == 0 || strcmp(line->word, "DROP") == 0;
}

static inline void expect_end(struct server *server)
{
    char rest[256];

    if (server->is_gone || server->problem[0])
        return;
    if (server->wire.size > 0 || loopback_fill(&server->wire) > 0) {
        (void)snprintf(rest, sizeof rest, "%.*s",
                       (int)(server->wire.size < 200 ? server->wire.size : 200),
                       server->wire.bytes);
        problem(server, 0, "the client says more than the script knows: '%s'", rest);
    } else if (errno == EAGAIN) {
        problem(server, 0, "the client does not close the connection");
    }
}

static inline void *serve(void *data)
{
    struct server *server = data;
    const struct dialogue *dialogue = server->dialogue;

    loopback_begin_thread();
    server->fills_left = -1;
    if (!loopback_accept(&server->wire, server->listener)) {
        problem(server, 0, "nobody connected");
        return NULL;
    }
    for (size_t i = 0; i < dialogue->count && !server->problem[0] && !server->is_gone; i++) {
        const struct dialogue_line *line = &dialogue->lines[i];

        if (strcmp(line->word, "S:") == 0)
            i = say_lines(server, i);
        else if (strcmp(line->word, "C:") == 0)
            expect_line(server, line->number, line->rest);
        else if (strlen(line->word) == 3 && line->word[1] == '*')
            repeat(server, line);
        else
            control(server, line);
    }
    errno = 0;
    expect_end(server);
    loopback_close(&server->wire);
    return NULL;
}

#endif
