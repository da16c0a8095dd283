/* SPDX-License-Identifier: MIT */
/*
 * SMTP dialogues as data. A file in tests/dialogue/ says what the client is asked to do, what the
 * server says and expects, byte for byte, and how it must end. One directive a line, '#' begins a
 * comment line.
 *
 * The client
 *   tls implicit              instead of STARTTLS
 *   host NAME                 instead of localhost
 *   mechanism NAME            SASL mechanism; LOGIN unless said otherwise
 *   answer TEXT               its next response; answer-fails: it refuses to respond
 *   mail SENDER RECIPIENT...  a mail; the lines below belong to it
 *   recipients N              adds u0@b.example to u<N-1>@b.example
 *   dsn NOTIFY RET ID         delivery status options, "-" for none
 *   text LINE                 a line of the message with CRLF
 *   raw BYTES                 bytes of the message, \r \n \t \0 \\ and \xNN are understood
 *   fill N                    N lines of 78 bytes
 *   file                      the message is a file, which SHRINK cuts in half
 *   vanishes                  the message is a file that is gone when it is sent
 *   reply-timeout MS, deadline MS, cancel MS (after the start)
 *   do STEPS                  of open, send, noop, close; "open send close" unless said otherwise
 *
 * The server
 *   S: LINE                   sends a line; lines next to each other go out in one write
 *   C: LINE                   expects a line
 *   R: BYTES                  sends bytes without a line end, escapes as in raw
 *   HALF: LINE                sends half of the TLS record that holds the line, and no more of it
 *   S*: N LINE, C*: N LINE    the same N times, %d counts from 0; S* ends when the client has had
 *                             enough and hangs up
 *   X*: N CLIENT => SERVER    N times: expects, sends
 *   FILL N                    expects N lines as "fill" makes them
 *   GROUP                     the C: lines up to the next S: come in one TLS record
 *   IDLE                      the client has nothing more to say before the server speaks
 *   OPEN KEYWORD,KEYWORD...   the usual beginning: greeting, STARTTLS, these keywords, AUTH LOGIN
 *                             accepted with the default answers
 *   TLS                       handshake; TLS stranger: with a certificate that nobody signed;
 *                             TLS other: with one for another name
 *   SHRINK                    see file; NO-DOT: the client goes without having ended the message
 *   DELAY MS, HANGUP (end of TCP), DROP (reset)
 *   After the last line the client must close, and say nothing more.
 *   %b64[TEXT]b64% is TEXT in base64, with escapes.
 *
 * The end
 *   expect STEP STATUS [WORDS]           of a step, and words of its error
 *   expect-server CODE ENHANCED|-        of the error of the step that failed
 *   expect-code TEXT                     err.code
 *   expect mail N DELIVERY CODE ENHANCED|- [WORDS]
 *   expect rcpt N M DELIVERY CODE ENHANCED|- [WORDS]
 *   expect-trace WORDS, expect-no-trace WORDS
 */
#ifndef DIALOGUE_H
#define DIALOGUE_H

#include <stddef.h>

#define DIALOGUE_LINES_MAX 400
#define DIALOGUE_TEXT_MAX 4096
#define DIALOGUE_USER "somebody@a.example"
#define DIALOGUE_PASSWORD "correct horse battery"

/* One directive. */
struct dialogue_line {
    int number;
    char *word;
    char *rest;
};

struct dialogue {
    char *text;
    size_t count;
    struct dialogue_line lines[DIALOGUE_LINES_MAX];
};

#include "loopback.h"

#include <acsmtp/secret.h>
#include <ctype.h>

static inline void dialogue_read(struct dialogue *dialogue, const char *path)
{
    FILE *file = fopen(path, "re");
    size_t size;
    int number = 0;
    char *at;

    loopback_need(file != NULL, path);
    dialogue->text = calloc(1, 65536);
    loopback_need(dialogue->text != NULL, "memory");
    size = fread(dialogue->text, 1, 65535, file);
    loopback_need(size > 0 && size < 65535, path);
    (void)fclose(file);
    dialogue->count = 0;
    for (at = dialogue->text; at && *at;) {
        char *line = strsep(&at, "\n");
        struct dialogue_line *into = &dialogue->lines[dialogue->count];

        number++;
        if (!*line || *line == '#')
            continue;
        loopback_need(dialogue->count < DIALOGUE_LINES_MAX, path);
        into->number = number;
        into->word = strsep(&line, " ");
        into->rest = line ? line : into->word + strlen(into->word);
        dialogue->count++;
    }
}

/* Escapes become bytes; the number of bytes. */
static inline size_t dialogue_unescape(const char *text, size_t size, char *out)
{
    size_t used = 0;

    for (size_t i = 0; i < size; i++) {
        char hex[3] = {0};

        if (text[i] != '\\' || i + 1 >= size) {
            out[used++] = text[i];
            continue;
        }
        switch (text[++i]) {
        case 'r':
            out[used++] = '\r';
            break;
        case 'n':
            out[used++] = '\n';
            break;
        case 't':
            out[used++] = '\t';
            break;
        case '0':
            out[used++] = '\0';
            break;
        case 'x':
            loopback_need(i + 2 < size, text);
            memcpy(hex, text + i + 1, 2);
            out[used++] = (char)strtol(hex, NULL, 16);
            i += 2;
            break;
        default:
            out[used++] = text[i];
        }
    }
    out[used] = '\0';
    return used;
}

/* %b64[...]b64% becomes base64; the line gets its CRLF. */
static inline size_t dialogue_expand(const char *line, char *out)
{
    size_t used = 0;

    while (*line) {
        const char *end = strncmp(line, "%b64[", 5) == 0 ? strstr(line, "]b64%") : NULL;
        char bytes[DIALOGUE_TEXT_MAX];
        size_t size;

        if (!end) {
            out[used++] = *line++;
            continue;
        }
        size = dialogue_unescape(line + 5, (size_t)(end - line) - 5, bytes);
        used +=
            (size_t)EVP_EncodeBlock((unsigned char *)out + used, (unsigned char *)bytes, (int)size);
        line = end + 5;
    }
    memcpy(out + used, "\r\n", 3);
    return used + 2;
}

/* "%d" in a counted line becomes the count. */
static inline void dialogue_count_in(const char *line, int count, char *out, size_t capacity)
{
    const char *mark = strstr(line, "%d");

    if (mark)
        (void)snprintf(out, capacity, "%.*s%d%s", (int)(mark - line), line, count, mark + 2);
    else
        (void)snprintf(out, capacity, "%s", line);
}

/* The line that "fill" makes, 76 visible bytes and CRLF. */
static inline size_t dialogue_fill_line(int count, char *out)
{
    int size = snprintf(out, 32, "line %d ", count);

    memset(out + size, 'x', (size_t)(76 - size));
    memcpy(out + 76, "\r\n", 3);
    return 78;
}

#endif
