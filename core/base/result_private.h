/* SPDX-License-Identifier: MIT */
/*
 * Seeing results as they come: a process that may end at any moment tells each one at once.
 */
#ifndef RESULT_PRIVATE_H
#define RESULT_PRIVATE_H

#include <acsmtp/message.h>

#define RESULT_MESSAGE SIZE_MAX /* in the place of a recipient's index */

/* Called after each change, by the thread that made it. */
typedef void result_watcher(void *data, size_t index, const struct acsmtp_reply *reply);
void result_watch(struct acsmtp_result *result, result_watcher *watcher, void *data);

#endif
