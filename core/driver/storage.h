/* SPDX-License-Identifier: MIT */
/*
 * Where tokens and what plugins keep stay between processes, as "cache" and "keyring" in the config
 * say: in files, in a keyring, or nowhere.
 */
#ifndef STORAGE_H
#define STORAGE_H

#include "chain.h"
#include "slot.h"

/* Set the host's use_* and *_keyring; `flags` are those of the driver's options. Loads nothing. */
void storage_choose(struct chain_host *host, uint32_t flags);

/* Load and open the keyrings that were chosen. */
int storage_check(const struct chain_host *host, struct acsmtp_error *err);

/* The place of what plugins keep. UNAVAILABLE when nothing may be kept. */
int storage_place(const struct chain_host *host, struct slot_place *place,
                  struct acsmtp_error *err);

#endif
