/* SPDX-License-Identifier: MIT */
/* One reply of an SMTP server (RFC 5321 section 4.2), as a pure function over received bytes. */
#ifndef SMTP_REPLY_H
#define SMTP_REPLY_H

#include <stddef.h>
#include <sys/types.h>

struct smtp_reply {
    int code;
    char enhanced[16]; /* RFC 3463, the first one of the reply's lines; "" if none has one */
    char text[512];    /* all lines on one, without codes, printable */
    const char *bytes; /* the whole reply as it came, within the parsed bytes */
    size_t size;
    const char *last; /* its last line behind the code */
    size_t last_size;
};

/* No server has that much to say; a SASL challenge has 12 KiB at most. */
#define SMTP_REPLY_MAX 16384U

/*
 * Parse the reply at the start of `bytes`. Returns its size, 0 when more bytes are needed, -1 when
 * it is no reply.
 */
ssize_t smtp_reply_parse(const char *bytes, size_t size, struct smtp_reply *reply);

#endif
