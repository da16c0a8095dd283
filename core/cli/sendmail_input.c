/* SPDX-License-Identifier: MIT */
/* Reading what is piped in, line by line without holding more than one; see sendmail_input.h. */
#include "sendmail_input.h"
#include "exitcode.h"
#include "spool.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A line with its end, or a piece of one that is longer than the buffer. Borrowed from it. */
struct piece {
    const char *bytes;
    size_t size;
    int begins, ends; /* the line */
};

void sendmail_input_init(struct sendmail_input *input, int fd, int end_at_dot)
{
    input->fd = fd;
    input->end_at_dot = end_at_dot;
    input->header = NULL;
    input->header_size = input->at = input->size = 0;
    input->has_body = input->ended = input->line_begun = 0;
    input->total = 0;
}

void sendmail_input_release(struct sendmail_input *input)
{
    free(input->header);
    input->header = NULL;
}

/* ---- pieces ---- */

static int fill(struct sendmail_input *input, struct acsmtp_error *err)
{
    ssize_t got;

    if (input->at > 0) {
        memmove(input->buffer, input->buffer + input->at, input->size - input->at);
        input->size -= input->at;
        input->at = 0;
    }
    do
        got = read(input->fd, input->buffer + input->size, sizeof input->buffer - input->size);
    while (got < 0 && errno == EINTR);
    if (got < 0) {
        acsmtp_error_server(err, 0, EXITCODE_NO_INPUT, NULL);
        return acsmtp_fail_errno(err, errno, "cannot read the message from standard input");
    }
    input->ended = got == 0;
    input->size += (size_t)got;
    return ACSMTP_OK;
}

/* The line end in what is at hand; NULL when more must be read to know. In the header a CR of its
 * own ends a line, as it does for the library: nothing may hide behind one. */
static const char *line_end(const struct sendmail_input *input, int in_header)
{
    const char *from = input->buffer + input->at;
    size_t left = input->size - input->at;
    const char *lf = memchr(from, '\n', left);
    const char *cr = in_header ? memchr(from, '\r', lf ? (size_t)(lf - from) : left) : NULL;

    if (!cr || cr + 1 == lf)
        return lf;
    return cr + 1 < from + left || input->ended ? cr : NULL;
}

/* piece->size is 0 at the end. */
static int next_piece(struct sendmail_input *input, int in_header, struct piece *piece,
                      struct acsmtp_error *err)
{
    const char *end = line_end(input, in_header);

    *piece = (struct piece){0};
    while (!end && !input->ended && (input->at > 0 || input->size < sizeof input->buffer)) {
        int status = fill(input, err);

        if (status != ACSMTP_OK)
            return status;
        end = line_end(input, in_header);
    }
    piece->bytes = input->buffer + input->at;
    piece->size = end ? (size_t)(end - piece->bytes) + 1 : input->size - input->at;
    /* A full buffer whose last byte is a CR: whether that ends a line is seen with the next piece.
     */
    if (!end && in_header && piece->size > 1 && piece->bytes[piece->size - 1] == '\r')
        piece->size--;
    piece->begins = !input->line_begun;
    piece->ends = end != NULL;
    input->line_begun = !piece->ends;
    input->at += piece->size;
    input->total += (int64_t)piece->size;
    if (input->total > SENDMAIL_MESSAGE_MAX)
        return acsmtp_fail(err, ACSMTP_REJECTED, "the message has more than %d bytes",
                           SENDMAIL_MESSAGE_MAX);
    return ACSMTP_OK;
}

/* The piece's bytes without its line end. */
static size_t content_size(const struct piece *piece)
{
    size_t size = piece->size;

    if (piece->ends && piece->bytes[size - 1] == '\n')
        size--;
    if (piece->ends && size && piece->bytes[size - 1] == '\r')
        size--;
    return size;
}

static int is_last(const struct sendmail_input *input, const struct piece *piece)
{
    return piece->size == 0 || (input->end_at_dot && piece->begins && content_size(piece) == 1 &&
                                piece->bytes[0] == '.');
}

/* What follows is not looked at any more. */
static void finish(struct sendmail_input *input)
{
    input->at = input->size;
    input->ended = 1;
}

/* ---- the header ---- */

static int begins_with(const struct piece *piece, const char *text)
{
    size_t size = strlen(text);

    return piece->size >= size && memcmp(piece->bytes, text, size) == 0;
}

/* "Name:", obsolete blanks before the colon included (RFC 5322 section 4.5). */
static int is_field(const struct piece *piece)
{
    size_t at = 0;

    while (at < piece->size && piece->bytes[at] > 0x20 && piece->bytes[at] < 0x7f &&
           piece->bytes[at] != ':')
        at++;
    if (at == 0)
        return 0;
    while (at < piece->size && (piece->bytes[at] == ' ' || piece->bytes[at] == '\t'))
        at++;
    return at < piece->size && piece->bytes[at] == ':';
}

static int is_fold(const struct piece *piece)
{
    return piece->bytes[0] == ' ' || piece->bytes[0] == '\t';
}

static int keep(struct sendmail_input *input, const struct piece *piece, struct acsmtp_error *err)
{
    size_t size = content_size(piece);

    if (input->header_size + size + 2 > SENDMAIL_HEADER_MAX)
        return acsmtp_fail(err, ACSMTP_REJECTED, "the message's header has more than %d bytes",
                           SENDMAIL_HEADER_MAX);
    if (memchr(piece->bytes, '\0', size))
        return acsmtp_fail(err, ACSMTP_REJECTED, "the message holds a NUL byte");
    memcpy(input->header + input->header_size, piece->bytes, size);
    input->header_size += size;
    if (piece->ends)
        input->header[input->header_size++] = '\n';
    return ACSMTP_OK;
}

/* Give the piece back: it is the body's. */
static void put_back(struct sendmail_input *input, const struct piece *piece)
{
    input->at -= piece->size;
    input->total -= (int64_t)piece->size;
    input->line_begun = 0;
}

/* Whether the line that begins here ends the header. */
static int ends_header(struct sendmail_input *input, const struct piece *piece)
{
    if (is_last(input, piece)) {
        finish(input);
        return 1;
    }
    if (!piece->begins)
        return 0;
    if (piece->ends && content_size(piece) == 0) {
        input->has_body = 1;
        return 1;
    }
    if (is_field(piece) || (is_fold(piece) && input->header_size))
        return 0;
    put_back(input, piece);
    input->has_body = 1;
    return 1;
}

/* The line that mailboxes have before a message (mbox(5)) is not part of it. */
static int skip_mailbox_line(struct sendmail_input *input, struct piece *piece,
                             struct acsmtp_error *err)
{
    int status = next_piece(input, 1, piece, err);

    if (status != ACSMTP_OK || (!begins_with(piece, "From ") && !begins_with(piece, ">From ")))
        return status;
    while (status == ACSMTP_OK && piece->size && !piece->ends)
        status = next_piece(input, 1, piece, err);
    return status == ACSMTP_OK ? next_piece(input, 1, piece, err) : status;
}

int sendmail_input_header(struct sendmail_input *input, struct acsmtp_error *err)
{
    struct piece piece;
    int status;

    input->header = malloc(SENDMAIL_HEADER_MAX);
    if (!input->header)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    status = skip_mailbox_line(input, &piece, err);
    while (status == ACSMTP_OK && !ends_header(input, &piece)) {
        status = keep(input, &piece, err);
        if (status == ACSMTP_OK)
            status = next_piece(input, 1, &piece, err);
    }
    if (status == ACSMTP_OK && input->header_size && input->header[input->header_size - 1] != '\n')
        input->header[input->header_size++] = '\n';
    input->header[input->header_size] = '\0';
    return status;
}

/* ---- the body ---- */

int sendmail_input_body(struct sendmail_input *input, int to, struct acsmtp_error *err)
{
    struct piece piece;
    int status = next_piece(input, 0, &piece, err);

    while (status == ACSMTP_OK && !is_last(input, &piece)) {
        status = spool_write(to, piece.bytes, piece.size, err);
        if (status == ACSMTP_OK)
            status = next_piece(input, 0, &piece, err);
    }
    if (status == ACSMTP_OK)
        finish(input);
    return status;
}

void sendmail_input_drain(struct sendmail_input *input)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct piece piece = {.size = 1};
    int status = ACSMTP_OK;

    input->total = 0;
    while (status == ACSMTP_OK && !input->ended && !is_last(input, &piece))
        status = next_piece(input, 0, &piece, &err);
}
