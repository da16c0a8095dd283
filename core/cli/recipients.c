/* SPDX-License-Identifier: MIT */
/*
 * Collecting recipients. Two spellings are the same mailbox when they differ in the case of the
 * domain only: what stands before the @ belongs to the receiving side (RFC 5321 section 2.4).
 */
#include "recipients.h"
#include <acsmtp/message.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int compare(const void *left, const void *right)
{
    const char *a = left, *b = right;
    const char *a_at = strrchr(a, '@'), *b_at = strrchr(b, '@');
    int order = strcasecmp(a_at ? a_at : "", b_at ? b_at : "");
    size_t a_size = a_at ? (size_t)(a_at - a) : strlen(a);
    size_t b_size = b_at ? (size_t)(b_at - b) : strlen(b);

    if (order)
        return order;
    if (a_size != b_size)
        return a_size < b_size ? -1 : 1;
    return memcmp(a, b, a_size);
}

static int out_of_memory(struct acsmtp_error *err)
{
    return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
}

static int add_one(void *data, const char *address, struct acsmtp_error *err)
{
    struct recipients *recipients = data;
    char **items;
    char *copy;

    if (tfind(address, &recipients->known, compare))
        return ACSMTP_OK;
    items = reallocarray(recipients->items, recipients->count + 1, sizeof *items);
    if (!items)
        return out_of_memory(err);
    recipients->items = items;
    copy = strdup(address);
    if (!copy)
        return out_of_memory(err);
    items[recipients->count++] = copy;
    if (!tsearch(copy, &recipients->known, compare))
        return out_of_memory(err);
    return ACSMTP_OK;
}

int recipients_add(struct recipients *recipients, const char *list, const char *where,
                   struct acsmtp_error *err)
{
    int status = acsmtp_address_list(list, add_one, recipients, err);

    if (status != ACSMTP_OK)
        acsmtp_error_prefix(err, "%s", where);
    return status;
}

static void free_nothing(void *item)
{
    (void)item; /* the items own their texts */
}

void recipients_release(struct recipients *recipients)
{
    tdestroy(recipients->known, free_nothing);
    for (size_t i = 0; i < recipients->count; i++)
        free(recipients->items[i]);
    free(recipients->items);
    *recipients = (struct recipients){0};
}
