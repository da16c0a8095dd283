/* SPDX-License-Identifier: MIT */
/* The challenges of an AUTH dialogue. */
#ifndef NET_SMTP_BASE64_H
#define NET_SMTP_BASE64_H

#include <stddef.h>
#include <sys/types.h>

/* Decode RFC 4648 section 4, padded, nothing else. Bytes written, -1 when it is malformed or does
 * not fit. */
ssize_t smtp_base64_decode(const char *text, size_t size, char *out, size_t capacity);

#endif
