/* SPDX-License-Identifier: MIT */
/*
 * The header of a message from a caller of sendmail: fields that nobody may see or that only the
 * last server writes are taken out (Bcc, Resent-Bcc, Return-Path), names without a domain are
 * completed, and what is missing is filled in (From, Date, Message-ID; RFC 6409 section 8).
 */
#ifndef SENDMAIL_HEADER_H
#define SENDMAIL_HEADER_H

#include "recipients.h"
#include "sendmail_names.h"

struct sendmail_author {
    const char *address;   /* of a From field that has to be made, or "" */
    const char *full_name; /* for it, without control characters; or NULL */
};

/*
 * The new header, for free(3), with LF at every line's end and without the empty line. `header`:
 * complete lines that end in LF. With `as_is` nothing is filled in or completed: another MTA has
 * done so.
 */
char *sendmail_header_dup(const char *header, struct sendmail_names *names,
                          const struct sendmail_author *author, int as_is,
                          struct acsmtp_error *err);

/* The value of Sender, else of From, for free(3); NULL when there is none or memory fails. */
char *sendmail_header_sender_dup(const char *header);

/*
 * Add the recipients that To, Cc and Bcc name; where there is one of Resent-To, Resent-Cc and
 * Resent-Bcc, those fields alone count (RFC 5322 section 3.6.6).
 */
int sendmail_header_recipients(const char *header, struct sendmail_names *names,
                               struct recipients *recipients,
                               struct acsmtp_error *err) ACSMTP_CHECK;

#endif
