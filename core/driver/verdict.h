/* SPDX-License-Identifier: MIT */
/*
 * "Nobody is there", remembered until the next boot: a metadata service that is absent is looked
 * for once, not once a process. Remembered are silence, which costs a second to find out, and a
 * network that cannot reach it. A refused connection is not: it ends as soon as a service starts.
 *
 * A verdict holds for this boot, this network namespace (a container sees another network than its
 * host) and these IPv4 routes: in another network it is looked for again. In the first minutes
 * after a boot nothing is remembered, since what is silent then may only be slow. Files are in
 * ~/.cache/acsmtp/probes; without a usable folder there is no memory.
 */
#ifndef VERDICT_H
#define VERDICT_H

#include "digest.h"
#include <stddef.h>

#define VERDICT_TEXT_MAX 512

/* 1 when absence is remembered under the key, with the words of then. */
int verdict_recall(const char key[DIGEST_HEX], char *why, size_t capacity);

void verdict_remember(const char key[DIGEST_HEX], const char *why);
void verdict_forget(const char key[DIGEST_HEX]);

#endif
