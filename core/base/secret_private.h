/* SPDX-License-Identifier: MIT */
/*
 * What the rest of core/base may do with secrets beyond the public header: read a file or a pipe
 * straight into one, and look at all that live (to redact them).
 */
#ifndef SECRET_PRIVATE_H
#define SECRET_PRIVATE_H

#include <acsmtp/secret.h>

/*
 * Room for at least `size` further bytes behind the end; NULL and `err` as acsmtp_secret_append().
 * What was written there becomes part of the secret with secret_commit().
 */
char *secret_reserve(struct acsmtp_secret *secret, size_t size, struct acsmtp_error *err);
void secret_commit(struct acsmtp_secret *secret, size_t size);

/*
 * Walk all living secrets. From first() to unlock() no secret can change, and no other function of
 * this file or of secret.h may be called by this thread, except data() and size().
 */
const struct acsmtp_secret *secret_lock_first(void);
const struct acsmtp_secret *secret_next(const struct acsmtp_secret *secret);
void secret_unlock(void);

#endif
