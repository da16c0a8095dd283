/* SPDX-License-Identifier: MIT */
/* Request counts and the list of refusals; see counters.h. */
#include "counters.h"

#include "tree.h"

enum { REFUSALS_MAXIMUM = 256 };

void counters_init(struct counters *counters)
{
    pthread_mutex_init(&counters->lock, NULL);
    counters->counts = json_object_new_object();
    counters->refusals = json_object_new_array();
}

void counters_release(struct counters *counters)
{
    json_object_put(counters->counts);
    json_object_put(counters->refusals);
    pthread_mutex_destroy(&counters->lock);
}

void counters_add(struct counters *counters, const char *service, const char *what)
{
    pthread_mutex_lock(&counters->lock);
    struct json_object *of_service = tree_get(counters->counts, service, NULL);
    if (of_service == NULL) {
        of_service = tree_set_object(counters->counts, service);
    }
    tree_set_int(of_service, what, tree_int(of_service, what, 0) + 1);
    pthread_mutex_unlock(&counters->lock);
}

void counters_refuse(struct counters *counters, const char *service, const char *reason)
{
    struct json_object *entry = json_object_new_object();
    tree_set_string(entry, "service", service);
    tree_set_string(entry, "reason", reason);
    pthread_mutex_lock(&counters->lock);
    if (json_object_array_length(counters->refusals) >= REFUSALS_MAXIMUM) {
        json_object_array_del_idx(counters->refusals, 0, 1);
    }
    json_object_array_add(counters->refusals, entry);
    pthread_mutex_unlock(&counters->lock);
}

struct json_object *counters_counts(struct counters *counters)
{
    pthread_mutex_lock(&counters->lock);
    struct json_object *copy = tree_dup(counters->counts);
    pthread_mutex_unlock(&counters->lock);
    return copy;
}

struct json_object *counters_refusals(struct counters *counters)
{
    pthread_mutex_lock(&counters->lock);
    struct json_object *copy = tree_dup(counters->refusals);
    pthread_mutex_unlock(&counters->lock);
    return copy;
}

void counters_clear(struct counters *counters)
{
    pthread_mutex_lock(&counters->lock);
    json_object_put(counters->counts);
    json_object_put(counters->refusals);
    counters->counts = json_object_new_object();
    counters->refusals = json_object_new_array();
    pthread_mutex_unlock(&counters->lock);
}
