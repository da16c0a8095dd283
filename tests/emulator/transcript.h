/* SPDX-License-Identifier: MIT */
/* --transcript: one JSON object a line for each HTTP exchange of an emulated Azure service, with
 * credentials replaced by a word. */
#ifndef EMULATOR_TRANSCRIPT_H
#define EMULATOR_TRANSCRIPT_H

#include "http.h"

#include <pthread.h>
#include <stdio.h>

struct transcript {
    pthread_mutex_t lock;
    FILE *file; /* NULL: nothing is written */
};

/* path NULL: no transcript. -1 with errno when the file cannot be opened. */
int transcript_init(struct transcript *transcript, const char *path);
void transcript_release(struct transcript *transcript);
/* status 0 stands for a connection that was dropped without a reply. */
void transcript_write(struct transcript *transcript, const struct http_request *request,
                      const struct http_reply *reply, unsigned status);
#endif
