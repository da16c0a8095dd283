/* SPDX-License-Identifier: MIT */
/* How often each service was asked for what, and why it refused: what tests assert on. */
#ifndef EMULATOR_COUNTERS_H
#define EMULATOR_COUNTERS_H

#include <json-c/json.h>
#include <pthread.h>

struct counters {
    pthread_mutex_t lock;
    struct json_object *counts;   /* service -> what -> number */
    struct json_object *refusals; /* the newest ones, oldest first */
};

void counters_init(struct counters *counters);
void counters_release(struct counters *counters);
void counters_add(struct counters *counters, const char *service, const char *what);
/* Notes the true reason of a refusal, which the reply itself does not tell. */
void counters_refuse(struct counters *counters, const char *service, const char *reason);
/* Copies; the caller puts them. */
struct json_object *counters_counts(struct counters *counters);
struct json_object *counters_refusals(struct counters *counters);
void counters_clear(struct counters *counters);
#endif
