/* SPDX-License-Identifier: MIT */
/*
 * "Nobody answers there", remembered until the next boot: a source whose absence can only be found
 * out by waiting (a metadata service) is waited for once, not once a process. Only silence is
 * remembered. A refusal or an unreachable network is told in milliseconds, and ends as soon as a
 * service starts or the network is up.
 *
 * A verdict holds for this boot and this network namespace: a container sees another network than
 * its host. In the first minutes after a boot nothing is remembered, since what is silent then may
 * only be slow. Files are in ~/.cache/acsmtp/probes; without a usable folder there is no memory.
 */
#ifndef VERDICT_H
#define VERDICT_H

#include "digest.h"
#include <stddef.h>

#define VERDICT_TEXT_MAX 512

/* 1 when silence is remembered under the key, with the words of then. */
int verdict_recall(const char key[DIGEST_HEX], char *why, size_t capacity);

void verdict_remember(const char key[DIGEST_HEX], const char *why);
void verdict_forget(const char key[DIGEST_HEX]);

#endif
