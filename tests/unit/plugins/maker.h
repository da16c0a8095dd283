/* SPDX-License-Identifier: MIT */
/* What the files of the plugin `maker` share: maker.c has its results and operations, maker_work.c
 * the steps of an operation, maker_world.c the provider. */
#ifndef MAKER_H
#define MAKER_H

#include "names.h"
#include <pthread.h>
#include <string.h>

#define THINGS_MAX 128
#define NEEDS_MAX 8

struct maker {
    const struct acsmtp_settings *settings;
};

struct work;

/* "name:need,need" */
struct thing {
    struct work *work;
    char name[64], title[96], change[8];
    char need[NEEDS_MAX][64];
    const char *needs[NEEDS_MAX + 1];
    int state;
    int64_t begun;
    pthread_t thread;
};

/* One operation. The lock is held while the observer is called, so its calls come one at a time. */
struct work {
    const struct maker *maker;
    struct acsmtp_context *context;
    const struct acsmtp_provision_observer *observer;
    int reads_only, destroys;
    struct acsmtp_json *world;
    pthread_mutex_t lock;
    pthread_cond_t moved;
    struct thing things[THINGS_MAX];
    size_t count;
    struct acsmtp_error failure;
};

/* The value of an option; NULL when it is not set. */
static inline const char *maker_text(const struct maker *maker, const char *option)
{
    return acsmtp_settings_string(maker->settings, option);
}

/* Whether the name is the one that an option wants; no when it wants none. */
static inline int maker_is(const char *name, const char *wanted)
{
    return wanted && strcmp(name, wanted) == 0;
}

/* The file that is the provider; an empty object when there is none yet. */
struct acsmtp_json *maker_world_read(const char *path, struct acsmtp_error *err);

/* What is to happen to a thing, and making it happen. */
const char *maker_world_change(const struct work *work, const char *name);
int maker_world_apply(struct work *work, const struct thing *thing, struct acsmtp_error *err);

/* The steps: read from the option "things", run, each in a thread of its own. */
int maker_work_open(struct work *work, const struct maker *maker, struct acsmtp_context *context,
                    const struct acsmtp_provision_observer *observer, struct acsmtp_error *err);
int maker_work_run(struct work *work, struct acsmtp_error *err);

#endif
