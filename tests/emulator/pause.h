/* SPDX-License-Identifier: MIT */
/* Waiting that a stop of the program ends at once. */
#ifndef EMULATOR_PAUSE_H
#define EMULATOR_PAUSE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct pause {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool stopping;
};

void pause_init(struct pause *pause);
void pause_release(struct pause *pause);
/* false when the program stops. */
bool pause_wait(struct pause *pause, int64_t milliseconds);
void pause_stop(struct pause *pause);
#endif
