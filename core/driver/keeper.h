/* SPDX-License-Identifier: MIT */
/*
 * A thread that renews a token ahead of its end while long work goes on, so that the work never
 * waits for a new one. It blocks all signals and does not log.
 */
#ifndef KEEPER_H
#define KEEPER_H

#include "chain.h"

struct keeper;

/* Below so many seconds of life a token is not shown to a server again. */
#define KEEPER_REUSE_SECONDS 60

/*
 * Look after `credential`, which `chain` gave for `request`. NULL when there is nothing to do (a
 * password, a token without an end) or no thread is to be had: the work can do without. The chain,
 * the request and what it points to must outlive the keeper; context and credential are copied.
 */
struct keeper *keeper_start(struct chain *chain, const struct acsmtp_context *context,
                            const struct acsmtp_credential_request *request,
                            const struct acsmtp_credential *credential);

/* End the thread, also in the middle of a request. NULL is allowed. */
void keeper_stop(struct keeper *keeper);

/* Put the newest token in the place of an older one: 1 when it did. NULL is allowed. */
int keeper_take(struct keeper *keeper, struct acsmtp_credential *credential);

#endif
