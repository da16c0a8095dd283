/* SPDX-License-Identifier: MIT */
/* See login.h. */
#define _POSIX_C_SOURCE 200809L /* clock_gettime() */
#include "login.h"

#include "reply.h"
#include "request.h"

#include <string.h>
#include <time.h>

enum {
    MIN_VALIDITY = 60 /* seconds that a token of the nested chain should last */
};

static int64_t seconds(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

static int is(const struct vault_login *login, const char *way)
{
    return strcmp(acsmtp_settings_string(login->settings, "auth"), way) == 0;
}

/* ---- what the settings must hold ---- */

static int need(const struct vault_login *login, const char *one, const char *other,
                struct acsmtp_error *err)
{
    if (acsmtp_settings_has(login->settings, one) ||
        (other && acsmtp_settings_has(login->settings, other)))
        return ACSMTP_OK;
    return acsmtp_fail(err, ACSMTP_CONFIG, "auth '%s' needs the option '%s'%s%s%s",
                       acsmtp_settings_string(login->settings, "auth"), one, other ? " or '" : "",
                       other ? other : "", other ? "'" : "");
}

int vault_login_init(struct vault_login *login, const struct acsmtp_settings *settings,
                     struct acsmtp_error *err)
{
    *login = (struct vault_login){.settings = settings};
    if (is(login, "approle"))
        return need(login, "role_id", NULL, err);
    return need(login, is(login, "jwt") ? "jwt" : "token", "credentials", err);
}

static void drop_token(struct vault_login *login)
{
    acsmtp_secret_free(login->token);
    login->token = NULL;
}

void vault_login_forget(struct vault_login *login)
{
    drop_token(login);
    login->refresh = 1;
}

void vault_login_release(struct vault_login *login)
{
    drop_token(login);
    acsmtp_credential_free(login->given);
}

/* ---- what is handed over ---- */

/* The token of the nested chain: a JWT for Vault's jwt method, or a client token of Vault. */
static int ask_chain(struct vault_login *login, struct acsmtp_context *context,
                     struct acsmtp_secret **token, struct acsmtp_error *err)
{
    const struct acsmtp_credential_request request = {
        .size = sizeof request,
        .flags = login->refresh ? ACSMTP_REQUEST_REFRESH : 0,
        .scope = acsmtp_settings_string(login->settings, "scope"),
        .min_validity = MIN_VALIDITY,
    };
    int status = ACSMTP_SYSTEM;

    acsmtp_credential_free(login->given);
    login->given = acsmtp_credential_new(err);
    if (login->given)
        status = acsmtp_settings_credential(login->settings, context, "credentials", &request,
                                            login->given, err);
    if (status != ACSMTP_OK)
        return status;
    if (acsmtp_credential_kind(login->given) != ACSMTP_CREDENTIAL_TOKEN)
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "the credentials for Vault gave no token but a password");
    *token = acsmtp_secret_dup(acsmtp_credential_secret(login->given), err);
    return *token ? ACSMTP_OK : ACSMTP_SYSTEM;
}

/* 400 is Vault's refusal of a login. */
void vault_login_judge(struct vault_login *login, struct acsmtp_context *context, int http_status)
{
    int refused = http_status == 400 || http_status == 401 || http_status == 403;
    const struct acsmtp_verdict verdict = {.size = sizeof verdict,
                                           .status = refused ? ACSMTP_DENIED : ACSMTP_OK,
                                           .server_code = http_status,
                                           .credential = login->given};

    if (!login->given)
        return;
    acsmtp_settings_report(login->settings, context, "credentials", &verdict);
    acsmtp_credential_free(login->given);
    login->given = NULL;
    login->refresh = refused;
}

static int handed_over(struct vault_login *login, struct acsmtp_context *context,
                       const char *option, struct acsmtp_secret **token, struct acsmtp_error *err)
{
    if (acsmtp_settings_has(login->settings, option))
        return acsmtp_settings_secret(login->settings, context, option, token, err);
    return ask_chain(login, context, token, err);
}

/* ---- logging in ---- */

/* `proof` is a secret id or a JWT; a role of AppRole may do without (bind_secret_id). */
static int write_body(const struct vault_login *login, const struct acsmtp_secret *proof,
                      struct acsmtp_secret *body, struct acsmtp_error *err)
{
    int is_jwt = is(login, "jwt");
    const char *role = acsmtp_settings_string(login->settings, is_jwt ? "role" : "role_id");
    int status = ACSMTP_OK;

    if (role) /* else the default_role of the jwt method */
        status = vault_body_add(body, is_jwt ? "role" : "role_id", role, err);
    if (status == ACSMTP_OK && proof)
        status = vault_body_add(body, is_jwt ? "jwt" : "secret_id", acsmtp_secret_data(proof), err);
    return status == ACSMTP_OK ? vault_body_end(body, err) : status;
}

/* POST; the answer to a login and to a renewal is the same. `token` NULL: a login. */
static int exchange(struct vault_login *login, struct acsmtp_context *context,
                    const char *const *parts, const struct acsmtp_secret *body,
                    const struct acsmtp_secret *token, struct acsmtp_error *err)
{
    ACSMTP_AUTO_HTTP struct acsmtp_http_response *response = NULL;
    int64_t since = seconds();
    struct vault_auth auth;
    char url[VAULT_URL_MAX];
    int status =
        vault_url(acsmtp_settings_string(login->settings, "address"), parts, url, sizeof url, err);

    if (status == ACSMTP_OK)
        status = vault_send(login->settings, context, url, token, body, &response, err);
    if (status != ACSMTP_OK)
        return status;
    vault_login_judge(login, context, acsmtp_http_status(response));
    if (acsmtp_http_status(response) != 200) {
        status =
            vault_reply_refuse(acsmtp_http_status(response), acsmtp_http_body(response), NULL, err);
        if (err)
            err->retry_after = acsmtp_http_retry_after(response);
        return status;
    }
    status = vault_reply_auth(acsmtp_http_body(response), &auth, err);
    if (status != ACSMTP_OK)
        return status;
    drop_token(login);
    login->token = auth.token;
    login->since = since;
    login->life = auth.life;
    login->renewable = auth.renewable;
    return ACSMTP_OK;
}

/* The proof lives on until Vault has answered: an answer that repeats it is redacted then. */
static int log_in_once(struct vault_login *login, struct acsmtp_context *context,
                       struct acsmtp_error *err)
{
    const char *mount = acsmtp_settings_string(login->settings, "auth_mount");
    const char *way = acsmtp_settings_string(login->settings, "auth");
    const char *const parts[] = {"auth", mount ? mount : way, "login", NULL};
    ACSMTP_AUTO_SECRET struct acsmtp_secret *body = acsmtp_secret_new("", 0, err);
    ACSMTP_AUTO_SECRET struct acsmtp_secret *proof = NULL;
    int status = ACSMTP_SYSTEM;

    if (body && is(login, "jwt"))
        status = handed_over(login, context, "jwt", &proof, err);
    else if (body)
        status = acsmtp_settings_secret(login->settings, context, "secret_id", &proof, err);
    if (status == ACSMTP_OK)
        status = write_body(login, proof, body, err);
    return status == ACSMTP_OK ? exchange(login, context, parts, body, NULL, err) : status;
}

/* A proof that the nested chain had in its cache may be refused where a new one is not. */
static int log_in(struct vault_login *login, struct acsmtp_context *context,
                  struct acsmtp_error *err)
{
    int was_new = login->refresh || !acsmtp_settings_has(login->settings, "credentials");
    int status = log_in_once(login, context, err);

    if (status != ACSMTP_DENIED || was_new || !login->refresh)
        return status;
    if (err)
        acsmtp_error_clear(err);
    return log_in_once(login, context, err);
}

/* What cannot be renewed (max_ttl is reached, it was revoked) is replaced by a new login. */
static void renew(struct vault_login *login, struct acsmtp_context *context)
{
    static const char *const parts[] = {"auth/token/renew-self", NULL};
    struct acsmtp_error failure = ACSMTP_ERROR_INIT;
    ACSMTP_AUTO_SECRET struct acsmtp_secret *body = acsmtp_secret_new("{}", 2, &failure);
    ACSMTP_AUTO_SECRET struct acsmtp_secret *token = acsmtp_secret_dup(login->token, &failure);

    if (body && token && exchange(login, context, parts, body, token, &failure) == ACSMTP_OK)
        return;
    acsmtp_log(context, ACSMTP_LOG_INFO, "vault: the token is not renewed: %s", failure.message);
    drop_token(login);
}

static int ensure(struct vault_login *login, struct acsmtp_context *context, int *fresh,
                  struct acsmtp_error *err)
{
    int64_t age = seconds() - login->since;
    int64_t margin = login->life < 100 ? login->life / 10 : 10; /* for what is under way */

    if (login->token && login->life && age >= login->life - margin)
        drop_token(login);
    if (login->token && login->life && login->renewable && age >= login->life / 2)
        renew(login, context);
    *fresh = !login->token;
    return login->token ? ACSMTP_OK : log_in(login, context, err);
}

int vault_login_token(struct vault_login *login, struct acsmtp_context *context,
                      struct acsmtp_secret **token, int *fresh, struct acsmtp_error *err)
{
    int status;

    if (is(login, "token")) {
        *fresh = login->refresh || acsmtp_settings_has(login->settings, "token");
        return handed_over(login, context, "token", token, err);
    }
    status = ensure(login, context, fresh, err);
    if (status != ACSMTP_OK)
        return status;
    *token = acsmtp_secret_dup(login->token, err);
    return *token ? ACSMTP_OK : ACSMTP_SYSTEM;
}
