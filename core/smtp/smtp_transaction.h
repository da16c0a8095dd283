/* SPDX-License-Identifier: MIT */
/*
 * The mails that are under way in a session: which reply comes next, and what it means for whose
 * result. With pipelining two mails overlap: the end of one and the envelope of the next.
 */
#ifndef SMTP_TRANSACTION_H
#define SMTP_TRANSACTION_H

#include "smtp_private.h"

#include <acsmtp/message.h>

enum smtp_expected { SMTP_EXPECT_RSET, SMTP_EXPECT_MAIL, SMTP_EXPECT_RCPT, SMTP_EXPECT_DATA };

struct smtp_transaction {
    struct acsmtp_smtp *smtp;
    size_t outstanding; /* commands without a reply */

    const struct acsmtp_mail *ending; /* its final dot is written and not answered; or NULL */
    uint64_t end_position;            /* of that dot in the output */
    int ending_is_void; /* an empty message, sent because all recipients were refused */

    const struct acsmtp_mail
        *offered;                /* its envelope is being offered, or its text sent; or NULL */
    enum smtp_expected expected; /* of the offered mail */
    size_t recipient;            /* the next RCPT reply is for this one */
    size_t accepted;
    int is_open;                      /* MAIL was accepted and nothing ended the transaction yet */
    int is_refused;                   /* MAIL or DATA was refused: the result is told */
    int goes_ahead;                   /* 354 */
    int is_streaming;                 /* its text is being written */
    struct acsmtp_reply no_recipient; /* what the message's result is if none is accepted */
};

/* Begin with a mail whose RSET (if needed) and MAIL will be the next commands. */
void smtp_transaction_offer(struct smtp_transaction *transaction, const struct acsmtp_mail *mail);

/* Read the next outstanding reply and act on it. A failure ends the session. */
int smtp_transaction_read(struct smtp_transaction *transaction,
                          struct acsmtp_error *err) ACSMTP_CHECK;

/* The session has failed with `err`: hear what the server said last and settle what is under way.
 */
void smtp_transaction_abandon(struct smtp_transaction *transaction, struct acsmtp_error *err);

#endif
