/* SPDX-License-Identifier: MIT */
/*
 * A person's token: signed in once with a code in a browser, and from then on renewed with the
 * refresh token that Entra gave, which is kept for the next processes and exchanged each time.
 */
#include "dialogue.h"

#include <acsmtp/plugin.h>
#include <acsmtp/store.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const manners[] = {"auto", "always", "never", NULL};

static const struct acsmtp_option device_code_options[] = {
    {.name = "tenant_id",
     .type = ACSMTP_STRING,
     .default_value = "organizations",
     .summary = "Directory (tenant) to sign in to: its id, one of its domains, or organizations."},
    {.name = "client_id",
     .type = ACSMTP_STRING,
     .flags = ACSMTP_REQUIRED,
     .summary = "Application (client) id; the application must allow public client flows."},
    {.name = "authority_host",
     .type = ACSMTP_STRING,
     .environment = "AZURE_AUTHORITY_HOST",
     .summary = "Where Entra is, an https URL; the cloud's unless given."},
    {.name = "interactive",
     .type = ACSMTP_STRING,
     .default_value = "auto",
     .values = manners,
     .summary = "When somebody may be asked to sign in: auto (standard error is a terminal), "
                "always, never."},
    {.name = "account",
     .type = ACSMTP_STRING,
     .summary = "A word that keeps the sign-ins of several people apart."},
};

static int device_code_open(const struct acsmtp_settings *settings, void **instance,
                            struct acsmtp_error *err)
{
    (void)err;
    *instance = (void *)settings;
    return ACSMTP_OK;
}

/* ---- what is kept ---- */

/* A refresh token is for one application and one person, whatever the tenant and scope of a token
 * that it is exchanged for. */
static int device_code_open_store(const struct acsmtp_settings *settings,
                                  struct acsmtp_context *context, struct acsmtp_store **store,
                                  struct acsmtp_error *err)
{
    const char *authority = acsmtp_settings_string(settings, "authority_host");
    const char *account = acsmtp_settings_string(settings, "account");
    char key[4096];
    int length;

    if (!authority)
        authority = acsmtp_context_endpoint(context, "authority_host");
    length = snprintf(key, sizeof key, "device-code\n%s\n%s\n%s\n%s", authority ? authority : "",
                      acsmtp_settings_string(settings, "tenant_id"),
                      acsmtp_settings_string(settings, "client_id"), account ? account : "");
    if (length < 0 || (size_t)length >= sizeof key)
        return acsmtp_fail(err, ACSMTP_CONFIG, "authority_host and account are too long");
    return acsmtp_store_open(settings, context, key, store, err);
}

/* Without a store the sign-in does for this process alone. */
static void device_code_keep(struct acsmtp_store *store, struct acsmtp_context *context,
                             const struct acsmtp_secret *refresh_token)
{
    struct acsmtp_error problem = ACSMTP_ERROR_INIT;

    if (store && refresh_token && acsmtp_store_set(store, refresh_token, &problem) != ACSMTP_OK)
        acsmtp_log(context, ACSMTP_LOG_WARNING, "the sign-in cannot be kept: %s", problem.message);
}

/* ---- renewing ---- */

static int device_code_redeem(struct exchange *exchange, const struct acsmtp_secret *refresh_token,
                              struct acsmtp_credential *out, struct acsmtp_secret **next,
                              struct exchange_refusal *refusal, struct acsmtp_error *err)
{
    ACSMTP_AUTO_SECRET struct acsmtp_secret *form = NULL;
    int status = exchange_form(exchange, 1, &form, err);

    *refusal = (struct exchange_refusal){.kind = ""};
    if (status == ACSMTP_OK)
        status = exchange_add(form, "grant_type", "refresh_token", err);
    if (status == ACSMTP_OK)
        status = acsmtp_http_form_add(form, "refresh_token", acsmtp_secret_data(refresh_token),
                                      acsmtp_secret_size(refresh_token), err);
    if (status == ACSMTP_OK)
        status = exchange_redeem(exchange, form, out, next, refusal, err);
    return status;
}

/* Whether only a person can help: the sign-in is over, or a policy wants more than it. */
static int device_code_needs_person(const struct exchange_refusal *refusal)
{
    static const char *const kinds[] = {"invalid_grant", "interaction_required", "consent_required",
                                        "login_required"};

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(refusal->kind, kinds[i]) == 0)
            return 1;
    return 0;
}

/* UNAVAILABLE, with the reason, when there is nothing kept that would do. */
static int device_code_renew(struct exchange *exchange, struct acsmtp_store *store,
                             struct acsmtp_credential *out, struct acsmtp_error *err)
{
    ACSMTP_AUTO_SECRET struct acsmtp_secret *refresh_token = NULL;
    ACSMTP_AUTO_SECRET struct acsmtp_secret *next = NULL;
    struct acsmtp_error problem = ACSMTP_ERROR_INIT;
    struct exchange_refusal refusal;
    int status;

    if (!store || acsmtp_store_get(store, &refresh_token, NULL) != ACSMTP_OK)
        return acsmtp_fail(err, ACSMTP_UNAVAILABLE, "nobody has signed in yet");
    status = device_code_redeem(exchange, refresh_token, out, &next, &refusal, &problem);
    if (status == ACSMTP_OK) {
        device_code_keep(store, exchange->context, next);
        return ACSMTP_OK;
    }
    acsmtp_error_server(err, problem.server_code, problem.code, problem.server_text);
    err->retry_after = problem.retry_after;
    if (!device_code_needs_person(&refusal))
        return acsmtp_fail(err, status, "%s", problem.message);
    if (strcmp(refusal.kind, "invalid_grant") == 0)
        (void)acsmtp_store_remove(store, NULL);
    return acsmtp_fail(err, ACSMTP_UNAVAILABLE,
                       "the sign-in that was kept does not do any more (%s)",
                       problem.server_text[0] ? problem.server_text : refusal.kind);
}

/* ---- asking ---- */

/* A daemon must not hang: without a terminal nobody would see the code. */
static int device_code_may_ask(const struct acsmtp_settings *settings,
                               const struct acsmtp_context *context)
{
    const char *manner = acsmtp_settings_string(settings, "interactive");

    if (strcmp(manner, "auto") != 0)
        return strcmp(manner, "always") == 0;
    return isatty(STDERR_FILENO) && acsmtp_context_logs(context, ACSMTP_LOG_WARNING);
}

static int device_code_ask(struct exchange *exchange, struct acsmtp_store *store,
                           struct acsmtp_credential *out, struct acsmtp_error *err)
{
    ACSMTP_AUTO_SECRET struct acsmtp_secret *refresh_token = NULL;
    int status = dialogue_run(exchange, out, &refresh_token, err);

    if (status == ACSMTP_OK)
        device_code_keep(store, exchange->context, refresh_token);
    return status;
}

static int device_code_cannot_ask(const struct acsmtp_settings *settings,
                                  const struct acsmtp_error *problem, struct acsmtp_error *err)
{
    int never = strcmp(acsmtp_settings_string(settings, "interactive"), "never") == 0;

    acsmtp_error_server(err, problem->server_code, problem->code, problem->server_text);
    if (never)
        return acsmtp_fail(err, ACSMTP_UNAVAILABLE,
                           "%s, and \"interactive\" is \"never\"; sign in once with 'acsmtp token "
                           "--set credentials.N.interactive=auto' at a terminal as this user",
                           problem->message);
    return acsmtp_fail(err, ACSMTP_UNAVAILABLE,
                       "%s, and there is no terminal to show a code on; sign in once with 'acsmtp "
                       "token' at a terminal as this user, or set \"interactive\" to \"always\"",
                       problem->message);
}

static int device_code_sign_in(const struct acsmtp_settings *settings, struct exchange *exchange,
                               struct acsmtp_store *store, struct acsmtp_credential *out,
                               struct acsmtp_error *err)
{
    struct acsmtp_error problem = ACSMTP_ERROR_INIT;
    int status = device_code_renew(exchange, store, out, &problem);

    if (status == ACSMTP_OK)
        return ACSMTP_OK;
    if (status != ACSMTP_UNAVAILABLE) {
        acsmtp_error_server(err, problem.server_code, problem.code, problem.server_text);
        if (err)
            err->retry_after = problem.retry_after;
        return acsmtp_fail(err, status, "%s", problem.message);
    }
    if (!device_code_may_ask(settings, exchange->context))
        return device_code_cannot_ask(settings, &problem, err);
    acsmtp_log(exchange->context, ACSMTP_LOG_INFO, "%s", problem.message);
    return device_code_ask(exchange, store, out, err);
}

static int device_code_acquire(void *instance, struct acsmtp_context *context,
                               const struct acsmtp_credential_request *request,
                               struct acsmtp_credential *out, struct acsmtp_error *err)
{
    ACSMTP_AUTO_STORE struct acsmtp_store *store = NULL;
    struct acsmtp_error problem = ACSMTP_ERROR_INIT;
    struct exchange exchange = {.context = context};
    int status = entra_describe(instance, context, request, &exchange.entra, err);

    if (status != ACSMTP_OK)
        return status;
    status = device_code_open_store(instance, context, &store, &problem);
    if (status != ACSMTP_OK && status != ACSMTP_UNAVAILABLE)
        return acsmtp_fail(err, status, "%s", problem.message);
    return device_code_sign_in(instance, &exchange, store, out, err);
}

static int device_code_forget(void *instance, struct acsmtp_context *context,
                              struct acsmtp_error *err)
{
    ACSMTP_AUTO_STORE struct acsmtp_store *store = NULL;
    int status = device_code_open_store(instance, context, &store, err);

    return status == ACSMTP_OK ? acsmtp_store_remove(store, err) : status;
}

static void device_code_close(void *instance)
{
    (void)instance;
}

static const struct acsmtp_credential_ops device_code_ops = {
    .size = sizeof device_code_ops,
    .open = device_code_open,
    .acquire = device_code_acquire,
    .close = device_code_close,
    .forget = device_code_forget,
};

ACSMTP_PLUGIN(device_code) = {
    ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_CREDENTIAL),
    .threads = ACSMTP_THREADS_ANY,
    .name = "device-code",
    .version = "1.0",
    .summary = "A person's token: signed in once with a code in a browser, renewed from then on.",
    ACSMTP_PLUGIN_OPTIONS(device_code_options),
    .credential = &device_code_ops,
};
