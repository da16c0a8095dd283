/* SPDX-License-Identifier: MIT */
/*
 * The keyrings of one driver: plugins of kind keyring, each opened once, when it is first needed.
 */
#ifndef KEYRINGS_H
#define KEYRINGS_H

#include "config.h"
#include <acsmtp/context.h>
#include <acsmtp/secret.h>

struct chain_host;
struct keyring;
struct keyrings;

/* `host` is borrowed and outlives them. Loads nothing. */
int keyrings_open(const struct chain_host *host, struct keyrings **keyrings,
                  struct acsmtp_error *err);
void keyrings_close(struct keyrings *keyrings);

/*
 * The keyring of that plugin, or with NULL the one that "keyring" in profile or config chooses.
 * Borrowed. CONFIG when none is chosen or there is no such plugin; UNAVAILABLE when it does not
 * work here. Any thread.
 */
int keyrings_get(struct keyrings *keyrings, const char *plugin, struct keyring **keyring,
                 struct acsmtp_error *err);

/* The plugin that "keyring" chooses, NULL when there is none. */
const char *keyrings_chosen(const struct config *config);

/* The plugin's name. */
const char *keyring_name(const struct keyring *keyring);

/* The operations of keyring.h, with locks as the plugin wants them, and failures that name it. */
int keyring_get(struct keyring *keyring, struct acsmtp_context *context, const char *name,
                struct acsmtp_secret **secret, struct acsmtp_error *err);
int keyring_set(struct keyring *keyring, struct acsmtp_context *context, const char *name,
                const struct acsmtp_secret *secret, struct acsmtp_error *err);
int keyring_remove(struct keyring *keyring, struct acsmtp_context *context, const char *name,
                   struct acsmtp_error *err);

#endif
