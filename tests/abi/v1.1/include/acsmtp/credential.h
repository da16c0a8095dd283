/* SPDX-License-Identifier: MIT */
/*
 * What a credential source returns: an access token with its expiry, or a user name and a password.
 * A struct acsmtp_credential is created by the caller of acquire() and filled by the plugin through
 * the two setters; it owns the secret it was given.
 */
#ifndef ACSMTP_CREDENTIAL_H
#define ACSMTP_CREDENTIAL_H

#include <acsmtp/error.h>
#include <acsmtp/secret.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct acsmtp_credential;

/* Bits, so that a transport can say in one word what it accepts. */
enum acsmtp_credential_kind {
    ACSMTP_CREDENTIAL_NONE = 1,    /* nothing: transports that need no identity accept this */
    ACSMTP_CREDENTIAL_TOKEN = 2,   /* OAuth 2.0 bearer token (RFC 6750) */
    ACSMTP_CREDENTIAL_PASSWORD = 4 /* user name and password */
};

enum acsmtp_request_flag {
    ACSMTP_REQUEST_REFRESH = 1 /* the server refused the last one: do not answer from any cache */
};

/* What is asked for. Texts are borrowed for the call; they hold no control characters. */
struct acsmtp_credential_request {
    uint32_t size;      /* sizeof(struct acsmtp_credential_request) */
    uint32_t flags;     /* enum acsmtp_request_flag */
    const char *scope;  /* one v2.0 scope, "https://communication.azure.com/.default"; never NULL */
    const char *tenant; /* tenant id or domain, or NULL: the source's own */
    const char *claims; /* claims challenge to pass on (JSON), or NULL */
    const char
        *username; /* the profile's SMTP user name, or NULL; a source of passwords may use it */
    int64_t min_validity; /* seconds a token should still be valid */
};

/*
 * What became of a credential: the last word of the server that it was shown to. `credential` says
 * which one that was: among threads, a refusal that comes late must not void a newer token.
 */
struct acsmtp_verdict {
    uint32_t size;       /* sizeof(struct acsmtp_verdict) */
    int32_t status;      /* ACSMTP_OK accepted, ACSMTP_DENIED refused */
    int32_t server_code; /* SMTP reply or HTTP status */
    const char *text;    /* the server's words, borrowed for the call; may be NULL */
    const struct acsmtp_credential *credential; /* since ABI 1.1: as it was given out, borrowed for
                                                   the call; NULL: the one that was given last */
};

/* An empty credential; NULL and `err` when memory fails. free() wipes and accepts NULL. */
struct acsmtp_credential *acsmtp_credential_new(struct acsmtp_error *err);
void acsmtp_credential_free(struct acsmtp_credential *credential);

/*
 * Fill in a token. `token` moves into the credential, also when this fails. `expires_on` and
 * `refresh_on` are Unix seconds; refresh_on 0: the host decides (half of the life of long ones).
 * ACSMTP_PROTOCOL when the token is empty, longer than 64 KiB or holds anything but visible ASCII.
 */
int acsmtp_credential_set_token(struct acsmtp_credential *credential, struct acsmtp_secret *token,
                                int64_t expires_on, int64_t refresh_on,
                                struct acsmtp_error *err) ACSMTP_CHECK;

/*
 * Fill in a user name and a password. `password` moves into the credential, also when this fails;
 * `username` is copied and may be NULL: the profile's is used. ACSMTP_PROTOCOL when the password is
 * empty, or when either holds CR, LF or NUL.
 */
int acsmtp_credential_set_password(struct acsmtp_credential *credential, const char *username,
                                   struct acsmtp_secret *password,
                                   struct acsmtp_error *err) ACSMTP_CHECK;

/*
 * The credential came from this file (absolute path, copied): when the file changes, a cached copy
 * of the credential is worth nothing.
 */
int acsmtp_credential_depends_on(struct acsmtp_credential *credential, const char *path,
                                 struct acsmtp_error *err) ACSMTP_CHECK;

/* Getters. Borrowed until the credential changes. kind() is ACSMTP_CREDENTIAL_NONE while empty. */
int acsmtp_credential_kind(const struct acsmtp_credential *credential);
const struct acsmtp_secret *acsmtp_credential_secret(const struct acsmtp_credential *credential);
const char *acsmtp_credential_username(const struct acsmtp_credential *credential);
int64_t acsmtp_credential_expires_on(const struct acsmtp_credential *credential);
int64_t acsmtp_credential_refresh_on(const struct acsmtp_credential *credential);

#ifdef __cplusplus
}
#endif

#endif
