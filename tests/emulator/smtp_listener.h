/* SPDX-License-Identifier: MIT */
/* Accepts SMTP connections and runs a session for each on a thread of its own. */
#ifndef EMULATOR_SMTP_LISTENER_H
#define EMULATOR_SMTP_LISTENER_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SMTP_MAXIMUM_THREADS = 1100 };

struct emulator;

struct smtp_listener {
    struct emulator *emulator;
    int fd;
    int wake[2]; /* a pipe that ends the accept loop */
    uint16_t port;
    pthread_t thread;
    bool running;
    pthread_mutex_t lock;
    pthread_cond_t idle;
    int connections[SMTP_MAXIMUM_THREADS]; /* descriptors, to be shut down at the end */
    size_t count;
    size_t authenticated;
    int64_t next_id;
};

int smtp_listener_init(struct smtp_listener *listener, struct emulator *emulator);
int smtp_listener_start(struct smtp_listener *listener);
/* Ends all sessions and waits for them. */
void smtp_listener_stop(struct smtp_listener *listener);
void smtp_listener_release(struct smtp_listener *listener);
/* Counts one more authenticated session unless there are maximum already. */
bool smtp_listener_admit(struct smtp_listener *listener, size_t maximum);
void smtp_listener_leave(struct smtp_listener *listener);
#endif
