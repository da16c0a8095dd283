/* SPDX-License-Identifier: MIT */
/* The mail that was accepted, kept in memory under a budget, and the sender's rate. */
#ifndef EMULATOR_INBOX_H
#define EMULATOR_INBOX_H

#include "text.h"

#include <json-c/json.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    INBOX_MAXIMUM_BYTES = 512 << 20,
    INBOX_MAXIMUM_MESSAGES = 200000,
    INBOX_MAXIMUM_RATE = 1000000,
};

struct inbox_message {
    struct json_object *about;
    char *data;
    size_t length;
};

struct inbox {
    pthread_mutex_t lock;
    struct inbox_message *messages;
    size_t count;
    size_t capacity;
    int64_t next_id;
    size_t bytes;  /* stored and reserved */
    int64_t *sent; /* when each message of the last hour was accepted, milliseconds */
    size_t sent_count;
    size_t sent_capacity;
};

void inbox_init(struct inbox *inbox);
void inbox_release(struct inbox *inbox);

/* Takes bytes out of the budget for a message that is being received. */
bool inbox_reserve(struct inbox *inbox, size_t bytes);
void inbox_unreserve(struct inbox *inbox, size_t bytes);
/* Stores the message and takes body and about over; an "id" is added to about. -1 when full. */
int inbox_store(struct inbox *inbox, struct json_object *about, struct text *body);
/* A copy of the list, the caller puts it. */
struct json_object *inbox_list(struct inbox *inbox);
/* A copy, or NULL when there is no such message. */
struct json_object *inbox_about(struct inbox *inbox, int64_t id);
bool inbox_raw(struct inbox *inbox, int64_t id, struct text *out);
void inbox_clear(struct inbox *inbox);

/* Counts one message now unless a quota (0: none) of the sliding minute or hour is used up. */
bool inbox_rate_take(struct inbox *inbox, int64_t per_minute, int64_t per_hour);
/* The same question without counting. */
bool inbox_rate_allows(struct inbox *inbox, int64_t per_minute, int64_t per_hour);
void inbox_rate_clear(struct inbox *inbox);
#endif
