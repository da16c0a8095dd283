/* SPDX-License-Identifier: MIT */
/*
 * Keyrings: plugins that keep secrets for the user where the operating system does, in the place of
 * files. SECRET options refer to their entries with {"keyring": NAME}, and the host can keep cached
 * tokens and refresh tokens there.
 */
#ifndef ACSMTP_KEYRING_H
#define ACSMTP_KEYRING_H

#include <acsmtp/context.h>
#include <acsmtp/error.h>
#include <acsmtp/secret.h>
#include <acsmtp/settings.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* err->code of a failure that only says: there is no entry of that name. */
#define ACSMTP_KEYRING_NO_ENTRY "no_entry"

/*
 * `name` is 1 to 255 bytes of UTF-8 without control characters: an entry's name as a person wrote
 * it, or one of the host's own, which begin with "acsmtp/". A secret is 1 byte to 256 KiB of
 * anything.
 *
 * open    as for credentials: no network, no waiting.
 * get     a copy of the secret, the caller's to free. UNAVAILABLE with ACSMTP_KEYRING_NO_ENTRY when
 *         there is none.
 * set     makes or replaces the entry, so that a reader sees the old secret or the new one.
 * remove  OK when it is gone; UNAVAILABLE with ACSMTP_KEYRING_NO_ENTRY when there was none.
 *
 * All three: UNAVAILABLE when this keyring does not exist here or is locked, DENIED when it refuses
 * this user, TEMPORARY when its quota is used up or the deadline passes. No dialogue is begun
 * unless an option asks for it: a daemon must not hang.
 */
struct acsmtp_keyring_ops {
    uint32_t size; /* sizeof(struct acsmtp_keyring_ops) */
    int (*open)(const struct acsmtp_settings *settings, void **instance, struct acsmtp_error *err);
    int (*get)(void *instance, struct acsmtp_context *context, const char *name,
               struct acsmtp_secret **secret, struct acsmtp_error *err);
    int (*set)(void *instance, struct acsmtp_context *context, const char *name,
               const struct acsmtp_secret *secret, struct acsmtp_error *err);
    int (*remove)(void *instance, struct acsmtp_context *context, const char *name,
                  struct acsmtp_error *err);
    void (*close)(void *instance);
};

#ifdef __cplusplus
}
#endif

#endif
