/* SPDX-License-Identifier: MIT */
/*
 * The operations of a transport in another process. A process that ends in the middle of a send
 * leaves some mails without a result: those whose message it had read to its end may have been
 * sent.
 */
#include "base/message_private.h"
#include "isolate_call.h"
#include "wire_value.h"
#include <stdlib.h>
#include <string.h>

#define RECIPIENTS_AT_ONCE 500

static int connect_there(void *instance, struct acsmtp_context *context, const char *username,
                         const struct acsmtp_credential *credential, struct acsmtp_error *err)
{
    struct isolate_call call = isolate_instance_call(instance, context);
    struct wire_writer writer;
    struct wire_reader result;
    int status = isolate_instance_revive(instance, err);

    if (status != ACSMTP_OK)
        return status;
    writer = isolate_call_begin(&call, 1);
    wire_put_text(&writer, username);
    wire_put_credential(&writer, credential);
    status = isolate_call_run(&call, CALL_CONNECT, &writer, &result, err);
    if (*call.child)
        acsmtp_secret_truncate((*call.child)->out, 0);
    return status;
}

/* ---- mails ---- */

static void put_message(struct wire_writer *writer, const struct acsmtp_message *message)
{
    struct message_summary summary;

    message_summarize(message, &summary);
    wire_put_i64(writer, summary.source_size);
    wire_put_i64(writer, summary.header_size);
    wire_put_i64(writer, summary.scanned_size);
    wire_put_i64(writer, summary.size);
    wire_put_u32(writer, summary.flags);
    wire_put_u32(writer, summary.header_flags);
    wire_put_text(writer, summary.omitted);
}

static int tell_recipients(struct isolate_call *call, const struct acsmtp_envelope *envelope,
                           struct acsmtp_error *err)
{
    size_t told = 0;
    int status = ACSMTP_OK;

    while (status == ACSMTP_OK && told < envelope->recipient_count) {
        struct wire_writer writer = isolate_call_begin(call, 0);
        size_t left = envelope->recipient_count - told, i;
        size_t count = left < RECIPIENTS_AT_ONCE ? left : RECIPIENTS_AT_ONCE;

        wire_put_u32(&writer, (uint32_t)count);
        for (i = 0; i < count; i++)
            wire_put_text(&writer, envelope->recipients[told + i]);
        status = isolate_call_tell(call, CALL_RECIPIENTS, &writer, err);
        told += count;
    }
    return status;
}

static int tell_mail(struct isolate_call *call, const struct acsmtp_mail *mail,
                     struct acsmtp_error *err)
{
    struct wire_writer writer = isolate_call_begin(call, 0);
    int status;

    wire_put_envelope(&writer, mail->envelope);
    put_message(&writer, mail->message);
    status = isolate_call_tell(call, CALL_MAIL, &writer, err);
    return status == ACSMTP_OK ? tell_recipients(call, mail->envelope, err) : status;
}

static void mark_unknown(const struct isolate_call *call)
{
    static const struct acsmtp_reply lost = {
        .size = sizeof lost,
        .delivery = ACSMTP_UNKNOWN,
        .text = "the transport's process ended before it told what became of the message",
    };
    size_t i;

    for (i = 0; i < call->mail_count; i++)
        if (call->read_whole[i] &&
            acsmtp_result_message(call->mails[i].result)->delivery == ACSMTP_NOT_TRIED)
            acsmtp_result_set_message(call->mails[i].result, &lost);
}

static int send_there(struct isolate_call *call, struct acsmtp_error *err)
{
    struct wire_writer writer;
    struct wire_reader result;
    int status = ACSMTP_OK;
    size_t i;

    for (i = 0; status == ACSMTP_OK && i < call->mail_count; i++)
        status = tell_mail(call, &call->mails[i], err);
    if (status != ACSMTP_OK)
        return status;
    writer = isolate_call_begin(call, 1);
    status = isolate_call_run(call, CALL_SEND, &writer, &result, err);
    for (i = 0; i < call->mail_count; i++)
        acsmtp_message_close(call->mails[i].message);
    if (!*call->child)
        mark_unknown(call);
    return status;
}

static int send_mails(void *data, struct acsmtp_context *context, const struct acsmtp_mail *mails,
                      size_t count, struct acsmtp_error *err)
{
    struct isolate_instance *instance = data;
    struct isolate_call call = isolate_instance_call(instance, context);
    int status;

    if (!instance->child)
        return acsmtp_fail(err, ACSMTP_TEMPORARY, "the connection was lost with its process");
    if (count > ISOLATE_MAILS_MAX)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "more than %d mails at once", ISOLATE_MAILS_MAX);
    call.mails = mails;
    call.mail_count = count;
    call.read_whole = calloc(count + 1, 1);
    if (!call.read_whole)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    status = send_there(&call, err);
    free(call.read_whole);
    return status;
}

/* ---- the others ---- */

static void disconnect(void *data, struct acsmtp_context *context)
{
    struct isolate_instance *instance = data;
    struct isolate_call call = isolate_instance_call(instance, context);
    struct wire_writer writer;
    struct wire_reader result;

    if (!instance->child || !isolate_child_alive(instance->child))
        return;
    writer = isolate_call_begin(&call, 1);
    (void)isolate_call_run(&call, CALL_DISCONNECT, &writer, &result, NULL);
}

static int diagnose(void *instance, struct acsmtp_context *context,
                    const struct acsmtp_finding_sink *sink, struct acsmtp_error *err)
{
    struct isolate_call call = isolate_instance_call(instance, context);
    struct wire_writer writer;
    struct wire_reader result;
    int status = isolate_instance_revive(instance, err);

    if (status != ACSMTP_OK)
        return status;
    call.sink = sink;
    writer = isolate_call_begin(&call, 1);
    return isolate_call_run(&call, CALL_DIAGNOSE, &writer, &result, err);
}

void isolate_transport_ops(uint32_t has, uint32_t accepts, struct acsmtp_transport_ops *ops)
{
    *ops = (struct acsmtp_transport_ops){
        .size = sizeof *ops,
        .accepts = accepts,
        .open = isolate_instance_open,
        .connect = connect_there,
        .send = send_mails,
        .disconnect = disconnect,
        .close = isolate_instance_close,
        .diagnose = has & HAS_DIAGNOSE ? diagnose : NULL,
    };
}
