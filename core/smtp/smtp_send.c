/* SPDX-License-Identifier: MIT */
/*
 * Sending mails. With PIPELINING (RFC 2920) MAIL, RCPT and DATA go out as one group, and together
 * with the end of the message before them, so that each further mail costs one round trip. Without
 * it the same code runs with a limit of one unanswered command.
 */
#include "smtp_transaction.h"

#include "smtp_data.h"
#include "smtp_envelope.h"

#include <stdio.h>

/*
 * Unanswered commands at most. Far below what fills the socket buffers of both sides; replies are
 * read while commands wait to be taken all the same.
 */
#define PIPELINE_MAX 100U
#define CHUNK_MAX 16384U

static size_t limit_of(const struct acsmtp_smtp *smtp)
{
    return smtp->capabilities.extensions & SMTP_PIPELINING ? PIPELINE_MAX : 1;
}

static int read_until(struct smtp_transaction *transaction, size_t outstanding,
                      struct acsmtp_error *err)
{
    int status = ACSMTP_OK;

    while (status == ACSMTP_OK && transaction->outstanding > outstanding)
        status = smtp_transaction_read(transaction, err);
    return status;
}

/* Before a command is written, for it may not be worth writing after that. */
static int make_room(struct smtp_transaction *transaction, struct acsmtp_error *err)
{
    return read_until(transaction, limit_of(transaction->smtp) - 1, err);
}

static int command(struct smtp_transaction *transaction, const char *line, size_t size,
                   struct acsmtp_error *err)
{
    transaction->outstanding++;
    return smtp_io_command(&transaction->smtp->io, line, size, err);
}

/* ---- the envelope ---- */

static int write_reset(struct smtp_transaction *transaction, struct acsmtp_error *err)
{
    int status = make_room(transaction, err);

    if (status != ACSMTP_OK || !transaction->smtp->needs_reset)
        return status;
    transaction->smtp->needs_reset = 0;
    status = command(transaction, "RSET\r\n", 6, err);
    return status == ACSMTP_OK ? make_room(transaction, err) : status;
}

static int write_recipients(struct smtp_transaction *transaction, struct acsmtp_error *err)
{
    const struct acsmtp_mail *mail = transaction->offered;
    struct smtp_line line;

    for (size_t i = 0; i < mail->envelope->recipient_count; i++) {
        int status = make_room(transaction, err);

        if (status != ACSMTP_OK || transaction->is_refused)
            return status;
        smtp_envelope_rcpt(&transaction->smtp->capabilities, mail, i, &line);
        status = command(transaction, line.bytes, line.size, err);
        if (status != ACSMTP_OK)
            return status;
    }
    return make_room(transaction, err);
}

static int write_envelope(struct smtp_transaction *transaction, struct acsmtp_error *err)
{
    struct smtp_line line;
    int status = write_reset(transaction, err);

    if (status != ACSMTP_OK)
        return status;
    smtp_envelope_mail(&transaction->smtp->capabilities, transaction->offered, &line);
    status = command(transaction, line.bytes, line.size, err);
    if (status == ACSMTP_OK)
        status = write_recipients(transaction, err);
    if (status != ACSMTP_OK || transaction->is_refused)
        return status;
    /* All answers are here and none is a yes: no DATA. */
    if (transaction->outstanding == 0 && transaction->accepted == 0)
        return ACSMTP_OK;
    return command(transaction, "DATA\r\n", 6, err);
}

/* Write the envelope, read what is due, note what remains of the transaction. */
static int offer(struct smtp_transaction *transaction, const struct acsmtp_mail *mail,
                 struct acsmtp_error *err)
{
    int status;

    smtp_transaction_offer(transaction, mail);
    status = write_envelope(transaction, err);
    if (status == ACSMTP_OK)
        status = read_until(transaction, 0, err);
    if (status != ACSMTP_OK)
        return status;
    if (!transaction->is_refused && transaction->accepted == 0)
        acsmtp_result_set_message(mail->result, &transaction->no_recipient);
    transaction->smtp->needs_reset = transaction->is_open && !transaction->goes_ahead;
    return ACSMTP_OK;
}

/* ---- the text ---- */

static int write_chunk(struct smtp_io *io, struct smtp_data *data, const char *chunk, size_t size,
                       struct acsmtp_error *err)
{
    while (size > 0) {
        size_t taken, written, room;
        char *out;
        int status = smtp_io_room(io, SMTP_DATA_ROOM_MIN, &out, &room, err);

        if (status != ACSMTP_OK)
            return status;
        smtp_data_add(data, chunk, size, &taken, out, room, &written);
        smtp_io_commit(io, written);
        chunk += taken;
        size -= taken;
    }
    return ACSMTP_OK;
}

static int write_text(struct smtp_transaction *transaction, struct smtp_data *data,
                      struct acsmtp_error *err)
{
    struct acsmtp_message *message = transaction->offered->message;
    char chunk[CHUNK_MAX];

    for (;;) {
        size_t got = 0;
        int status = acsmtp_message_read(message, chunk, sizeof chunk, &got, err);

        if (status != ACSMTP_OK || got == 0)
            return status;
        status = write_chunk(&transaction->smtp->io, data, chunk, got, err);
        if (status != ACSMTP_OK)
            return status;
    }
}

/* A message that cannot be read to its end must not be ended: the connection is dropped. */
static int write_message(struct smtp_transaction *transaction, struct smtp_data *data,
                         struct acsmtp_error *err)
{
    const struct acsmtp_mail *mail = transaction->offered;
    char end[SMTP_DATA_END_MAX];
    int status = ACSMTP_OK;
    size_t size;

    transaction->ending_is_void = transaction->accepted == 0 || transaction->is_refused;
    if (!transaction->ending_is_void)
        status = write_text(transaction, data, err);
    if (status != ACSMTP_OK)
        return status;
    size = smtp_data_end(data, end);
    if (!transaction->ending_is_void && data->size != acsmtp_message_size(mail->message))
        return acsmtp_fail(err, ACSMTP_SYSTEM, "the message changed while it was sent");
    return smtp_io_write(&transaction->smtp->io, end, size, err);
}

static int send_text(struct smtp_transaction *transaction, struct acsmtp_error *err)
{
    struct smtp_data data = {0};
    struct smtp_io *io = &transaction->smtp->io;
    int status;

    transaction->is_streaming = 1;
    status = write_message(transaction, &data, err);
    if (status != ACSMTP_OK)
        return status;
    acsmtp_log(io->context, ACSMTP_LOG_TRACE, "smtp > <message, %lld bytes>", (long long)data.size);
    transaction->ending = transaction->offered;
    transaction->end_position = io->queued;
    transaction->offered = NULL;
    transaction->outstanding++;
    return ACSMTP_OK;
}

/* ---- mails ---- */

/*
 * What this server can never take is not offered, and neither is what cannot be opened: finding
 * that out after DATA would cost the connection.
 */
static int is_offerable(const struct acsmtp_smtp *smtp, const struct acsmtp_mail *mail)
{
    struct acsmtp_error reason = ACSMTP_ERROR_INIT;
    struct acsmtp_reply reply = {.size = sizeof reply};
    int status = smtp_envelope_check(&smtp->capabilities, mail, &reply);

    if (status == ACSMTP_OK && acsmtp_message_rewind(mail->message, &reason) != ACSMTP_OK) {
        status = reason.status;
        reply.delivery = status == ACSMTP_REJECTED ? ACSMTP_REFUSED : ACSMTP_DEFERRED;
        (void)snprintf(reply.text, sizeof reply.text, "%.500s", reason.message);
    }
    if (status != ACSMTP_OK)
        acsmtp_result_set_message(mail->result, &reply);
    else if (acsmtp_message_flags(mail->message) & ACSMTP_MESSAGE_LONG_LINE)
        acsmtp_log(smtp->io.context, ACSMTP_LOG_WARNING,
                   "the message has a line of more than 998 bytes; servers may break or refuse it");
    return status == ACSMTP_OK;
}

static int send_mail(struct smtp_transaction *transaction, const struct acsmtp_mail *mail,
                     struct acsmtp_error *err)
{
    int status;

    if (!is_offerable(transaction->smtp, mail))
        return ACSMTP_OK;
    status = offer(transaction, mail, err);
    if (status == ACSMTP_OK && transaction->goes_ahead)
        status = send_text(transaction, err);
    acsmtp_message_close(mail->message);
    if (status == ACSMTP_OK)
        transaction->offered = NULL;
    return status;
}

static int send_all(struct smtp_transaction *transaction, const struct acsmtp_mail *mails,
                    size_t count, struct acsmtp_error *err)
{
    int status = ACSMTP_OK;

    for (size_t i = 0; status == ACSMTP_OK && i < count; i++)
        status = send_mail(transaction, &mails[i], err);
    return status == ACSMTP_OK ? read_until(transaction, 0, err) : status;
}

/* A session that idled may have been closed by the server; then nothing was tried. */
static int check_alive(struct acsmtp_smtp *smtp, struct acsmtp_error *err)
{
    struct smtp_reply reply;
    int said = smtp->io.is_lost ? -1 : smtp_io_unasked(&smtp->io, &reply);

    if (said == 0)
        return ACSMTP_OK;
    smtp->io.is_lost = 1;
    if (said > 0)
        return smtp_fail_reply(&reply, reply.code == 421 ? ACSMTP_TEMPORARY : ACSMTP_PROTOCOL,
                               "the server spoke without being asked", err);
    acsmtp_error_server(err, 0, "lost", NULL);
    return acsmtp_fail(err, ACSMTP_TEMPORARY, "the session with %s is over", smtp->peer);
}

int acsmtp_smtp_send(struct acsmtp_smtp *smtp, struct acsmtp_context *context,
                     const struct acsmtp_mail *mails, size_t count, struct acsmtp_error *err)
{
    struct smtp_transaction transaction = {.smtp = smtp};
    struct acsmtp_error reason = ACSMTP_ERROR_INIT;
    int status;

    smtp_begin(smtp, context);
    status = check_alive(smtp, err);
    if (status != ACSMTP_OK)
        return status;
    status = send_all(&transaction, mails, count, &reason);
    if (status == ACSMTP_OK)
        return ACSMTP_OK;
    smtp_transaction_abandon(&transaction, &reason);
    acsmtp_error_server(err, reason.server_code, reason.code, reason.server_text);
    return acsmtp_fail(err, status, "%s: %s", smtp->peer, reason.message);
}
