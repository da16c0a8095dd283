/* SPDX-License-Identifier: MIT */
/* Finds the end of a message sent with DATA and takes the dot-stuffing off: the end is CRLF.CRLF
 * and nothing else, whatever lone CR or LF stands around dots. Pure. */
#ifndef EMULATOR_SMTP_BODY_H
#define EMULATOR_SMTP_BODY_H

#include <stdbool.h>
#include <stddef.h>

enum smtp_place {
    PLACE_LINE_START,
    PLACE_INSIDE,
    PLACE_AFTER_CR,
    PLACE_AFTER_DOT,
    PLACE_AFTER_DOT_CR,
    PLACE_ENDED,
};

struct smtp_body {
    enum smtp_place place; /* PLACE_LINE_START to begin with */
    bool bare_newline;     /* a CR or LF that stands alone, or a NUL */
    bool eight_bit;
    void (*keep)(void *cls, const char *data, size_t length);
    void *cls;
};

/* How many bytes belong to the message; fewer than length once the place is PLACE_ENDED. */
size_t smtp_body_take(struct smtp_body *body, const char *data, size_t length);
/* Sets the flags from a whole message, for BDAT, which finds its end by counting. */
void smtp_body_inspect(struct smtp_body *body, const char *data, size_t length);
#endif
