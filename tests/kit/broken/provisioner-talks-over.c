/* SPDX-License-Identifier: MIT */
/* Two threads tell at the same time. */
#include "provisioner.h"

#include <pthread.h>

struct telling {
    const struct acsmtp_provision_observer *observer;
    const struct acsmtp_step *step;
    pthread_barrier_t both;
};

static void *tell_too(void *data)
{
    struct telling *telling = data;

    (void)pthread_barrier_wait(&telling->both);
    tell(telling->observer, telling->step);
    return NULL;
}

static void tell_twice(const struct acsmtp_provision_observer *observer,
                       const struct acsmtp_step *step)
{
    struct telling telling = {.observer = observer, .step = step};
    pthread_t thread;

    (void)pthread_barrier_init(&telling.both, NULL, 2);
    if (pthread_create(&thread, NULL, tell_too, &telling) == 0) {
        (void)tell_too(&telling);
        (void)pthread_join(thread, NULL);
    }
    (void)pthread_barrier_destroy(&telling.both);
}

#define TELL tell_twice
#include "provisioner_operations.h"

PROVISIONER(.verify = NULL);
