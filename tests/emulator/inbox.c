/* SPDX-License-Identifier: MIT */
/* Accepted mail and the sliding rate window; see inbox.h. */
#include "inbox.h"

#include "tree.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MINUTE_MS = 60 * 1000, HOUR_MS = 60 * MINUTE_MS };

void inbox_init(struct inbox *inbox)
{
    *inbox = (struct inbox){.next_id = 1};
    pthread_mutex_init(&inbox->lock, NULL);
}

static void drop_messages(struct inbox *inbox)
{
    for (size_t i = 0; i < inbox->count; i++) {
        json_object_put(inbox->messages[i].about);
        free(inbox->messages[i].data);
        inbox->bytes -= inbox->messages[i].length;
    }
    inbox->count = 0;
}

void inbox_release(struct inbox *inbox)
{
    drop_messages(inbox);
    free(inbox->messages);
    free(inbox->sent);
    pthread_mutex_destroy(&inbox->lock);
}

void inbox_clear(struct inbox *inbox)
{
    pthread_mutex_lock(&inbox->lock);
    drop_messages(inbox);
    pthread_mutex_unlock(&inbox->lock);
}

bool inbox_reserve(struct inbox *inbox, size_t bytes)
{
    pthread_mutex_lock(&inbox->lock);
    bool room = bytes <= INBOX_MAXIMUM_BYTES - inbox->bytes;
    if (room) {
        inbox->bytes += bytes;
    }
    pthread_mutex_unlock(&inbox->lock);
    return room;
}

void inbox_unreserve(struct inbox *inbox, size_t bytes)
{
    pthread_mutex_lock(&inbox->lock);
    inbox->bytes -= bytes;
    pthread_mutex_unlock(&inbox->lock);
}

static bool grow(void **array, size_t *capacity, size_t count, size_t item, size_t maximum)
{
    if (count < *capacity) {
        return true;
    }
    size_t wanted = *capacity == 0 ? 64 : *capacity * 2;
    void *larger = count >= maximum ? NULL : realloc(*array, wanted * item);
    if (larger == NULL) {
        return false;
    }
    *array = larger;
    *capacity = wanted;
    return true;
}

int inbox_store(struct inbox *inbox, struct json_object *about, struct text *body)
{
    pthread_mutex_lock(&inbox->lock);
    bool room = body->length <= INBOX_MAXIMUM_BYTES - inbox->bytes &&
                grow((void **)&inbox->messages, &inbox->capacity, inbox->count,
                     sizeof(inbox->messages[0]), INBOX_MAXIMUM_MESSAGES);
    if (room) {
        tree_set_int(about, "id", inbox->next_id++);
        inbox->messages[inbox->count++] =
            (struct inbox_message){.about = about, .data = body->data, .length = body->length};
        inbox->bytes += body->length;
        text_init(body, body->maximum);
    }
    pthread_mutex_unlock(&inbox->lock);
    return room ? 0 : -1;
}

struct json_object *inbox_list(struct inbox *inbox)
{
    struct json_object *array = json_object_new_array();
    pthread_mutex_lock(&inbox->lock);
    for (size_t i = 0; i < inbox->count; i++) {
        json_object_array_add(array, tree_dup(inbox->messages[i].about));
    }
    pthread_mutex_unlock(&inbox->lock);
    return array;
}

static struct inbox_message *find(struct inbox *inbox, int64_t id)
{
    for (size_t i = 0; i < inbox->count; i++) {
        if (tree_int(inbox->messages[i].about, "id", 0) == id) {
            return &inbox->messages[i];
        }
    }
    return NULL;
}

struct json_object *inbox_about(struct inbox *inbox, int64_t id)
{
    pthread_mutex_lock(&inbox->lock);
    struct inbox_message *message = find(inbox, id);
    struct json_object *copy = message == NULL ? NULL : tree_dup(message->about);
    pthread_mutex_unlock(&inbox->lock);
    return copy;
}

bool inbox_raw(struct inbox *inbox, int64_t id, struct text *out)
{
    pthread_mutex_lock(&inbox->lock);
    struct inbox_message *message = find(inbox, id);
    if (message != NULL && message->length > 0) {
        text_add(out, message->data, message->length);
    }
    pthread_mutex_unlock(&inbox->lock);
    return message != NULL;
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void forget_before(struct inbox *inbox, int64_t when)
{
    size_t old = 0;
    while (old < inbox->sent_count && inbox->sent[old] <= when) {
        old++;
    }
    inbox->sent_count -= old;
    if (old > 0) {
        memmove(inbox->sent, inbox->sent + old, inbox->sent_count * sizeof(inbox->sent[0]));
    }
}

static bool allows(struct inbox *inbox, int64_t now, int64_t per_minute, int64_t per_hour)
{
    forget_before(inbox, now - HOUR_MS);
    int64_t in_minute = 0;
    for (size_t i = inbox->sent_count; i > 0 && inbox->sent[i - 1] > now - MINUTE_MS; i--) {
        in_minute++;
    }
    return (per_minute == 0 || in_minute < per_minute) &&
           (per_hour == 0 || (int64_t)inbox->sent_count < per_hour);
}

bool inbox_rate_allows(struct inbox *inbox, int64_t per_minute, int64_t per_hour)
{
    pthread_mutex_lock(&inbox->lock);
    bool allowed = allows(inbox, now_ms(), per_minute, per_hour);
    pthread_mutex_unlock(&inbox->lock);
    return allowed;
}

bool inbox_rate_take(struct inbox *inbox, int64_t per_minute, int64_t per_hour)
{
    if (per_minute == 0 && per_hour == 0) {
        return true;
    }
    pthread_mutex_lock(&inbox->lock);
    int64_t now = now_ms();
    bool allowed = allows(inbox, now, per_minute, per_hour) &&
                   grow((void **)&inbox->sent, &inbox->sent_capacity, inbox->sent_count,
                        sizeof(inbox->sent[0]), INBOX_MAXIMUM_RATE);
    if (allowed) {
        inbox->sent[inbox->sent_count++] = now;
    }
    pthread_mutex_unlock(&inbox->lock);
    return allowed;
}

void inbox_rate_clear(struct inbox *inbox)
{
    pthread_mutex_lock(&inbox->lock);
    inbox->sent_count = 0;
    pthread_mutex_unlock(&inbox->lock);
}
