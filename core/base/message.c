/* SPDX-License-Identifier: MIT */
/*
 * struct acsmtp_message: a finished message that is read as a stream, as often as needed.
 */
#include "message_private.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int scan_all(struct acsmtp_message *message, struct acsmtp_error *err)
{
    char chunk[MESSAGE_CHUNK];
    int64_t offset = 0;
    size_t got;
    int status;

    scan_init(&message->scan);
    do {
        status = source_read(&message->source, offset, chunk, sizeof chunk, &got, err);
        if (status != ACSMTP_OK)
            return status;
        scan_feed(&message->scan, chunk, got);
        offset += (int64_t)got;
    } while (got > 0);
    scan_finish(&message->scan);
    message->size = message->scan.size;
    message->header_8bit = message->scan.header_8bit;
    message->header_long = message->scan.header_long;
    return ACSMTP_OK;
}

static int check(const struct acsmtp_message *message, struct acsmtp_error *err)
{
    if (message->source.size == 0)
        return acsmtp_fail(err, ACSMTP_REJECTED, "the message is empty");
    if (message->scan.nul)
        return acsmtp_fail(err, ACSMTP_REJECTED, "the message holds a NUL byte");
    if (!scan_has_header(&message->scan))
        return acsmtp_fail(err, ACSMTP_REJECTED,
                           "the message does not begin with a header field (RFC 5322)");
    return ACSMTP_OK;
}

static struct acsmtp_message *message_new(struct acsmtp_error *err)
{
    struct acsmtp_message *message = calloc(1, sizeof *message);

    if (!message) {
        (void)acsmtp_fail_errno(err, ENOMEM, "cannot keep the message");
        return NULL;
    }
    source_init(&message->source);
    (void)filter_init(&message->filter, NULL);
    return message;
}

/* `status` is what came of opening the source. */
static int finish(struct acsmtp_message *made, int status, struct acsmtp_message **message,
                  struct acsmtp_error *err)
{
    if (status == ACSMTP_OK)
        status = scan_all(made, err);
    if (status == ACSMTP_OK)
        status = check(made, err);
    if (status != ACSMTP_OK) {
        if (made->source.path && status == ACSMTP_REJECTED)
            acsmtp_error_prefix(err, "%s", made->source.path);
        acsmtp_message_free(made);
        return status;
    }
    source_close(&made->source);
    *message = made;
    return ACSMTP_OK;
}

int acsmtp_message_from_path(const char *path, struct acsmtp_message **message,
                             struct acsmtp_error *err)
{
    struct acsmtp_message *made = message_new(err);

    if (!made)
        return ACSMTP_SYSTEM;
    return finish(made, source_from_path(&made->source, path, err), message, err);
}

int acsmtp_message_from_fd(int fd, struct acsmtp_message **message, struct acsmtp_error *err)
{
    struct acsmtp_message *made = message_new(err);

    if (!made)
        return ACSMTP_SYSTEM;
    return finish(made, source_from_fd(&made->source, fd, err), message, err);
}

int acsmtp_message_from_memory(const void *bytes, size_t size, struct acsmtp_message **message,
                               struct acsmtp_error *err)
{
    struct acsmtp_message *made = message_new(err);

    if (!made)
        return ACSMTP_SYSTEM;
    return finish(made, source_from_memory(&made->source, bytes, size, err), message, err);
}

void acsmtp_message_free(struct acsmtp_message *message)
{
    if (!message)
        return;
    source_release(&message->source);
    free(message);
}

int64_t acsmtp_message_size(const struct acsmtp_message *message)
{
    return message->size;
}

unsigned acsmtp_message_flags(const struct acsmtp_message *message)
{
    unsigned flags = 0;

    if (message->header_8bit || message->scan.body_8bit)
        flags |= ACSMTP_MESSAGE_8BIT;
    if (message->header_8bit)
        flags |= ACSMTP_MESSAGE_UTF8_HEADER;
    if (message->header_long || message->scan.body_long)
        flags |= ACSMTP_MESSAGE_LONG_LINE;
    return flags;
}

static void feed_filtered(struct message_filter *filter, struct message_scan *scan,
                          const char *bytes, size_t size)
{
    char out[FILTER_HELD_MAX];

    for (size_t i = 0; i < size; i++)
        scan_feed(scan, out, filter_step(filter, bytes[i], out));
}

/* What the header counts with the field and without it. */
static void measure(struct acsmtp_message *message)
{
    struct message_scan whole, kept;
    char chunk[MESSAGE_CHUNK], rest[FILTER_HELD_MAX];
    int64_t offset = 0, end = message->scan.header_size;
    size_t got = 1;

    scan_init(&whole);
    scan_init(&kept);
    while (offset < end && got > 0) {
        size_t wanted = end - offset < MESSAGE_CHUNK ? (size_t)(end - offset) : MESSAGE_CHUNK;

        if (source_read(&message->source, offset, chunk, wanted, &got, NULL) != ACSMTP_OK)
            return;
        scan_feed(&whole, chunk, got);
        feed_filtered(&message->filter, &kept, chunk, got);
        offset += (int64_t)got;
    }
    scan_feed(&kept, rest, filter_end(&message->filter, rest));
    scan_finish(&whole);
    scan_finish(&kept);
    message->size = message->scan.size - whole.size + kept.size;
    message->header_8bit = kept.header_8bit;
    message->header_long = kept.header_long;
}

void acsmtp_message_omit_header(struct acsmtp_message *message, const char *name)
{
    int was_open = message->source.fd >= 0;

    if (filter_init(&message->filter, name) != 0)
        return;
    if (source_open(&message->source, NULL) == ACSMTP_OK)
        measure(message);
    if (!was_open)
        source_close(&message->source);
    filter_restart(&message->filter);
}

int acsmtp_message_rewind(struct acsmtp_message *message, struct acsmtp_error *err)
{
    filter_restart(&message->filter);
    message->offset = 0;
    message->pending_at = message->pending_size = 0;
    message->ended = 0;
    return source_open(&message->source, err);
}

/* Moves what left the filter into the reader's buffer. */
static void deliver(struct acsmtp_message *message, char *buffer, size_t capacity, size_t *got)
{
    size_t count = message->pending_size - message->pending_at;

    if (count > capacity - *got)
        count = capacity - *got;
    memcpy(buffer + *got, message->pending + message->pending_at, count);
    message->pending_at += count;
    *got += count;
}

static int is_pending(const struct acsmtp_message *message)
{
    return message->pending_at < message->pending_size;
}

static int read_filtered(struct acsmtp_message *message, char *buffer, size_t capacity, size_t *got,
                         struct acsmtp_error *err)
{
    char chunk[1024];
    size_t size, at = 0;
    int status = source_read(&message->source, message->offset, chunk, sizeof chunk, &size, err);

    if (status != ACSMTP_OK)
        return status;
    message->pending_at = message->pending_size = 0;
    if (size == 0) {
        message->pending_size = filter_end(&message->filter, message->pending);
        message->ended = 1;
        deliver(message, buffer, capacity, got);
        return ACSMTP_OK;
    }
    while (at < size && !is_pending(message) && !filter_in_body(&message->filter)) {
        message->pending_size = filter_step(&message->filter, chunk[at++], message->pending);
        message->pending_at = 0;
        deliver(message, buffer, capacity, got);
    }
    message->offset += (int64_t)at;
    return ACSMTP_OK;
}

static int read_body(struct acsmtp_message *message, char *buffer, size_t capacity, size_t *got,
                     struct acsmtp_error *err)
{
    int status = source_read(&message->source, message->offset, buffer, capacity, got, err);

    message->offset += (int64_t)*got;
    message->ended = status == ACSMTP_OK && *got == 0;
    return status;
}

static int read_more(struct acsmtp_message *message, char *buffer, size_t capacity, size_t *got,
                     struct acsmtp_error *err)
{
    int status = ACSMTP_OK;

    deliver(message, buffer, capacity, got);
    while (status == ACSMTP_OK && *got < capacity && !message->ended &&
           !filter_in_body(&message->filter))
        status = read_filtered(message, buffer, capacity, got, err);
    if (status == ACSMTP_OK && *got == 0 && capacity > 0 && !message->ended)
        status = read_body(message, buffer, capacity, got, err);
    return status;
}

int acsmtp_message_read(struct acsmtp_message *message, void *buffer, size_t capacity, size_t *got,
                        struct acsmtp_error *err)
{
    int status = message->ended ? ACSMTP_OK : source_open(&message->source, err);

    *got = 0;
    if (status == ACSMTP_OK)
        status = read_more(message, buffer, capacity, got, err);
    if (message->ended && *got == 0)
        source_close(&message->source);
    return status;
}

void acsmtp_message_close(struct acsmtp_message *message)
{
    if (message)
        source_close(&message->source);
}
