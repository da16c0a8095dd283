/* SPDX-License-Identifier: MIT */
/* What Vault's answers mean: a client token, a secret, or one of many refusals. */
#ifndef VAULT_REPLY_H
#define VAULT_REPLY_H

#include <acsmtp/error.h>
#include <acsmtp/http.h>
#include <acsmtp/json.h>
#include <acsmtp/secret.h>
#include <stdint.h>

/* A client token: "auth" in the answer to a login and to a renewal. */
struct vault_auth {
    struct acsmtp_secret *token; /* the caller's to free */
    int64_t life;                /* seconds; 0: it does not end (a root token) */
    int renewable;
};

/* PROTOCOL when it is none. `auth` is written on success only. */
int vault_reply_auth(const struct acsmtp_secret *body, struct vault_auth *auth,
                     struct acsmtp_error *err) ACSMTP_CHECK;

/* The current state of a secret in a KV engine. */
struct vault_secret {
    struct acsmtp_json *document;   /* the caller's to free; what follows is in it */
    const struct acsmtp_json *data; /* the fields */
    int64_t expires_on; /* Unix seconds by lease (KV v1) or deletion (KV v2); 0: not told */
};

/* `now`: Unix seconds when it was asked for. PROTOCOL when it is none. */
int vault_reply_secret(const struct acsmtp_secret *body, int kv_version, int64_t now,
                       struct vault_secret *secret, struct acsmtp_error *err) ACSMTP_CHECK;

/*
 * A field that is a text, for the caller to free. CONFIG when it is absent or empty, with the names
 * of those that are there, or holds a line break.
 */
int vault_reply_field(const struct vault_secret *secret, const char *name,
                      struct acsmtp_secret **value, struct acsmtp_error *err) ACSMTP_CHECK;

/* The failure that any answer but 200 stands for. `path`: of the secret, NULL: it was a login. */
int vault_reply_refuse(int http_status, const struct acsmtp_secret *body, const char *path,
                       struct acsmtp_error *err);

#endif
