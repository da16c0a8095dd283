/* SPDX-License-Identifier: MIT */
/* Copy-on-write JSON state; see state.h. */
#include "state.h"

#include "schema.h"
#include "tree.h"

#include <stdio.h>

int state_init(struct state *state, struct json_object *full, struct json_object *empty,
               enum state_world initial, char *why, size_t size)
{
    *state = (struct state){.seeds = {full, empty}, .initial = initial};
    pthread_mutex_init(&state->changing, NULL);
    pthread_mutex_init(&state->lock, NULL);
    state->tree = tree_dup(state->seeds[initial]);
    return state->tree != NULL && schema_check_state(state->tree, why, size) ? 0 : -1;
}

void state_release(struct state *state)
{
    json_object_put(state->tree);
    json_object_put(state->seeds[WORLD_FULL]);
    json_object_put(state->seeds[WORLD_EMPTY]);
    pthread_mutex_destroy(&state->lock);
    pthread_mutex_destroy(&state->changing);
}

struct json_object *state_acquire(struct state *state)
{
    pthread_mutex_lock(&state->lock);
    struct json_object *snapshot = json_object_get(state->tree);
    pthread_mutex_unlock(&state->lock);
    return snapshot;
}

void state_give_back(struct state *state, struct json_object *snapshot)
{
    pthread_mutex_lock(&state->lock);
    json_object_put(snapshot);
    pthread_mutex_unlock(&state->lock);
}

/* NOLINTNEXTLINE(misc-no-recursion): the parser bounds the depth of patch */
static void merge(struct json_object *target, struct json_object *patch)
{
    for (struct lh_entry *each = tree_first(patch); each != NULL; each = each->next) {
        const char *key = tree_key(each);
        struct json_object *value = tree_value(each);
        struct json_object *present = NULL;
        if (value == NULL) {
            json_object_object_del(target, key);
        } else if (json_object_is_type(value, json_type_object)) {
            if (!json_object_object_get_ex(target, key, &present) ||
                !json_object_is_type(present, json_type_object)) {
                present = tree_set_object(target, key);
            }
            merge(present, value);
        } else {
            json_object_object_add(target, key, tree_dup(value));
        }
    }
}

static enum state_result apply(struct json_object *parent, const char *key,
                               enum state_change change, struct json_object *value)
{
    struct json_object *present = NULL;
    bool found = json_object_object_get_ex(parent, key, &present);
    if (change != STATE_PUT && !found) {
        return STATE_NO_SUCH_MEMBER;
    }
    if (change == STATE_REMOVE) {
        json_object_object_del(parent, key);
    } else if (change == STATE_PATCH && json_object_is_type(value, json_type_object) &&
               json_object_is_type(present, json_type_object)) {
        merge(present, value);
    } else {
        json_object_object_add(parent, key, tree_dup(value));
    }
    return STATE_CHANGED;
}

static enum state_result edit(struct json_object **tree, enum state_change change,
                              char *const *path, size_t count, struct json_object *value)
{
    if (count == 0) {
        if (change == STATE_REMOVE || !json_object_is_type(value, json_type_object)) {
            return STATE_NO_SUCH_MEMBER;
        }
        if (change == STATE_PATCH) {
            merge(*tree, value);
        } else {
            json_object_put(*tree);
            *tree = tree_dup(value);
        }
        return STATE_CHANGED;
    }
    struct json_object *parent = *tree;
    for (size_t i = 0; i + 1 < count && parent != NULL; i++) {
        parent = tree_get(parent, path[i], NULL);
    }
    if (!json_object_is_type(parent, json_type_object)) {
        return STATE_NO_SUCH_MEMBER;
    }
    return apply(parent, path[count - 1], change, value);
}

/* Only the holder of `changing` replaces the tree, so that it may read it without `lock`. */
struct json_object *state_begin(struct state *state)
{
    pthread_mutex_lock(&state->changing);
    struct json_object *copy = tree_dup(state->tree);
    if (copy == NULL) {
        pthread_mutex_unlock(&state->changing);
    }
    return copy;
}

static struct json_object *swap(struct state *state, struct json_object *next)
{
    pthread_mutex_lock(&state->lock);
    struct json_object *old = state->tree;
    state->tree = next;
    pthread_mutex_unlock(&state->lock);
    return old;
}

int state_commit(struct state *state, struct json_object *copy, bool changed, char *why,
                 size_t size)
{
    bool good = !changed || schema_check_state(copy, why, size);
    if (changed && good) {
        copy = swap(state, copy);
    }
    state_give_back(state, copy);
    pthread_mutex_unlock(&state->changing);
    return good ? 0 : -1;
}

enum state_result state_change(struct state *state, enum state_change change, char *const *path,
                               size_t count, struct json_object *value, char *why, size_t size)
{
    snprintf(why, size, "no such member");
    struct json_object *copy = state_begin(state);
    if (copy == NULL) {
        snprintf(why, size, "out of memory");
        return STATE_REFUSED;
    }
    enum state_result result = edit(&copy, change, path, count, value);
    if (state_commit(state, copy, result == STATE_CHANGED, why, size) != 0) {
        result = STATE_REFUSED;
    }
    return result;
}

void state_reset(struct state *state, enum state_world world)
{
    char why[256];
    struct json_object *copy = state_begin(state);
    if (copy == NULL) {
        return;
    }
    json_object_put(copy);
    copy = tree_dup(state->seeds[world]);
    (void)state_commit(state, copy, copy != NULL, why, sizeof(why));
}
