/* SPDX-License-Identifier: MIT */
/*
 * Well-formed UTF-8 (RFC 3629), one character at a time.
 */
#ifndef UTF8_H
#define UTF8_H

#include <stddef.h>

/* Bytes of the character that begins here, at most `left`; 0 when it is not well-formed. */
size_t utf8_size(const char *text, size_t left);

/* Whether that character is a control: C0, DEL, or C1 (which terminals obey too). */
int utf8_is_control(const char *text, size_t left);

#endif
