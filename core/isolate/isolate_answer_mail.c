/* SPDX-License-Identifier: MIT */
/*
 * Messages that an isolated transport reads, what it says about them, and what a composer writes.
 */
#include "base/message_private.h"
#include "isolate_answer.h"
#include "wire_value.h"
#include <stdlib.h>

int isolate_take_result(struct isolate_call *call, struct wire_reader *in, struct wire_writer *out,
                        struct acsmtp_error *err)
{
    uint32_t mail = wire_get_u32(in), recipient = wire_get_u32(in);
    struct acsmtp_reply reply;
    int status;

    (void)out;
    wire_get_reply(in, &reply);
    status = wire_check(in, "result", err);
    if (status == ACSMTP_OK && mail >= call->mail_count)
        return isolate_impossible("a mail", err);
    if (status != ACSMTP_OK)
        return status;
    if (recipient == RESULT_OF_MESSAGE)
        acsmtp_result_set_message(call->mails[mail].result, &reply);
    else
        acsmtp_result_set_recipient(call->mails[mail].result, recipient, &reply);
    return ACSMTP_OK;
}

int isolate_answer_read(struct isolate_call *call, struct wire_reader *in, struct wire_writer *out,
                        struct acsmtp_error *err)
{
    uint32_t mail = wire_get_u32(in);
    int64_t offset = wire_get_i64(in);
    uint32_t capacity = wire_get_count(in, ISOLATE_READ_MAX);
    struct acsmtp_message *message;
    size_t got = 0;
    char *bytes;
    int status;

    if (!wire_done(in) || mail >= call->mail_count || offset < 0)
        return isolate_impossible("a message", err);
    message = call->mails[mail].message;
    bytes = malloc(capacity + 1U);
    if (!bytes)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    status = message_read_source(message, offset, bytes, capacity, &got, err);
    if (status == ACSMTP_OK)
        wire_put_bytes(out, bytes, got);
    if (offset + (int64_t)got >= message->source.size)
        call->read_whole[mail] = 1;
    free(bytes);
    return status;
}

int isolate_answer_write(struct isolate_call *call, struct wire_reader *in, struct wire_writer *out,
                         struct acsmtp_error *err)
{
    size_t size;
    const void *bytes = wire_get_bytes(in, &size);

    (void)out;
    if (!wire_done(in) || !call->write)
        return isolate_impossible("a place to write to", err);
    return call->write(call->write_data, bytes, size, err);
}
