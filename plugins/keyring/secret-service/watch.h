/* SPDX-License-Identifier: MIT */
/*
 * Deadline and cancellation of a context for calls of GLib that block: a thread that watches both
 * and cancels the call. One watch is one call.
 */
#ifndef SECRET_SERVICE_WATCH_H
#define SECRET_SERVICE_WATCH_H

#include <acsmtp/context.h>
#include <gio/gio.h>
#include <pthread.h>

struct watch {
    struct acsmtp_context *context;
    GCancellable *cancellable;
    int done[2]; /* a pipe: closed at one end when the call is over */
    pthread_t thread;
};

int watch_start(struct watch *watch, struct acsmtp_context *context, struct acsmtp_error *err);
void watch_stop(struct watch *watch);

#endif
