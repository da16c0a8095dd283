/* SPDX-License-Identifier: MIT */
/*
 * A message whose bytes are in another process: that one has scanned it, this one asks for what it
 * needs.
 */
#include "message_private.h"
#include <errno.h>
#include <stdlib.h>

void message_summarize(const struct acsmtp_message *message, struct message_summary *summary)
{
    *summary = (struct message_summary){
        .source_size = message->source.size,
        .header_size = message->scan.header_size,
        .scanned_size = message->scan.size,
        .size = message->size,
        .flags = acsmtp_message_flags(message),
        .omitted = message->filter.name,
    };
    summary->header_flags = message->header_8bit ? ACSMTP_MESSAGE_8BIT : 0U;
    summary->header_flags |= message->header_long ? ACSMTP_MESSAGE_LONG_LINE : 0U;
}

int message_read_source(struct acsmtp_message *message, int64_t offset, void *buffer,
                        size_t capacity, size_t *got, struct acsmtp_error *err)
{
    int status = source_open(&message->source, err);

    *got = 0;
    return status == ACSMTP_OK ? source_read(&message->source, offset, buffer, capacity, got, err)
                               : status;
}

int message_from_reader(const struct message_summary *summary, const struct message_reader *reader,
                        struct acsmtp_message **message, struct acsmtp_error *err)
{
    struct acsmtp_message *made = calloc(1, sizeof *made);

    if (!made)
        return acsmtp_fail_errno(err, ENOMEM, "cannot keep the message");
    source_init(&made->source);
    made->source.reader = *reader;
    made->source.size = summary->source_size;
    made->scan.size = summary->scanned_size;
    made->scan.header_size = summary->header_size;
    made->scan.body_8bit = (summary->flags & ACSMTP_MESSAGE_8BIT) != 0;
    made->scan.body_long = (summary->flags & ACSMTP_MESSAGE_LONG_LINE) != 0;
    made->size = summary->size;
    made->header_8bit = (summary->header_flags & ACSMTP_MESSAGE_8BIT) != 0;
    made->header_long = (summary->header_flags & ACSMTP_MESSAGE_LONG_LINE) != 0;
    if (filter_init(&made->filter, summary->omitted[0] ? summary->omitted : NULL) != 0)
        (void)filter_init(&made->filter, NULL);
    *message = made;
    return ACSMTP_OK;
}
