/* SPDX-License-Identifier: MIT */
/* The changeable world of the emulator: one JSON tree, copied on every change. A reader takes a
 * snapshot, works on it without locks and gives it back; the tree of a snapshot never changes.
 * json-c counts references without atomics, so members of a snapshot are only borrowed, never
 * json_object_get()'ed. */
#ifndef EMULATOR_STATE_H
#define EMULATOR_STATE_H

#include <json-c/json.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

struct state {
    pthread_mutex_t lock;
    struct json_object *tree;
    struct json_object *seed;
};

enum state_change {
    STATE_PUT,    /* the value replaces the member */
    STATE_PATCH,  /* RFC 7386: objects are merged, null removes */
    STATE_REMOVE, /* value is not looked at */
};

enum state_result { STATE_CHANGED, STATE_NO_SUCH_MEMBER, STATE_REFUSED };

/* Takes the seed over. -1 when it does not fit the schema (why says more). */
int state_init(struct state *state, struct json_object *seed, char *why, size_t size);
void state_release(struct state *state);

struct json_object *state_acquire(struct state *state);
void state_give_back(struct state *state, struct json_object *snapshot);

/* path: member names from the top, count of them. The value is borrowed. */
enum state_result state_change(struct state *state, enum state_change change, char *const *path,
                               size_t count, struct json_object *value, char *why, size_t size);
/* Back to the seed. */
void state_reset(struct state *state);
#endif
