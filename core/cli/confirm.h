/* SPDX-License-Identifier: MIT */
/* Asking the person at the terminal. */
#ifndef CONFIRM_H
#define CONFIRM_H

#include <acsmtp/context.h>

/* Whether there is a person to ask: standard input and standard error are terminals. */
int confirm_possible(void);

/*
 * "Type WORD to go on: " on standard error; OK when the line that comes is the word. CANCELLED when
 * it is another, at the end of input, by a signal; TEMPORARY at the deadline.
 */
int confirm_word(const struct acsmtp_context *context, const char *word, struct acsmtp_error *err);

#endif
