/* SPDX-License-Identifier: MIT */
/*
 * The client token that opens Vault, by one of three ways:
 *
 *	token    handed over, or whatever token the nested chain gives
 *	approle  POST auth/MOUNT/login with a role id and a secret id
 *	jwt      POST auth/MOUNT/login with a JWT, handed over or from the nested chain
 *
 * The token of a login is kept for the life of the instance, renewed in the second half of its own
 * life where it can be, and replaced by a new login where it cannot.
 */
#ifndef VAULT_LOGIN_H
#define VAULT_LOGIN_H

#include <acsmtp/context.h>
#include <acsmtp/credential.h>
#include <acsmtp/error.h>
#include <acsmtp/secret.h>
#include <acsmtp/settings.h>
#include <stdint.h>

struct vault_login {
    const struct acsmtp_settings *settings;
    struct acsmtp_credential *given; /* by the nested chain, until Vault has judged it, or NULL */
    int refresh;                     /* what it gave was refused: it is asked for a new one */
    struct acsmtp_secret *token;     /* of the last login, or NULL */
    int64_t since, life;             /* seconds, of a clock that no one sets; life 0: without end */
    int renewable;
};

/* CONFIG when an option is missing that the way of logging in needs. */
int vault_login_init(struct vault_login *login, const struct acsmtp_settings *settings,
                     struct acsmtp_error *err) ACSMTP_CHECK;
void vault_login_release(struct vault_login *login);

/*
 * A client token, for the caller to free. *fresh tells whether it was got just now: if such a one
 * is refused, another will be too.
 */
int vault_login_token(struct vault_login *login, struct acsmtp_context *context,
                      struct acsmtp_secret **token, int *fresh,
                      struct acsmtp_error *err) ACSMTP_CHECK;

/* What Vault answered to the token: the nested chain is told, if the token was its. */
void vault_login_judge(struct vault_login *login, struct acsmtp_context *context, int http_status);

/* Vault refused the token: log in anew next time, past all caches. */
void vault_login_forget(struct vault_login *login);

#endif
