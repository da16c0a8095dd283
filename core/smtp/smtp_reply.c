/* SPDX-License-Identifier: MIT */
/*
 * Multi-line replies: "ddd-text" lines ended by one "ddd text" line, all with the same code. Line
 * ends of LF alone are taken, for some servers send them; anything else that is not in the grammar
 * is no reply.
 */
#include "smtp_reply.h"

#include <string.h>

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The three digits of a reply code, 0 when there are none. */
static int parse_code(const char *line, size_t size)
{
    if (size < 3 || line[0] < '2' || line[0] > '5' || !is_digit(line[1]) || !is_digit(line[2]))
        return 0;
    return (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
}

/* Up to three digits at `at`, the position after them, 0 when there are none or too many. */
static size_t skip_number(const char *text, size_t size, size_t at)
{
    size_t end = at;

    while (end < size && is_digit(text[end]))
        end++;
    return end > at && end - at <= 3 ? end : 0;
}

/* Bytes of an enhanced status code "5.7.3" at the start of `text`, 0 if there is none. */
static size_t enhanced_size(const char *text, size_t size)
{
    size_t at;

    if (size < 5 || !strchr("245", text[0]) || text[0] == '\0' || text[1] != '.')
        return 0;
    at = skip_number(text, size, 2);
    if (at == 0 || at >= size || text[at] != '.')
        return 0;
    at = skip_number(text, size, at + 1);
    if (at == 0 || (at < size && text[at] != ' '))
        return 0;
    return at;
}

static void append_text(struct smtp_reply *reply, const char *text, size_t size)
{
    size_t used = strlen(reply->text);

    if (used > 0 && size > 0 && used + 1 < sizeof reply->text)
        reply->text[used++] = ' ';
    for (size_t i = 0; i < size && used + 1 < sizeof reply->text; i++) {
        unsigned char c = (unsigned char)text[i];

        reply->text[used++] = (char)(c < 0x20 || c == 0x7f ? ' ' : c);
    }
    reply->text[used] = '\0';
}

static void take_line(struct smtp_reply *reply, const char *text, size_t size)
{
    size_t code = enhanced_size(text, size);

    reply->last = text;
    reply->last_size = size;
    if (code > 0 && !reply->enhanced[0]) {
        memcpy(reply->enhanced, text, code);
        reply->enhanced[code] = '\0';
    }
    while (code > 0 && code < size && text[code] == ' ')
        code++;
    append_text(reply, text + code, size - code);
}

/* One line without its end: 1 when it is the last, 0 when more follow, -1 when it is wrong. */
static int parse_line(struct smtp_reply *reply, const char *line, size_t size)
{
    int code = parse_code(line, size);

    if (code == 0 || (reply->code != 0 && code != reply->code))
        return -1;
    if (size > 3 && line[3] != ' ' && line[3] != '-')
        return -1;
    reply->code = code;
    take_line(reply, line + (size > 3 ? 4 : 3), size > 3 ? size - 4 : 0);
    return size == 3 || line[3] == ' ';
}

ssize_t smtp_reply_parse(const char *bytes, size_t size, struct smtp_reply *reply)
{
    size_t at = 0;

    reply->code = 0;
    reply->enhanced[0] = reply->text[0] = '\0';
    reply->bytes = bytes;
    reply->size = 0;
    reply->last = NULL;
    reply->last_size = 0;
    while (at < size) {
        const char *line = bytes + at;
        const char *end = memchr(line, '\n', size - at);
        size_t line_size;
        int is_last;

        if (!end)
            return 0;
        line_size = (size_t)(end - line);
        at += line_size + 1;
        if (line_size > 0 && line[line_size - 1] == '\r')
            line_size--;
        is_last = parse_line(reply, line, line_size);
        if (is_last < 0)
            return -1;
        if (is_last) {
            reply->size = at;
            return (ssize_t)at;
        }
    }
    return 0;
}
