/* SPDX-License-Identifier: MIT */
/* A message on its way into DATA: line ends and dots, as a pure transformation of a stream. */
#ifndef SMTP_DATA_H
#define SMTP_DATA_H

#include <stddef.h>
#include <stdint.h>

/* Room that smtp_data_add() needs at least. */
#define SMTP_DATA_ROOM_MIN 8U
#define SMTP_DATA_END_MAX 5U

struct smtp_data {
    int64_t size; /* bytes so far without doubled dots: what SIZE= promised */
    int in_line;  /* the line has begun */
    int after_cr; /* the last byte was CR, whose line end is written already */
};

/*
 * Transform bytes from `in` into `out` until either ends: every CR, LF and CRLF becomes CRLF, a dot
 * at the start of a line is doubled. *taken and *written tell how far it came; at least one byte is
 * taken when `room` >= SMTP_DATA_ROOM_MIN. Start with a structure that is all zero.
 */
void smtp_data_add(struct smtp_data *data, const char *in, size_t size, size_t *taken, char *out,
                   size_t room, size_t *written);

/* What ends the message, at most SMTP_DATA_END_MAX bytes: CRLF if the last line has none, dot,
 * CRLF. Returns the number of bytes. */
size_t smtp_data_end(struct smtp_data *data, char *out);

#endif
