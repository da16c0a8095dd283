/* SPDX-License-Identifier: MIT */
/* Copy-on-write JSON state; see state.h. */
#include "state.h"

#include "schema.h"
#include "tree.h"

#include <stdio.h>

int state_init(struct state *state, struct json_object *seed, char *why, size_t size)
{
    *state = (struct state){.seed = seed};
    pthread_mutex_init(&state->lock, NULL);
    state->tree = tree_dup(seed);
    return state->tree != NULL && schema_check_state(seed, why, size) ? 0 : -1;
}

void state_release(struct state *state)
{
    json_object_put(state->tree);
    json_object_put(state->seed);
    pthread_mutex_destroy(&state->lock);
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

enum state_result state_change(struct state *state, enum state_change change, char *const *path,
                               size_t count, struct json_object *value, char *why, size_t size)
{
    snprintf(why, size, "no such member");
    pthread_mutex_lock(&state->lock);
    struct json_object *copy = tree_dup(state->tree);
    enum state_result result = edit(&copy, change, path, count, value);
    if (result == STATE_CHANGED && !schema_check_state(copy, why, size)) {
        result = STATE_REFUSED;
    }
    if (result == STATE_CHANGED) {
        struct json_object *old = state->tree;
        state->tree = copy;
        copy = old;
    }
    json_object_put(copy);
    pthread_mutex_unlock(&state->lock);
    return result;
}

void state_reset(struct state *state)
{
    pthread_mutex_lock(&state->lock);
    struct json_object *copy = tree_dup(state->seed);
    if (copy != NULL) {
        json_object_put(state->tree);
        state->tree = copy;
    }
    pthread_mutex_unlock(&state->lock);
}
