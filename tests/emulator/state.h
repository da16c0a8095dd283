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

enum state_world {
    WORLD_FULL,  /* all that sending mail needs is there */
    WORLD_EMPTY, /* a subscription with an owner and nothing else */
};

struct state {
    pthread_mutex_t changing; /* held while somebody makes the next tree; taken before `lock` */
    pthread_mutex_t lock;     /* of the two pointers and the counts of references */
    struct json_object *tree;
    struct json_object *seeds[2]; /* of each world */
    enum state_world initial;
};

enum state_change {
    STATE_PUT,    /* the value replaces the member */
    STATE_PATCH,  /* RFC 7386: objects are merged, null removes */
    STATE_REMOVE, /* value is not looked at */
};

enum state_result { STATE_CHANGED, STATE_NO_SUCH_MEMBER, STATE_REFUSED };

/* Takes the seeds of the two worlds over and starts with the one. -1 when it does not fit the
 * schema (why says more). */
int state_init(struct state *state, struct json_object *full, struct json_object *empty,
               enum state_world initial, char *why, size_t size);
void state_release(struct state *state);

struct json_object *state_acquire(struct state *state);
void state_give_back(struct state *state, struct json_object *snapshot);

/* path: member names from the top, count of them. The value is borrowed. */
enum state_result state_change(struct state *state, enum state_change change, char *const *path,
                               size_t count, struct json_object *value, char *why, size_t size);
/* A private copy of the tree, to be changed freely: every other change waits until it is committed.
 * NULL when memory ran out; nothing is held then. */
struct json_object *state_begin(struct state *state);
/* Ends what state_begin() began and takes the copy. The copy becomes the state when `changed`; -1,
 * and the state is as it was, when it does not fit the schema (why says more). */
int state_commit(struct state *state, struct json_object *copy, bool changed, char *why,
                 size_t size);
/* Back to the seed of a world. */
void state_reset(struct state *state, enum state_world world);
#endif
