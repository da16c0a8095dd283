/* SPDX-License-Identifier: MIT */
/*
 * The token cache that processes of one user share: slots in $XDG_CACHE_HOME/acsmtp/tokens or in a
 * keyring; the lock of each makes the first process ask and the others wait for its answer. An
 * entry remembers what it depended on (environment variables by digest, files by identity and time)
 * and is void when any of it changed.
 */
#ifndef CACHE_H
#define CACHE_H

#include "slot.h"
#include <acsmtp/context.h>
#include <acsmtp/credential.h>

struct cache_slot;

/* As slot_open(); `place` NULL: a file of no group. */
int cache_open(const struct slot_place *place, const char *key, struct cache_slot **slot,
               struct acsmtp_error *err);
void cache_close(struct cache_slot *slot);

/* OK and a filled credential plus the winner's name, or UNAVAILABLE when there is no usable entry.
 */
int cache_read(struct cache_slot *slot, struct acsmtp_credential *out, char *winner,
               size_t capacity, struct acsmtp_error *err);

/*
 * Take the lock: wait until another holder gives it back, but not beyond the deadline. With
 * `wait` 0, TEMPORARY at once when somebody else holds it. unlock() is implied by close.
 */
int cache_lock(struct cache_slot *slot, struct acsmtp_context *context, int wait,
               struct acsmtp_error *err);
void cache_unlock(struct cache_slot *slot);

/* Inputs of the entry that will be written: a variable (value digested now) or a file (identity and
 * time now). */
int cache_add_input(struct cache_slot *slot, const char *variable, const char *file,
                    struct acsmtp_error *err);
int cache_write(struct cache_slot *slot, const struct acsmtp_credential *credential,
                const char *winner, struct acsmtp_error *err);
int cache_forget(struct cache_slot *slot, struct acsmtp_context *context, struct acsmtp_error *err);

#endif
