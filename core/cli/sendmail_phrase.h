/* SPDX-License-Identifier: MIT */
/* A person's name in a header field. */
#ifndef SENDMAIL_PHRASE_H
#define SENDMAIL_PHRASE_H

#include <stdio.h>

/*
 * Write a name so that it can stand before <address>: as it is, quoted, or beyond ASCII in encoded
 * words of at most 75 bytes on lines of their own (RFC 5322 section 3.2.5, RFC 2047 section 5).
 * Without control characters; see sendmail_phrase_allowed().
 */
void sendmail_phrase_write(FILE *out, const char *name);

/* 0 when the name holds a control character, with which it could begin another field. */
int sendmail_phrase_allowed(const char *name);

#endif
