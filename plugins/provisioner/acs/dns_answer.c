/* SPDX-License-Identifier: MIT */
/* The reader of DNS messages; see dns_answer.h. */
#include "dns_answer.h"

#include "names.h"

#include <ares.h>
#include <stdio.h>
#include <string.h>

#define HEADER_SIZE 12   /* section 4.1.1 */
#define QUESTION_TAIL 4  /* QTYPE, QCLASS */
#define RECORD_HEADER 10 /* TYPE, CLASS, TTL, RDLENGTH */
#define CLASS_IN 1

struct message {
    const unsigned char *bytes;
    size_t size;
    size_t at; /* where the next record begins */
    unsigned left;
};

struct rr {
    char *owner; /* for ares_free_string() */
    unsigned type, class;
    size_t data, data_size;
};

static unsigned read16(const unsigned char *bytes)
{
    return (unsigned)bytes[0] << 8 | bytes[1];
}

/* A name at `at`, compressed or not; *used bytes of it stand there. NULL when there is none. */
static char *expand(const struct message *message, size_t at, size_t *used)
{
    char *name = NULL;
    long length = 0;

    if (at >= message->size || ares_expand_name(message->bytes + at, message->bytes,
                                                (int)message->size, &name, &length) != ARES_SUCCESS)
        return NULL;
    *used = (size_t)length;
    return name;
}

/* To the first record of the answer. */
static int begin(struct message *message, const unsigned char *bytes, size_t size)
{
    *message = (struct message){.bytes = bytes, .size = size, .at = HEADER_SIZE};
    /* 64 KiB is what TCP carries. */
    if (size < HEADER_SIZE || size > 65535)
        return 0;
    for (unsigned questions = read16(bytes + 4); questions > 0; questions--) {
        size_t used = 0;
        char *name = expand(message, message->at, &used);

        if (!name)
            return 0;
        ares_free_string(name);
        if (message->size - message->at < used + QUESTION_TAIL)
            return 0;
        message->at += used + QUESTION_TAIL;
    }
    message->left = read16(bytes + 6);
    return 1;
}

/* The next record, for rr_release(); 0 at a fault. Call it `left` times. */
static int next(struct message *message, struct rr *rr)
{
    size_t used = 0, at;
    const unsigned char *header;

    rr->owner = expand(message, message->at, &used);
    if (!rr->owner)
        return 0;
    at = message->at + used;
    if (at > message->size || message->size - at < RECORD_HEADER)
        return 0;
    header = message->bytes + at;
    rr->type = read16(header);
    rr->class = read16(header + 2);
    rr->data = at + RECORD_HEADER;
    rr->data_size = read16(header + 8);
    if (message->size - rr->data < rr->data_size)
        return 0;
    message->at = rr->data + rr->data_size;
    message->left--;
    return 1;
}

static void rr_release(struct rr *rr)
{
    if (rr->owner)
        ares_free_string(rr->owner);
}

#define AUTO_RR __attribute__((cleanup(rr_release)))

static int is_at(const struct rr *rr, unsigned type, const char *name)
{
    return rr->type == type && rr->class == CLASS_IN && name_is_same(rr->owner, name);
}

int dns_answer_alias(const unsigned char *bytes, size_t size, const char *name,
                     char target[RECORD_VALUE_MAX])
{
    struct message message;

    target[0] = '\0';
    if (!begin(&message, bytes, size))
        return 0;
    while (message.left > 0) {
        AUTO_RR struct rr rr = {.owner = NULL};
        size_t used = 0;
        char *found;
        int fits;

        if (!next(&message, &rr))
            return 0;
        if (!is_at(&rr, DNS_TYPE_CNAME, name))
            continue;
        found = expand(&message, rr.data, &used);
        if (!found)
            return 0;
        fits = used == rr.data_size &&
               snprintf(target, RECORD_VALUE_MAX, "%s", found) < RECORD_VALUE_MAX;
        ares_free_string(found);
        if (!fits)
            target[0] = '\0';
        return fits;
    }
    return 1;
}

/* The strings of a TXT record, one length octet before each. */
static int join(const unsigned char *data, size_t size, dns_text *each, void *context)
{
    unsigned char text[DNS_TEXT_MAX];
    size_t used = 0;

    for (size_t at = 0; at < size;) {
        size_t length = data[at++], fits;

        if (length > size - at)
            return 0;
        fits = length < sizeof text - used ? length : sizeof text - used;
        memcpy(text + used, data + at, fits);
        used += fits;
        at += length;
    }
    each(context, text, used);
    return 1;
}

static int hand_over(const unsigned char *bytes, size_t size, const char *name, dns_text *each,
                     void *data)
{
    struct message message;

    if (!begin(&message, bytes, size))
        return 0;
    while (message.left > 0) {
        AUTO_RR struct rr rr = {.owner = NULL};

        if (!next(&message, &rr))
            return 0;
        if (is_at(&rr, DNS_TYPE_TXT, name) && !join(bytes + rr.data, rr.data_size, each, data))
            return 0;
    }
    return 1;
}

int dns_answer_texts(const unsigned char *bytes, size_t size, const char *name, dns_text *each,
                     void *data)
{
    char owner[RECORD_VALUE_MAX], target[RECORD_VALUE_MAX];

    if (snprintf(owner, sizeof owner, "%s", name) >= (int)sizeof owner)
        return 0;
    for (int i = 0; i < DNS_CHAIN_MAX; i++) {
        if (!dns_answer_alias(bytes, size, owner, target))
            return 0;
        if (!target[0])
            return hand_over(bytes, size, owner, each, data);
        memcpy(owner, target, sizeof owner);
    }
    return 0; /* a circle, or as good as one */
}
