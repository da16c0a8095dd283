/* SPDX-License-Identifier: MIT */
/*
 * Replies of SMTP servers and EHLO replies from bytes of any kind. A reply that is complete must be
 * the same whatever follows it, and incomplete in every part of it.
 */
#include "smtp/smtp_capability.h"
#include "smtp/smtp_reply.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds)
{
    if (!holds)
        abort();
}

static void check_reply(const char *bytes, size_t size)
{
    struct smtp_reply reply;
    struct smtp_reply again;
    ssize_t used = smtp_reply_parse(bytes, size, &reply);

    must(used >= -1 && used <= (ssize_t)size);
    if (used <= 0)
        return;
    must(reply.code >= 200 && reply.code <= 599);
    must(strlen(reply.text) < sizeof reply.text && strlen(reply.enhanced) < sizeof reply.enhanced);
    must(reply.last >= bytes && reply.last + reply.last_size <= bytes + used);
    must(smtp_reply_parse(bytes, (size_t)used, &again) == used);
    must(smtp_reply_parse(bytes, (size_t)used - 1, &again) == 0);
    for (const char *c = reply.text; *c; c++)
        must((unsigned char)*c >= 0x20 && *c != 0x7f);
}

static void check_capabilities(const char *bytes, size_t size)
{
    static struct smtp_capabilities offered;
    const char *parameters;

    smtp_capabilities_parse(&offered, bytes, size);
    must(offered.size <= sizeof offered.text && offered.size_limit >= 0);
    parameters = smtp_capabilities_find(&offered, "AUTH");
    must(!parameters || parameters < offered.text + offered.size);
    (void)smtp_capabilities_has_mechanism(&offered, "XOAUTH2");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* A copy of its own size, so that a read beyond it is seen. */
    char *bytes = malloc(size ? size : 1);

    must(bytes != NULL);
    memcpy(bytes, data, size);
    check_reply(bytes, size);
    check_capabilities(bytes, size);
    free(bytes);
    return 0;
}
