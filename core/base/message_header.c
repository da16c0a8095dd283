/* SPDX-License-Identifier: MIT */
/*
 * Header fields of a message: looked up and unfolded, or left out while the message is read. Both
 * find lines as message_scan.c does.
 */
#include "message_private.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static int is_line_end(char c)
{
    return c == '\r' || c == '\n';
}

/* ---- looking up ---- */

static const char *line_end(const char *at, const char *end)
{
    while (at < end && !is_line_end(*at))
        at++;
    return at;
}

static const char *next_line(const char *at, const char *end)
{
    at = line_end(at, end);
    if (at < end && *at == '\r')
        return at + 1 < end && at[1] == '\n' ? at + 2 : at + 1;
    return at < end ? at + 1 : at;
}

/* Where the value of a field of that name begins; NULL if this line is not one. */
static const char *value_of(const char *line, const char *end, const char *name)
{
    size_t size = strlen(name);

    if ((size_t)(end - line) <= size || strncasecmp(line, name, size) != 0)
        return NULL;
    for (line += size; line < end && is_blank(*line); line++)
        continue;
    return line < end && *line == ':' ? line + 1 : NULL;
}

/* Unfolding takes the line ends out and nothing else (RFC 5322 section 2.2.3). */
static char *unfold(const char *at, const char *end)
{
    char *value = malloc((size_t)(end - at) + 1), *out = value;

    if (!value)
        return NULL;
    for (; at < end; at++)
        if (!is_line_end(*at) && (out > value || !is_blank(*at)))
            *out++ = *at;
    while (out > value && is_blank(out[-1]))
        out--;
    *out = '\0';
    return value;
}

static char *find(const char *at, const char *end, const char *name, size_t index)
{
    while (at < end && !is_line_end(*at)) {
        const char *value = value_of(at, line_end(at, end), name);
        const char *next = next_line(at, end);

        while (next < end && is_blank(*next))
            next = next_line(next, end);
        if (value && index-- == 0)
            return unfold(value, next);
        at = next;
    }
    return NULL;
}

/* Up to the last line that begins a field: that one may be incomplete. */
static size_t whole_fields(const char *header, size_t size)
{
    size_t at = size > 0 ? size - 1 : 0;

    while (at > 0 &&
           (is_blank(header[at]) || is_line_end(header[at]) || !is_line_end(header[at - 1])))
        at--;
    return at;
}

/* The header, without a field that is cut at the limit. */
static char *read_header(struct acsmtp_message *message, size_t *size)
{
    int64_t wanted = message->scan.header_size;
    char *header;
    size_t got = 1;

    if (wanted > (int64_t)MESSAGE_HEADER_MAX)
        wanted = MESSAGE_HEADER_MAX;
    header = malloc((size_t)wanted + 1);
    for (*size = 0; header && *size < (size_t)wanted && got > 0; *size += got)
        if (source_read(&message->source, (int64_t)*size, header + *size, (size_t)wanted - *size,
                        &got, NULL) != ACSMTP_OK)
            got = 0;
    if (header && wanted < message->scan.header_size)
        *size = whole_fields(header, *size);
    return header;
}

char *acsmtp_message_header_dup(const struct acsmtp_message *message, const char *name,
                                size_t index)
{
    /* Looking opens the file for a moment; where reading stands does not change. */
    struct acsmtp_message *own = (struct acsmtp_message *)message;
    int was_open = own->source.fd >= 0;
    char *header, *value = NULL;
    size_t size;

    if (!name || !*name || source_open(&own->source, NULL) != ACSMTP_OK)
        return NULL;
    header = read_header(own, &size);
    if (header)
        value = find(header, header + size, name, index);
    free(header);
    if (!was_open)
        source_close(&own->source);
    return value;
}

/* ---- leaving out ---- */

enum filter_state { LINE_START, NAME, BLANKS, REST, BODY };

int filter_init(struct message_filter *filter, const char *name)
{
    *filter = (struct message_filter){.state = BODY};
    if (!name || !*name || strlen(name) >= sizeof filter->name)
        return -1;
    memcpy(filter->name, name, strlen(name) + 1);
    filter_restart(filter);
    return 0;
}

void filter_restart(struct message_filter *filter)
{
    filter->state = filter->name[0] ? LINE_START : BODY;
    filter->dropping = filter->after_cr = 0;
    filter->last = '\0';
    filter->held_size = 0;
}

int filter_in_body(const struct message_filter *filter)
{
    return filter->state == BODY;
}

size_t filter_end(struct message_filter *filter, char *out)
{
    size_t size = filter->held_size;

    memcpy(out, filter->held, size);
    filter->held_size = 0;
    return size;
}

/* With everything that was held before it. */
static size_t let_pass(struct message_filter *filter, char byte, char *out)
{
    size_t size = filter_end(filter, out);

    out[size] = byte;
    filter->last = byte;
    return size + 1;
}

static size_t hold(struct message_filter *filter, char byte)
{
    filter->held[filter->held_size++] = byte;
    return 0;
}

static size_t drop(struct message_filter *filter)
{
    filter->dropping = 1;
    filter->held_size = 0;
    filter->state = REST;
    return 0;
}

/* A byte of a line that has been the name so far. */
static size_t match(struct message_filter *filter, char byte, char *out)
{
    if (filter->state == NAME && filter->name[filter->held_size] &&
        strncasecmp(&byte, &filter->name[filter->held_size], 1) == 0)
        return hold(filter, byte);
    if (filter->state == NAME && !filter->name[filter->held_size])
        filter->state = BLANKS;
    /* More blanks than are ever written by accident hide something. */
    if (filter->state == BLANKS && (byte == ':' || filter->held_size == FILTER_HELD_MAX - 1))
        return drop(filter);
    if (filter->state == BLANKS && is_blank(byte))
        return hold(filter, byte);
    filter->state = is_line_end(byte) ? LINE_START : REST;
    return let_pass(filter, byte, out);
}

/* The first byte of a line decides what the line is; a continuation shares its field's fate. */
static size_t begin_line(struct message_filter *filter, char byte, char *out)
{
    if (is_line_end(byte)) {
        filter->state = BODY;
        /* "x<CR>", a field that is left out, "<LF>": together they would be one line end. */
        if (byte == '\n' && filter->last == '\r')
            (void)hold(filter, '\r');
        return let_pass(filter, byte, out);
    }
    if (is_blank(byte)) {
        filter->state = REST;
        return filter->dropping ? 0 : let_pass(filter, byte, out);
    }
    filter->state = NAME;
    filter->dropping = 0;
    return match(filter, byte, out);
}

size_t filter_step(struct message_filter *filter, char byte, char *out)
{
    int after_cr = filter->after_cr;

    if (filter->state == BODY)
        return let_pass(filter, byte, out);
    filter->after_cr = byte == '\r';
    if (byte == '\n' && after_cr) /* it belongs to the line before */
        return filter->dropping ? 0 : let_pass(filter, byte, out);
    if (filter->state == LINE_START)
        return begin_line(filter, byte, out);
    if (filter->state == NAME || filter->state == BLANKS)
        return match(filter, byte, out);
    if (is_line_end(byte))
        filter->state = LINE_START;
    return filter->dropping ? 0 : let_pass(filter, byte, out);
}
