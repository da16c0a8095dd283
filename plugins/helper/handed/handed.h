/* SPDX-License-Identifier: MIT */
/*
 * Credentials that somebody else obtained and hands over as text: one line from standard input, one
 * line of a helper's output, a token whose expiry stands in itself.
 */
#ifndef HANDED_H
#define HANDED_H

#include <acsmtp/context.h>
#include <acsmtp/credential.h>
#include <acsmtp/error.h>
#include <acsmtp/secret.h>
#include <acsmtp/settings.h>
#include <stdint.h>

/*
 * The instance of a plugin whose secret stands in SECRET option `option` or, with the boolean
 * option "stdin", on the first line of standard input, which is read once and then remembered.
 */
struct handed {
    const struct acsmtp_settings *settings;
    const char *option;
    struct acsmtp_secret *line;
};

/* UNAVAILABLE when neither is set; `variable` is the option's environment name, for the message. */
int handed_open(const struct acsmtp_settings *settings, const char *option, const char *variable,
                void **instance, struct acsmtp_error *err) ACSMTP_CHECK;

/* The secret, for the caller to free. */
int handed_read(struct handed *handed, struct acsmtp_context *context,
                struct acsmtp_secret **secret, struct acsmtp_error *err) ACSMTP_CHECK;

/* The close operation of such a plugin. */
void handed_close(void *instance);

/* Cut a secret at its first line end (LF or CRLF). */
void handed_first_line(struct acsmtp_secret *secret);

/* CONFIG when a password holds CR, LF or NUL, which no login can carry; `hint` ends the message. */
int handed_check_password(const struct acsmtp_secret *password, const char *hint,
                          struct acsmtp_error *err) ACSMTP_CHECK;

/* Unix seconds at which a token says that it expires; 0 when it is opaque or does not tell. */
int64_t handed_token_expiry(const struct acsmtp_secret *token);

/* DENIED with the time in the message when `expires_on` is known and has passed. */
int handed_check_expiry(const char *what, int64_t expires_on,
                        struct acsmtp_error *err) ACSMTP_CHECK;

/*
 * Fill in a token; it moves, also on failure. `expires_on` 0: what the token says itself. DENIED
 * with the time in the message when that has passed.
 */
int handed_set_token(struct acsmtp_credential *out, struct acsmtp_secret *token, int64_t expires_on,
                     struct acsmtp_error *err) ACSMTP_CHECK;

#endif
