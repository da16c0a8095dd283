/* SPDX-License-Identifier: MIT */
/*
 * The mails of a send are told before it, one by one. Their messages are read from the host as the
 * transport reads them, and what the server says about each is told at once, so that a plugin that
 * crashes loses little.
 */
#include "base/message_private.h"
#include "base/result_private.h"
#include "protocol.h"
#include "serve.h"
#include <stdlib.h>
#include <string.h>

/* ---- results ---- */

static void tell_reply(void *data, size_t index, const struct acsmtp_reply *reply)
{
    const struct served_mail *mail = data;
    struct wire_writer writer = serve_begin(mail->serve);

    wire_put_u32(&writer, mail->index);
    wire_put_u32(&writer, index == RESULT_MESSAGE ? RESULT_OF_MESSAGE : (uint32_t)index);
    wire_put_reply(&writer, reply);
    serve_tell(mail->serve, HOST_RESULT, &writer);
    serve_end(mail->serve);
}

void serve_watch_result(struct served_mail *mail)
{
    result_watch(mail->result, tell_reply, mail);
}

/* ---- messages ---- */

static int read_message(void *data, int64_t offset, void *buffer, size_t capacity, size_t *got,
                        struct acsmtp_error *err)
{
    struct served_mail *mail = data;
    struct wire_writer writer = serve_begin(mail->serve);
    struct wire_reader answer;
    const void *bytes = NULL;
    int status;

    *got = 0;
    if (capacity > ISOLATE_READ_MAX)
        capacity = ISOLATE_READ_MAX;
    wire_put_u32(&writer, mail->index);
    wire_put_i64(&writer, offset);
    wire_put_u32(&writer, (uint32_t)capacity);
    status = serve_ask(mail->serve, HOST_READ, &writer, &answer, err);
    if (status == ACSMTP_OK) {
        bytes = wire_get_bytes(&answer, got);
        status = wire_check(&answer, "piece of the message", err);
    }
    if (status == ACSMTP_OK && (*got > capacity || *got == 0))
        status = acsmtp_fail(err, ACSMTP_PROTOCOL, "the host gave no piece of the message");
    if (status == ACSMTP_OK)
        memcpy(buffer, bytes, *got);
    else
        *got = 0;
    serve_end(mail->serve);
    return status;
}

static int get_message(struct wire_reader *in, struct served_mail *mail, struct acsmtp_error *err)
{
    struct message_reader reader = {.read = read_message, .data = mail};
    struct message_summary summary = {0};
    int status;

    summary.source_size = wire_get_i64(in);
    summary.header_size = wire_get_i64(in);
    summary.scanned_size = wire_get_i64(in);
    summary.size = wire_get_i64(in);
    summary.flags = wire_get_u32(in);
    summary.header_flags = wire_get_u32(in);
    summary.omitted = wire_need_text(in, ISOLATE_TEXT_MAX);
    status = wire_check(in, "mail", err);
    return status == ACSMTP_OK ? message_from_reader(&summary, &reader, &mail->message, err)
                               : status;
}

/* ---- mails ---- */

static void release_mail(struct served_mail *mail)
{
    size_t i;

    for (i = 0; i < mail->told; i++)
        free(mail->recipients[i]);
    free(mail->recipients);
    acsmtp_message_free(mail->message);
    acsmtp_result_free(mail->result);
    acsmtp_secret_free(mail->texts);
}

void serve_drop_mails(struct serve *serve)
{
    while (serve->mail_count > 0)
        release_mail(&serve->mails[--serve->mail_count]);
    free(serve->mails);
    serve->mails = NULL;
}

/* The mails move when the array grows, and their messages know where they are. */
static struct served_mail *add_mail(struct serve *serve)
{
    size_t count = serve->mail_count, i;
    struct served_mail *mails = serve->mails;

    if ((count & (count - 1)) == 0) {
        mails = count < ISOLATE_MAILS_MAX
                    ? reallocarray(mails, count ? count * 2 : 1, sizeof *mails)
                    : NULL;
        if (!mails)
            return NULL;
        for (i = 0; i < count; i++)
            mails[i].message->source.reader.data = &mails[i];
        serve->mails = mails;
    }
    mails[count] = (struct served_mail){.serve = serve, .index = (uint32_t)count};
    return &mails[count];
}

static int fill_mail(struct call *call, struct served_mail *mail, struct acsmtp_error *err)
{
    mail->texts = acsmtp_secret_dup(call->serve->request, err);
    if (!mail->texts)
        return ACSMTP_SYSTEM;
    call->in = wire_read(mail->texts);
    wire_get_envelope(&call->in, &mail->envelope);
    mail->recipients = calloc(mail->envelope.recipient_count + 1, sizeof *mail->recipients);
    mail->result = acsmtp_result_new(mail->envelope.recipient_count, err);
    if (!mail->recipients || !mail->result)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    mail->envelope.recipients = (const char *const *)mail->recipients;
    return get_message(&call->in, mail, err);
}

int serve_mail(struct call *call, struct acsmtp_error *err)
{
    struct served_mail *mail = add_mail(call->serve);
    int status;

    if (!mail)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    status = fill_mail(call, mail, err);
    if (status == ACSMTP_OK)
        call->serve->mail_count++;
    else
        release_mail(mail);
    return status;
}

int serve_recipients(struct call *call, struct acsmtp_error *err)
{
    struct serve *serve = call->serve;
    struct served_mail *mail = serve->mail_count ? &serve->mails[serve->mail_count - 1] : NULL;
    uint32_t count = wire_get_count(&call->in, ISOLATE_MAILS_MAX), i;

    if (!mail || count > mail->envelope.recipient_count - mail->told)
        return acsmtp_fail(err, ACSMTP_PROTOCOL, "the host tells recipients of no mail");
    for (i = 0; i < count && !call->in.failed; i++) {
        char *address = strdup(wire_need_text(&call->in, ISOLATE_TEXT_MAX));

        if (!address)
            return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
        mail->recipients[mail->told++] = address;
    }
    return wire_check(&call->in, "list of recipients", err);
}
