/* SPDX-License-Identifier: MIT */
/*
 * Where in a text of JSON (comments allowed) a value stands, for messages that point at it. The
 * text has been parsed by something else; here it may be anything at all, and then nothing is
 * found.
 */
#ifndef LOCATE_H
#define LOCATE_H

#include <stddef.h>

struct locate_position {
    size_t line, column; /* from 1; a column is a character of UTF-8 */
};

/* Line and column of a byte; beyond the end: of the end. */
struct locate_position locate_offset(const char *text, size_t size, size_t offset);

/*
 * 1 and the offset of the key of the member (or of the value of an array's element) at the dotted
 * path, "profiles.acs.credentials.0.tenant_id"; "" is the whole value. Keys may have dots in them.
 * Of a key that is there twice it is the last, as in the parsed document.
 */
int locate_path(const char *text, size_t size, const char *path, size_t *offset);

#endif
