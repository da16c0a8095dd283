/* SPDX-License-Identifier: MIT */
/*
 * Secrets. A password, a token, a key and every buffer that holds one is a struct acsmtp_secret
 * from the moment it is read: memory of its own that is locked (not swapped), left out of core
 * files, never inherited by a child, and wiped when it is freed or grows. Where the limit on locked
 * memory forbids locking, the rest still holds.
 *
 * A secret is also known to acsmtp_redact(): as long as it lives, log lines and error messages show
 * "<secret>" in its place.
 *
 * One secret must not be changed by two threads at once; different secrets are independent.
 */
#ifndef ACSMTP_SECRET_H
#define ACSMTP_SECRET_H

#include <acsmtp/error.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct acsmtp_secret;

/* No secret grows beyond this many bytes (a token is 2 to 12 KiB, an HTTP reply at most 1 MiB). */
#define ACSMTP_SECRET_MAX (4U * 1024U * 1024U)

/* A copy of `size` bytes (may be 0); the caller wipes its own. NULL and `err` on failure. */
struct acsmtp_secret *acsmtp_secret_new(const void *bytes, size_t size, struct acsmtp_error *err);

/* Wipe and free. NULL is allowed. */
void acsmtp_secret_free(struct acsmtp_secret *secret);

/* Borrowed until the secret changes or is freed; always followed by a NUL that size() does not
 * count. */
const char *acsmtp_secret_data(const struct acsmtp_secret *secret);
size_t acsmtp_secret_size(const struct acsmtp_secret *secret);

/*
 * Add bytes at the end. ACSMTP_SYSTEM when memory fails, ACSMTP_PROTOCOL when it would pass
 * ACSMTP_SECRET_MAX; then the secret is as before.
 */
int acsmtp_secret_append(struct acsmtp_secret *secret, const void *bytes, size_t size,
                         struct acsmtp_error *err) ACSMTP_CHECK;

/* Cut to the first `size` bytes and wipe the rest; nothing happens when it is shorter already. */
void acsmtp_secret_truncate(struct acsmtp_secret *secret, size_t size);

/* A second secret with the same bytes, for the caller to free. NULL and `err` on failure. */
struct acsmtp_secret *acsmtp_secret_dup(const struct acsmtp_secret *secret,
                                        struct acsmtp_error *err);

/* Overwrite memory of any kind in a way the compiler does not remove. */
void acsmtp_wipe(void *memory, size_t size);

/*
 * Standard base64 (RFC 4648 section 4, padded) of `size` bytes, appended to `out`: what SASL sends.
 */
int acsmtp_secret_append_base64(struct acsmtp_secret *out, const void *bytes, size_t size,
                                struct acsmtp_error *err) ACSMTP_CHECK;

/*
 * Replace in `text`, in place, every living secret of at least 6 bytes, every JWT and every value
 * behind "Bearer " or "Basic " by "<secret>" (cut where it would not fit). Safe from any thread.
 */
void acsmtp_redact(char *text, size_t capacity);

/* Take a pointer out of a variable that would free it at the end of its scope. */
#define ACSMTP_STEAL(type, variable)                                                               \
    __extension__({                                                                                \
        __typeof__(type) *stolen_ = (variable);                                                    \
        (variable) = NULL;                                                                         \
        stolen_;                                                                                   \
    })

/* ACSMTP_AUTO_SECRET struct acsmtp_secret *s = NULL; is freed at the end of its scope. */
#define ACSMTP_AUTO_SECRET __attribute__((cleanup(acsmtp_secret_cleanup)))
static inline void acsmtp_secret_cleanup(struct acsmtp_secret **secret)
{
    acsmtp_secret_free(*secret);
}

#ifdef __cplusplus
}
#endif

#endif
