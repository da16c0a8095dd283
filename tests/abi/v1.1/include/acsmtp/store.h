/* SPDX-License-Identifier: MIT */
/*
 * What a plugin must keep between processes, such as a refresh token: one secret text a key, for
 * this user alone, in the keyring that the config chooses or else in a file beside the token cache.
 * "acsmtp logout" removes it.
 *
 *	acsmtp_store_open(settings, context, "device-code " CLIENT_ID, &store, err);
 *	acsmtp_store_get(store, &old, err);
 *	... the exchange that makes a new one of the old one ...
 *	acsmtp_store_set(store, new, err);
 *	acsmtp_store_close(store);
 *
 * From open to close the key is locked against other processes and threads, so that a secret that
 * is exchanged for its successor is exchanged once.
 */
#ifndef ACSMTP_STORE_H
#define ACSMTP_STORE_H

#include <acsmtp/context.h>
#include <acsmtp/error.h>
#include <acsmtp/secret.h>
#include <acsmtp/settings.h>

#ifdef __cplusplus
extern "C" {
#endif

struct acsmtp_store;

/*
 * Open and lock. `key` is any text that tells this secret from all others, the plugin's name
 * included; of an isolated plugin it begins with that, if need be by the host's doing; it may be
 * told to nobody but this user. Waits for another holder within the deadline of
 * `context`, which is borrowed until close(). UNAVAILABLE when nothing may or can be kept here (the
 * host runs without a cache, there is no home): then the plugin does without.
 */
int acsmtp_store_open(const struct acsmtp_settings *settings, struct acsmtp_context *context,
                      const char *key, struct acsmtp_store **store,
                      struct acsmtp_error *err) ACSMTP_CHECK;
void acsmtp_store_close(struct acsmtp_store *store);

/* The caller's to free. UNAVAILABLE when there is nothing. */
int acsmtp_store_get(struct acsmtp_store *store, struct acsmtp_secret **secret,
                     struct acsmtp_error *err) ACSMTP_CHECK;

/* 1 byte to 256 KiB. */
int acsmtp_store_set(struct acsmtp_store *store, const struct acsmtp_secret *secret,
                     struct acsmtp_error *err) ACSMTP_CHECK;

/* UNAVAILABLE when there was nothing. */
int acsmtp_store_remove(struct acsmtp_store *store, struct acsmtp_error *err);

#define ACSMTP_AUTO_STORE __attribute__((cleanup(acsmtp_store_cleanup)))
static inline void acsmtp_store_cleanup(struct acsmtp_store **store)
{
    acsmtp_store_close(*store);
}

#ifdef __cplusplus
}
#endif

#endif
