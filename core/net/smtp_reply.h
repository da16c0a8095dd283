/* SPDX-License-Identifier: MIT */
/* One reply of an SMTP server (RFC 5321 section 4.2), as a pure function over received bytes. */
#ifndef NET_SMTP_REPLY_H
#define NET_SMTP_REPLY_H

#include <stddef.h>
#include <sys/types.h>

struct smtp_reply {
    int code;
    char enhanced[16]; /* RFC 3463, the first one of the reply's lines; "" if none has one */
    char text[512];    /* all lines on one, without codes, printable */
    const char *last;  /* the last line behind its code as it came, within the parsed bytes */
    size_t last_size;
};

/*
 * Parse the reply at the start of `bytes`. Returns its size, 0 when more bytes are needed, -1 when
 * it is no reply.
 */
ssize_t smtp_reply_parse(const char *bytes, size_t size, struct smtp_reply *reply);

#endif
