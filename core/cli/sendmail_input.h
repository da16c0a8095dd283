/* SPDX-License-Identifier: MIT */
/*
 * A message as sendmail's callers pipe it: lines that end in LF, CRLF or (in the header) CR;
 * perhaps without a header, perhaps with the "From " line of a mailbox before it; ended by a line
 * with a lone dot unless told otherwise. The header is held, the body only passes.
 */
#ifndef SENDMAIL_INPUT_H
#define SENDMAIL_INPUT_H

#include <acsmtp/error.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SENDMAIL_HEADER_MAX = 256 * 1024,         /* what the library looks at, too */
    SENDMAIL_MESSAGE_MAX = 128 * 1024 * 1024, /* more than any submission server is known to take */
    SENDMAIL_CHUNK = 16 * 1024
};

struct sendmail_input {
    int fd;
    int end_at_dot;
    char *header; /* NUL-terminated, every line ends in LF; made by sendmail_input_header() */
    size_t header_size;
    int has_body; /* an empty line, or one that is no field, has ended the header */

    /* where reading stands */
    char buffer[SENDMAIL_CHUNK];
    size_t at, size;
    int ended;      /* nothing more comes from the descriptor */
    int line_begun; /* what is at hand goes on with a line */
    int64_t total;
};

void sendmail_input_init(struct sendmail_input *input, int fd, int end_at_dot);
void sendmail_input_release(struct sendmail_input *input);

/* Read up to the body. REJECTED when the header is too large or holds a NUL. */
int sendmail_input_header(struct sendmail_input *input, struct acsmtp_error *err) ACSMTP_CHECK;

/*
 * Copy the body to a descriptor, to the end or the lone dot. REJECTED when the message is too
 * large.
 */
int sendmail_input_body(struct sendmail_input *input, int to,
                        struct acsmtp_error *err) ACSMTP_CHECK;

/*
 * Read what is still to come and drop it: a caller that goes on writing would die of SIGPIPE and
 * never read why its message was refused. Bounded as a message is, and ended by a lone dot as one
 * is: who has written that may keep the pipe open and wait.
 */
void sendmail_input_drain(struct sendmail_input *input);

#endif
