/* SPDX-License-Identifier: MIT */
/* The recipients of an envelope: bare addresses in the order of their first mention, each once. */
#ifndef RECIPIENTS_H
#define RECIPIENTS_H

#include <acsmtp/error.h>
#include <stddef.h>

struct recipients {
    char **items;
    size_t count;
    void *known; /* a tree of the items, for tsearch(3) */
};

/* Add every address of an RFC 5322 list. `where` ("--to", "field Cc") is named in a failure. */
int recipients_add(struct recipients *recipients, const char *list, const char *where,
                   struct acsmtp_error *err) ACSMTP_CHECK;
void recipients_release(struct recipients *recipients);

#endif
