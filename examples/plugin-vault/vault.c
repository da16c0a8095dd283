/* SPDX-License-Identifier: MIT */
/*
 * A password or an access token that is kept in a KV engine (version 1 or 2) of HashiCorp Vault or
 * OpenBao. Vault wants a token first: login.c gets it, where need be with a chain of credentials of
 * this plugin's own. What Vault answers is judged in reply.c.
 */
#include "login.h"
#include "reply.h"
#include "request.h"

#include <acsmtp/plugin.h>
#include <acsmtp/token.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *const vault_ways[] = {"token", "approle", "jwt", NULL};

static const struct acsmtp_option vault_options[] = {
    {.name = "address",
     .type = ACSMTP_STRING,
     .flags = ACSMTP_REQUIRED,
     .environment = "VAULT_ADDR",
     .summary = "Address of Vault, https://HOST[:PORT]; http on this machine (an agent)."},
    {.name = "namespace",
     .type = ACSMTP_STRING,
     .environment = "VAULT_NAMESPACE",
     .summary = "Namespace of the secret and of the login."},
    {.name = "mount",
     .type = ACSMTP_STRING,
     .default_value = "secret",
     .summary = "Where the KV engine is mounted."},
    {.name = "path",
     .type = ACSMTP_STRING,
     .flags = ACSMTP_REQUIRED,
     .summary = "Path of the secret in the engine, without \"data/\"."},
    {.name = "kv_version",
     .type = ACSMTP_INTEGER,
     .default_value = "2",
     .minimum = 1,
     .maximum = 2,
     .summary = "Version of the KV engine."},
    {.name = "version",
     .type = ACSMTP_INTEGER,
     .minimum = 1,
     .maximum = INT32_MAX,
     .summary = "Version of the secret (kv_version 2); the current one unless given."},
    {.name = "username",
     .type = ACSMTP_STRING,
     .summary = "SMTP user name; unless given what username_field holds, else the profile's."},
    {.name = "username_field",
     .type = ACSMTP_STRING,
     .default_value = "username",
     .summary = "Field of the secret that may hold the user name."},
    {.name = "password_field",
     .type = ACSMTP_STRING,
     .default_value = "password",
     .summary = "Field of the secret that holds the password."},
    {.name = "token_field",
     .type = ACSMTP_STRING,
     .summary = "Field that holds an access token, which is then given in place of a password."},
    {.name = "auth",
     .type = ACSMTP_STRING,
     .default_value = "token",
     .values = vault_ways,
     .summary = "How to log in to Vault."},
    {.name = "auth_mount",
     .type = ACSMTP_STRING,
     .summary = "Where that way is mounted below auth/; as it is called unless given."},
    {.name = "token",
     .type = ACSMTP_STRING,
     .flags = ACSMTP_SECRET,
     .environment = "VAULT_TOKEN",
     .summary = "Client token of Vault, for auth token."},
    {.name = "role_id", .type = ACSMTP_STRING, .summary = "Role id, for auth approle."},
    {.name = "secret_id",
     .type = ACSMTP_STRING,
     .flags = ACSMTP_SECRET,
     .summary = "Secret id, for auth approle; a role may do without."},
    {.name = "role",
     .type = ACSMTP_STRING,
     .summary = "Role, for auth jwt; the default_role there unless given."},
    {.name = "jwt",
     .type = ACSMTP_STRING,
     .flags = ACSMTP_SECRET,
     .summary = "JWT that proves who asks, for auth jwt."},
    {.name = "credentials",
     .type = ACSMTP_CHAIN,
     .summary = "Sources of that token or JWT, in order, where it is not given."},
    {.name = "scope",
     .type = ACSMTP_STRING,
     .default_value = "https://management.azure.com/.default",
     .summary = "Scope that the credentials are asked for: the audience that Vault's role binds."},
    {.name = "timeout",
     .type = ACSMTP_DURATION,
     .default_value = "30s",
     .minimum = 100,
     .maximum = 300000,
     .summary = "Longest wait for one answer of Vault."},
};

struct vault {
    const struct acsmtp_settings *settings;
    struct vault_login login;
    int kv_version;
    char url[VAULT_URL_MAX]; /* of the secret */
};

static int vault_locate(struct vault *vault, struct acsmtp_error *err)
{
    const struct acsmtp_settings *settings = vault->settings;
    int is_first = vault->kv_version == 1;
    const char *mount = acsmtp_settings_string(settings, "mount");
    const char *path = acsmtp_settings_string(settings, "path");
    const char *const parts[] = {mount, is_first ? path : "data", is_first ? NULL : path, NULL};
    int64_t version = acsmtp_settings_integer(settings, "version");
    int status = vault_url(acsmtp_settings_string(settings, "address"), parts, vault->url,
                           sizeof vault->url - 32, err);
    size_t size = status == ACSMTP_OK ? strlen(vault->url) : 0;

    if (status == ACSMTP_OK && version && is_first)
        return acsmtp_fail(err, ACSMTP_CONFIG, "kv_version 1 keeps no versions of a secret");
    if (status == ACSMTP_OK && version)
        (void)snprintf(vault->url + size, sizeof vault->url - size, "?version=%lld",
                       (long long)version);
    return status;
}

static int vault_open(const struct acsmtp_settings *settings, void **instance,
                      struct acsmtp_error *err)
{
    struct vault *vault = calloc(1, sizeof *vault);
    int status;

    if (!vault)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    vault->settings = settings;
    vault->kv_version = (int)acsmtp_settings_integer(settings, "kv_version");
    status = vault_login_init(&vault->login, settings, err);
    if (status == ACSMTP_OK)
        status = vault_locate(vault, err);
    if (status == ACSMTP_OK)
        *instance = vault;
    else
        free(vault);
    return status;
}

/* ---- asking ---- */

static int vault_get(struct vault *vault, struct acsmtp_context *context, int *fresh,
                     struct acsmtp_http_response **response, struct acsmtp_error *err)
{
    ACSMTP_AUTO_SECRET struct acsmtp_secret *token = NULL;
    int status = vault_login_token(&vault->login, context, &token, fresh, err);

    if (status == ACSMTP_OK)
        status = vault_send(vault->settings, context, vault->url, token, NULL, response, err);
    if (status == ACSMTP_OK)
        vault_login_judge(&vault->login, context, acsmtp_http_status(*response));
    return status;
}

/* A token that was kept may have been revoked meanwhile: then once more with one of a new login. */
static int vault_read(struct vault *vault, struct acsmtp_context *context,
                      struct acsmtp_http_response **response, struct acsmtp_error *err)
{
    int fresh = 0;
    int status = vault_get(vault, context, &fresh, response, err);

    if (status == ACSMTP_OK && acsmtp_http_status(*response) == 403 && !fresh) {
        acsmtp_http_response_free(ACSMTP_STEAL(struct acsmtp_http_response, *response));
        vault_login_forget(&vault->login);
        status = vault_get(vault, context, &fresh, response, err);
    }
    if (status != ACSMTP_OK || acsmtp_http_status(*response) == 200)
        return status;
    status = vault_reply_refuse(acsmtp_http_status(*response), acsmtp_http_body(*response),
                                acsmtp_settings_string(vault->settings, "path"), err);
    if (err)
        err->retry_after = acsmtp_http_retry_after(*response);
    return status;
}

/* ---- what the secret is good for ---- */

static int vault_give_password(const struct vault *vault, const struct vault_secret *secret,
                               struct acsmtp_credential *out, struct acsmtp_error *err)
{
    const struct acsmtp_settings *settings = vault->settings;
    const char *username = acsmtp_settings_string(settings, "username");
    struct acsmtp_secret *password = NULL;
    int status = vault_reply_field(secret, acsmtp_settings_string(settings, "password_field"),
                                   &password, err);

    if (status != ACSMTP_OK)
        return status;
    if (!username)
        username =
            acsmtp_json_string(secret->data, acsmtp_settings_string(settings, "username_field"));
    return acsmtp_credential_set_password(out, username && *username ? username : NULL, password,
                                          err);
}

/* The earliest end that anybody tells: lease, deletion, the token's own "exp". */
static int64_t vault_end(const struct vault_secret *secret, const struct acsmtp_secret *token)
{
    ACSMTP_AUTO_CLAIMS struct acsmtp_claims *claims = acsmtp_claims_parse(token, NULL);
    int64_t own = 0;

    if (!claims || !acsmtp_claims_integer(claims, "exp", &own))
        return secret->expires_on;
    return secret->expires_on && secret->expires_on < own ? secret->expires_on : own;
}

static int vault_give_token(const struct vault *vault, const struct vault_secret *secret,
                            int64_t now, struct acsmtp_credential *out, struct acsmtp_error *err)
{
    const char *field = acsmtp_settings_string(vault->settings, "token_field");
    struct acsmtp_secret *token = NULL;
    int status = vault_reply_field(secret, field, &token, err);
    int64_t end = 0;

    if (status != ACSMTP_OK)
        return status;
    end = vault_end(secret, token);
    if (end > now)
        return acsmtp_credential_set_token(out, token, end, 0, err);
    acsmtp_secret_free(token);
    if (end)
        return acsmtp_fail(
            err, ACSMTP_DENIED,
            "the token in the field '%s' has expired; whoever writes it there is late", field);
    return acsmtp_fail(err, ACSMTP_CONFIG,
                       "nothing tells when the token in the field '%s' ends: store a JWT, or give "
                       "the secret delete_version_after (kv_version 2)",
                       field);
}

static int vault_acquire(void *instance, struct acsmtp_context *context,
                         const struct acsmtp_credential_request *request,
                         struct acsmtp_credential *out, struct acsmtp_error *err)
{
    struct vault *vault = instance;
    ACSMTP_AUTO_HTTP struct acsmtp_http_response *response = NULL;
    struct vault_secret secret = {.document = NULL};
    int64_t now = (int64_t)time(NULL);
    int status = vault_read(vault, context, &response, err);

    (void)request; /* a stored token is of whatever scope it was stored for */
    if (status == ACSMTP_OK)
        status =
            vault_reply_secret(acsmtp_http_body(response), vault->kv_version, now, &secret, err);
    if (status != ACSMTP_OK)
        return status;
    if (acsmtp_settings_has(vault->settings, "token_field"))
        status = vault_give_token(vault, &secret, now, out, err);
    else
        status = vault_give_password(vault, &secret, out, err);
    acsmtp_json_free(secret.document);
    return status;
}

static void vault_close(void *instance)
{
    struct vault *vault = instance;

    vault_login_release(&vault->login);
    free(vault);
}

static const struct acsmtp_credential_ops vault_ops = {
    .size = sizeof vault_ops,
    .open = vault_open,
    .acquire = vault_acquire,
    .close = vault_close,
};

ACSMTP_PLUGIN(vault) = {
    ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_CREDENTIAL),
    .threads = ACSMTP_THREADS_INSTANCE,
    .name = "vault",
    .version = "1.0",
    .summary = "A password or a token in a KV engine of HashiCorp Vault or OpenBao.",
    ACSMTP_PLUGIN_OPTIONS(vault_options),
    .credential = &vault_ops,
};
