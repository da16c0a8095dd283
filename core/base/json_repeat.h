/* SPDX-License-Identifier: MIT */
/*
 * A key that its object has already: RFC 8259 leaves open which of the two counts, and programs
 * disagree, so what a reviewer sees need not be what is meant.
 */
#ifndef JSON_REPEAT_H
#define JSON_REPEAT_H

#include <stddef.h>

/*
 * The offset of the first such key in a text that json-c has read and that is free of comments;
 * `size` when there is none or memory fails. Escapes are looked through ("a" is "\u0061").
 */
size_t json_repeated_key(const char *text, size_t size);

#endif
