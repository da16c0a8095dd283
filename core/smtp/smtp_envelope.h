/* SPDX-License-Identifier: MIT */
/* The lines of an envelope: MAIL and RCPT with the parameters that the server offers. */
#ifndef SMTP_ENVELOPE_H
#define SMTP_ENVELOPE_H

#include "smtp_capability.h"

#include <acsmtp/message.h>
#include <stddef.h>

/* Postfix and others cut command lines at 2048 bytes; RFC 5321 paths and RFC 3461 parameters stay
 * far below. */
#define SMTP_LINE_MAX 2048U

/*
 * Whether the mail may be offered to this server at all: size, character sets, addresses.
 * ACSMTP_OK, or ACSMTP_REJECTED with `reply` saying why, in the words of acsmtp.
 */
int smtp_envelope_check(const struct smtp_capabilities *capabilities,
                        const struct acsmtp_mail *mail, struct acsmtp_reply *reply);

/* One command with its CRLF. */
struct smtp_line {
    size_t size;
    char bytes[SMTP_LINE_MAX];
};

/* For a mail that passed the check. */
void smtp_envelope_mail(const struct smtp_capabilities *capabilities,
                        const struct acsmtp_mail *mail, struct smtp_line *line);
void smtp_envelope_rcpt(const struct smtp_capabilities *capabilities,
                        const struct acsmtp_mail *mail, size_t index, struct smtp_line *line);

#endif
