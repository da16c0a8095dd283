/* SPDX-License-Identifier: MIT */
/*
 * Well-formed UTF-8 (RFC 3629), one character at a time.
 */
#ifndef UTF8_H
#define UTF8_H

#include <stddef.h>

/* Bytes of the character that begins here, at most `left`; 0 when it is not well-formed. */
size_t utf8_size(const char *text, size_t left);

/*
 * Whether that character is a control: C0, DEL, C1 (which terminals obey too), or one that ends a
 * line or shows what follows in another order (U+2028, U+2029, the bidirectional embeddings,
 * overrides and isolates), so that a reader would see something else than what is there.
 */
int utf8_is_control(const char *text, size_t left);

/*
 * In place: controls become blanks, except `kept` ('\n', or '\0' for none), and bytes that are no
 * UTF-8 become '?'. What came from elsewhere must not move a cursor or forge a line.
 */
void utf8_make_printable(char *text, char kept);

#endif
