/* SPDX-License-Identifier: MIT */
/* What a server offers in its reply to EHLO (RFC 5321 section 4.1.1.1). */
#ifndef SMTP_CAPABILITY_H
#define SMTP_CAPABILITY_H

#include "smtp_reply.h"

#include <stddef.h>
#include <stdint.h>

enum smtp_extension {
    SMTP_PIPELINING = 1,
    SMTP_SIZE = 2,
    SMTP_8BITMIME = 4,
    SMTP_UTF8 = 8,
    SMTP_DSN = 16
};

struct smtp_capabilities {
    unsigned extensions; /* enum smtp_extension, or-ed */
    int64_t size_limit;  /* of SIZE; 0: none told */
    size_t size;
    char text[SMTP_REPLY_MAX]; /* "KEYWORD\0parameters\0" again and again */
};

/* Read the raw reply to EHLO, codes included. */
void smtp_capabilities_parse(struct smtp_capabilities *capabilities, const char *ehlo, size_t size);

/* The parameters of a keyword (any case), "" if it has none, NULL if it is not offered. */
const char *smtp_capabilities_find(const struct smtp_capabilities *capabilities,
                                   const char *keyword);

/* Whether AUTH lists the mechanism. */
int smtp_capabilities_has_mechanism(const struct smtp_capabilities *capabilities,
                                    const char *mechanism);

#endif
