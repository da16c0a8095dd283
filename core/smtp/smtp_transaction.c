/* SPDX-License-Identifier: MIT */
/*
 * What replies mean. Every mail that was under way when a session ends gets the one answer that is
 * safe: deferred while the server cannot have taken it, unknown once the final dot went out.
 */
#include "smtp_transaction.h"

#include <stdio.h>
#include <string.h>

static struct acsmtp_reply result_of(const struct smtp_reply *reply, int delivery)
{
    struct acsmtp_reply result = {.size = sizeof result, .delivery = delivery, .code = reply->code};

    (void)snprintf(result.enhanced, sizeof result.enhanced, "%s", reply->enhanced);
    (void)snprintf(result.text, sizeof result.text, "%s", reply->text);
    return result;
}

static int delivery_of(const struct smtp_reply *reply)
{
    switch (reply->code / 100) {
    case 2:
        return ACSMTP_ACCEPTED;
    case 4:
        return ACSMTP_DEFERRED;
    default:
        return ACSMTP_REFUSED;
    }
}

/*
 * Old servers say 552 for "too many recipients", which is only to be tried again in another
 * transaction (RFC 5321 section 4.5.3.1.10); with another enhanced code it is a full mailbox.
 */
static int delivery_of_rcpt(const struct smtp_reply *reply)
{
    if (reply->code == 552 && (!reply->enhanced[0] || strcmp(reply->enhanced, "5.5.3") == 0))
        return ACSMTP_DEFERRED;
    return delivery_of(reply);
}

static int fail_unexpected(const struct smtp_reply *reply, const char *what,
                           struct acsmtp_error *err)
{
    char text[64];

    (void)snprintf(text, sizeof text, "unexpected reply to %s", what);
    return smtp_fail_reply(reply, ACSMTP_PROTOCOL, text, err);
}

/* ---- the end of a message ---- */

static int on_end(struct smtp_transaction *transaction, const struct smtp_reply *reply,
                  struct acsmtp_error *err)
{
    struct acsmtp_reply result = result_of(reply, delivery_of(reply));

    if (reply->code / 100 == 3)
        return fail_unexpected(reply, "the message", err);
    if (!transaction->ending_is_void)
        acsmtp_result_set_message(transaction->ending->result, &result);
    transaction->ending = NULL;
    return ACSMTP_OK;
}

/* ---- the envelope ---- */

static void refuse_mail(struct smtp_transaction *transaction, const struct smtp_reply *reply)
{
    struct acsmtp_reply result = result_of(reply, delivery_of(reply));

    acsmtp_result_set_message(transaction->offered->result, &result);
    transaction->is_refused = 1;
}

static void on_mail(struct smtp_transaction *transaction, const struct smtp_reply *reply)
{
    if (reply->code / 100 == 2)
        transaction->is_open = 1;
    else
        refuse_mail(transaction, reply);
}

static void on_rcpt(struct smtp_transaction *transaction, const struct smtp_reply *reply)
{
    struct acsmtp_reply result = result_of(reply, delivery_of_rcpt(reply));

    if (result.delivery == ACSMTP_ACCEPTED) {
        transaction->accepted++;
        return;
    }
    /* Behind a refused MAIL the server can only say "bad sequence". */
    if (transaction->is_refused)
        return;
    acsmtp_result_set_recipient(transaction->offered->result, transaction->recipient, &result);
    if (transaction->no_recipient.code == 0 || result.delivery == ACSMTP_DEFERRED)
        transaction->no_recipient = result;
}

static void on_data(struct smtp_transaction *transaction, const struct smtp_reply *reply)
{
    if (reply->code == 354)
        transaction->goes_ahead = 1;
    else if (!transaction->is_refused && transaction->accepted > 0)
        refuse_mail(transaction, reply);
}

static const char *name_of(enum smtp_expected expected)
{
    static const char *const names[] = {"RSET", "MAIL", "RCPT", "DATA"};

    return names[expected];
}

static int on_envelope(struct smtp_transaction *transaction, const struct smtp_reply *reply,
                       struct acsmtp_error *err)
{
    enum smtp_expected expected = transaction->expected;
    int is_in_range = expected == SMTP_EXPECT_RSET   ? reply->code / 100 == 2
                      : expected == SMTP_EXPECT_DATA ? reply->code == 354 || reply->code >= 400
                                                     : reply->code / 100 != 3;

    if (!is_in_range)
        return fail_unexpected(reply, name_of(expected), err);
    if (expected == SMTP_EXPECT_RSET) {
        transaction->expected = SMTP_EXPECT_MAIL;
    } else if (expected == SMTP_EXPECT_MAIL) {
        on_mail(transaction, reply);
        transaction->expected = SMTP_EXPECT_RCPT;
    } else if (expected == SMTP_EXPECT_RCPT) {
        on_rcpt(transaction, reply);
        transaction->recipient++;
    } else {
        on_data(transaction, reply);
    }
    if (transaction->expected == SMTP_EXPECT_RCPT &&
        transaction->recipient == transaction->offered->envelope->recipient_count)
        transaction->expected = SMTP_EXPECT_DATA;
    return ACSMTP_OK;
}

/* ---- both ---- */

/* 421 ends the session wherever it comes (RFC 5321 section 3.8), and the mail it answers with it.
 */
static int on_closing(struct smtp_transaction *transaction, const struct smtp_reply *reply,
                      struct acsmtp_error *err)
{
    struct acsmtp_reply result = result_of(reply, ACSMTP_DEFERRED);

    transaction->smtp->io.is_lost = 1;
    if (transaction->ending && !transaction->ending_is_void)
        acsmtp_result_set_message(transaction->ending->result, &result);
    else if (!transaction->ending && transaction->offered && !transaction->is_refused)
        acsmtp_result_set_message(transaction->offered->result, &result);
    /* Of a mail behind the ending one nothing was said. */
    transaction->ending = NULL;
    transaction->offered = NULL;
    return smtp_fail_reply(reply, ACSMTP_TEMPORARY, "the server closes the session", err);
}

static int act(struct smtp_transaction *transaction, const struct smtp_reply *reply,
               struct acsmtp_error *err)
{
    if (reply->code == 421)
        return on_closing(transaction, reply, err);
    if (transaction->ending)
        return on_end(transaction, reply, err);
    if (transaction->offered)
        return on_envelope(transaction, reply, err);
    return fail_unexpected(reply, "nothing", err);
}

void smtp_transaction_offer(struct smtp_transaction *transaction, const struct acsmtp_mail *mail)
{
    transaction->offered = mail;
    transaction->expected = transaction->smtp->needs_reset ? SMTP_EXPECT_RSET : SMTP_EXPECT_MAIL;
    transaction->recipient = 0;
    transaction->accepted = 0;
    transaction->is_open = 0;
    transaction->is_refused = 0;
    transaction->goes_ahead = 0;
    transaction->is_streaming = 0;
    transaction->no_recipient = (struct acsmtp_reply){.size = sizeof(struct acsmtp_reply)};
}

int smtp_transaction_read(struct smtp_transaction *transaction, struct acsmtp_error *err)
{
    struct acsmtp_smtp *smtp = transaction->smtp;
    struct smtp_reply reply;
    int status;

    smtp->io.timeout_ms = transaction->ending ? smtp->end_timeout_ms : smtp->reply_timeout_ms;
    status = smtp_io_reply(&smtp->io, &reply, err);
    smtp->io.timeout_ms = smtp->reply_timeout_ms;
    if (status != ACSMTP_OK)
        return status;
    transaction->outstanding--;
    return act(transaction, &reply, err);
}

/* ---- the end of a session ---- */

/* What the server said before it hung up: replies that are due, or a refusal in mid-message. */
static void hear_out(struct smtp_transaction *transaction, struct acsmtp_error *err)
{
    struct acsmtp_error ignored = ACSMTP_ERROR_INIT;
    struct smtp_reply reply;

    while (smtp_io_unasked(&transaction->smtp->io, &reply) > 0) {
        if (reply.code >= 400)
            acsmtp_error_server(err, reply.code, reply.enhanced, reply.text);
        if (transaction->outstanding > 0) {
            transaction->outstanding--;
            if (act(transaction, &reply, &ignored) != ACSMTP_OK)
                return;
        } else {
            if (transaction->is_streaming && transaction->offered && reply.code >= 400)
                refuse_mail(transaction, &reply);
            return;
        }
    }
}

static void settle(const struct acsmtp_mail *mail, int delivery, const char *what,
                   const struct acsmtp_error *err)
{
    struct acsmtp_reply result = {.size = sizeof result, .delivery = delivery};

    (void)snprintf(result.text, sizeof result.text, "%.100s: %.400s", what, err->message);
    acsmtp_result_set_message(mail->result, &result);
}

void smtp_transaction_abandon(struct smtp_transaction *transaction, struct acsmtp_error *err)
{
    struct smtp_io *io = &transaction->smtp->io;

    io->is_lost = 1;
    hear_out(transaction, err);
    if (transaction->ending) {
        int is_sent = smtp_io_was_sent(io, transaction->end_position);

        if (!transaction->ending_is_void)
            settle(transaction->ending, is_sent ? ACSMTP_UNKNOWN : ACSMTP_DEFERRED,
                   is_sent ? "the whole message was sent, but not answered"
                           : "the message was not sent completely",
                   err);
    } else if (transaction->offered && !transaction->is_refused) {
        settle(transaction->offered, ACSMTP_DEFERRED, "the message was not sent completely", err);
    }
    transaction->ending = NULL;
    transaction->offered = NULL;
}
