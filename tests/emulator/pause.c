/* SPDX-License-Identifier: MIT */
/* Interruptible sleeping on a condition; see pause.h. */
#include "pause.h"

#include <time.h>

void pause_init(struct pause *pause)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&pause->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&pause->lock, NULL);
    pause->stopping = false;
}

void pause_release(struct pause *pause)
{
    pthread_cond_destroy(&pause->changed);
    pthread_mutex_destroy(&pause->lock);
}

bool pause_wait(struct pause *pause, int64_t milliseconds)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += milliseconds / 1000;
    until.tv_nsec += milliseconds % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    int result = 0;
    pthread_mutex_lock(&pause->lock);
    while (!pause->stopping && result == 0) {
        result = pthread_cond_timedwait(&pause->changed, &pause->lock, &until);
    }
    bool stopping = pause->stopping;
    pthread_mutex_unlock(&pause->lock);
    return !stopping;
}

void pause_stop(struct pause *pause)
{
    pthread_mutex_lock(&pause->lock);
    pause->stopping = true;
    pthread_cond_broadcast(&pause->changed);
    pthread_mutex_unlock(&pause->lock);
}
