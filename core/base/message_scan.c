/* SPDX-License-Identifier: MIT */
/*
 * One pass over a message: how large it is on the wire and what a server must support for it. A
 * line ends in CRLF, in LF, or in a CR of its own: a lone CR may not be sent (RFC 5321 section
 * 2.3.8), and who takes it for a line end must find the same lines as we do.
 */
#include "message_private.h"
#include <string.h>

enum first_line { NAME_EMPTY, NAME, NAME_BLANKS, FIELD, NO_FIELD };

void scan_init(struct message_scan *scan)
{
    *scan = (struct message_scan){.in_header = 1};
}

/* The first line must be "Name:" (RFC 5322 section 2.2; blanks before the colon are obsolete). */
static void first_line(struct message_scan *scan, unsigned char c)
{
    if (c == ':')
        scan->first_line = scan->first_line == NAME_EMPTY ? NO_FIELD : FIELD;
    else if (c == ' ' || c == '\t')
        scan->first_line = scan->first_line == NAME_EMPTY ? NO_FIELD : NAME_BLANKS;
    else if (c <= 0x20 || c >= 0x7f || scan->first_line == NAME_BLANKS)
        scan->first_line = NO_FIELD;
    else
        scan->first_line = NAME;
}

static void end_line(struct message_scan *scan)
{
    if (scan->line > MESSAGE_LINE_MAX)
        *(scan->in_header ? &scan->header_long : &scan->body_long) = 1;
    scan->size += scan->line + 2;
    if (scan->line == 0)
        scan->in_header = 0;
    scan->line = 0;
}

static void feed_byte(struct message_scan *scan, unsigned char c)
{
    int after_cr = scan->after_cr;

    scan->header_size += scan->in_header;
    scan->after_cr = c == '\r';
    if (scan->first_line < FIELD)
        first_line(scan, c);
    if (c == '\n' && after_cr)
        return;
    if (c == '\n' || c == '\r') {
        end_line(scan);
        return;
    }
    scan->line++;
    if (c == '\0')
        scan->nul = 1;
    else if (c >= 0x80)
        scan->header_8bit = 1; /* bytes of the body come as runs */
}

/* Bytes of the body up to the next line end, all at once. */
static size_t feed_run(struct message_scan *scan, const char *bytes, size_t size)
{
    const char *end = memchr(bytes, '\n', size);
    unsigned char bits = 0;

    if (end)
        size = (size_t)(end - bytes);
    end = memchr(bytes, '\r', size);
    if (end)
        size = (size_t)(end - bytes);
    if (size == 0)
        return 0;
    for (size_t i = 0; i < size; i++)
        bits |= (unsigned char)bytes[i];
    scan->body_8bit |= bits >= 0x80;
    scan->nul |= memchr(bytes, '\0', size) != NULL;
    scan->line += (int64_t)size;
    scan->after_cr = 0;
    return size;
}

void scan_feed(struct message_scan *scan, const char *bytes, size_t size)
{
    size_t at = 0;

    while (at < size) {
        if (!scan->in_header)
            at += feed_run(scan, bytes + at, size - at);
        if (at < size)
            feed_byte(scan, (unsigned char)bytes[at++]);
    }
}

void scan_finish(struct message_scan *scan)
{
    if (scan->line > 0)
        end_line(scan);
}

int scan_has_header(const struct message_scan *scan)
{
    return scan->first_line == FIELD;
}
