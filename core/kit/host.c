/* SPDX-License-Identifier: MIT */
/* Settings and contexts as the driver makes them, see host.h. */
#include "host.h"
#include "canary.h"
#include "driver/chain.h"
#include "driver/config_private.h"
#include "driver/settings_build.h"
#include "probe.h"
#include "provider.h"
#include "values.h"
#include "verdict.h"
#include <acsmtp/secret.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ENTRY_PATH "profiles.kit.credentials.0"

enum { TOKEN_LIFE = 3600 };

/* ---- the nested chain ---- */

/* A JWT whose signature is the canary: {"alg":"none"}, and claims with an object and a tenant. */
static struct acsmtp_secret *chain_token(unsigned instance, struct acsmtp_error *err)
{
    static const char head[] =
        "eyJhbGciOiJub25lIn0."
        "eyJvaWQiOiIxMTExMTExMS0yMjIyLTMzMzMtNDQ0NC01NTU1NTU1NTU1NTUiLCJ0aWQiOiIxMTExMTExMS0yMjIy"
        "LTMzMzMtNDQ0NC01NTU1NTU1NTU1NTUifQ.";
    char canary[CANARY_SIZE + 1];
    struct acsmtp_secret *token = acsmtp_secret_new(head, sizeof head - 1, err);

    canary_write(canary, CANARY_CHAIN, instance);
    if (token && acsmtp_secret_append(token, canary, CANARY_SIZE, err) != ACSMTP_OK) {
        acsmtp_secret_free(token);
        token = NULL;
    }
    acsmtp_wipe(canary, sizeof canary);
    return token;
}

/* A token of the provider's own, where it tells any: it takes no others. */
static struct acsmtp_secret *find_token(const char *scope, unsigned instance,
                                        struct acsmtp_error *err)
{
    const char *told = provider_token(scope);

    if (told)
        return acsmtp_secret_new(told, strlen(told), err);
    if (!provider_has_tokens())
        return chain_token(instance, err);
    (void)acsmtp_fail(err, ACSMTP_CONFIG, "the provider's file has no token for '%.200s'", scope);
    return NULL;
}

static int chain_acquire_token(void *chain, struct acsmtp_context *context,
                               const struct acsmtp_credential_request *request,
                               struct acsmtp_credential *out, struct acsmtp_error *err)
{
    const struct probe *probe = probe_current();
    struct acsmtp_secret *token;
    int status = acsmtp_context_check(context, "the nested chain", err);

    (void)chain;
    if (status != ACSMTP_OK)
        return status;
    if (!request->scope)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "the plugin asks its chain for no scope");
    token = find_token(request->scope, probe ? probe->instance : 0, err);
    return token ? acsmtp_credential_set_token(out, token, (int64_t)time(NULL) + TOKEN_LIFE, 0, err)
                 : err->status;
}

static void chain_report_nothing(void *chain, struct acsmtp_context *context,
                                 const struct acsmtp_verdict *verdict)
{
    (void)chain;
    (void)context;
    (void)verdict;
}

static void chain_close_nothing(void *chain)
{
    (void)chain;
}

static const struct settings_chain_ops chain_ops = {
    .acquire = chain_acquire_token, .report = chain_report_nothing, .close = chain_close_nothing};

static int attach_chains(const struct subject *subject, struct acsmtp_settings *settings,
                         struct acsmtp_error *err)
{
    static char chain; /* something to point at */
    int status = ACSMTP_OK;
    const char *path = NULL;

    for (size_t i = 0; status == ACSMTP_OK && i < subject->plugin->option_count; i++) {
        const struct acsmtp_option *option = &subject->plugin->options[i];

        if (option->type == ACSMTP_CHAIN && settings_chain_entries(settings, option->name, &path))
            status = settings_attach_chain(settings, option->name, &chain, &chain_ops, err);
    }
    return status;
}

/* ---- settings ---- */

/* A config file of one profile with this entry, as if only its user could read it. */
static struct config *make_config(const struct subject *subject, unsigned instance,
                                  struct acsmtp_error *err)
{
    const struct acsmtp_driver_options options = {.size = sizeof options};
    ACSMTP_AUTO_JSON struct acsmtp_json *entry = values_entry(subject, instance, err);
    char *text = entry ? acsmtp_json_format(entry) : NULL;
    struct config *config = text ? config_new(err) : NULL;
    struct config_file file = {.path = config ? strdup("(the check's own config)") : NULL};
    int status = config ? ACSMTP_OK : ACSMTP_SYSTEM;

    if (config)
        file.text = acsmtp_secret_new("", 0, err);
    if (config && !file.text)
        status = ACSMTP_SYSTEM;
    for (size_t i = 0; status == ACSMTP_OK && i < 3; i++) {
        const char *const parts[] = {"{\"profiles\":{\"kit\":{\"credentials\":[", text, "]}}}"};

        status = acsmtp_secret_append(file.text, parts[i], strlen(parts[i]), err);
    }
    if (text)
        acsmtp_wipe(text, strlen(text));
    free(text);
    if (status == ACSMTP_OK)
        status = config_add(config, &file, err);
    else
        config_file_release(&file);
    if (status == ACSMTP_OK && config_finish(config, &options, err) == ACSMTP_OK)
        return config;
    config_free(config);
    return NULL;
}

static int make_settings(const struct subject *subject, unsigned instance,
                         struct acsmtp_settings **settings, struct acsmtp_error *err)
{
    /* What plugins keep goes into files under the private home of the check. */
    static struct chain_host host = {.use_store = 1};
    struct config *config = make_config(subject, instance, err);
    int status = config ? ACSMTP_OK : err->status;

    *settings = NULL;
    if (status == ACSMTP_OK)
        status = settings_build(config, ENTRY_PATH, config_at(config_root(config), ENTRY_PATH),
                                subject->plugin, settings, err);
    config_free(config);
    if (status == ACSMTP_OK)
        status = attach_chains(subject, *settings, err);
    if (status == ACSMTP_OK) {
        settings_attach_host(*settings, &host);
        return ACSMTP_OK;
    }
    settings_free(*settings);
    *settings = NULL;
    return status;
}

int host_settings(const struct subject *subject, unsigned instance,
                  struct acsmtp_settings **settings)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;

    if (make_settings(subject, instance, settings, &err) == ACSMTP_OK)
        return 0;
    return verdict_skip("no settings can be made for it: %s (give them with -o OPTION=VALUE)",
                        err.message);
}

int host_settings_try(const struct subject *subject, struct acsmtp_error *err)
{
    struct acsmtp_settings *settings = NULL;
    int status = make_settings(subject, 0, &settings, err);

    settings_free(settings);
    return status;
}

void host_settings_free(struct acsmtp_settings *settings)
{
    settings_free(settings);
}

/* ---- contexts ---- */

static void read_log(void *data, int level, const char *line)
{
    const char *found = canary_find(line, strlen(line));

    (void)data;
    (void)level;
    if (found)
        (void)verdict_fail(RULE_SECRET_LOG, "%s stands in a line of the log", found);
}

static const struct {
    const char *name, *value;
} endpoints[] = {
    {"authority_host", "https://authority.kit.example.com"},
    {"resource_manager", "https://manager.kit.example.com"},
    {"graph", "https://graph.kit.example.com"},
    {"key_vault_domain", "vault.kit.example.com"},
    {"imds", "http://169.254.0.1"},
    {"email_domain", "mail.kit.example.com"},
    {"smtp_host", "smtp.kit.example.com"},
    {"smtp_port", "587"},
    {"tenant_id", "11111111-2222-3333-4444-555555555555"},
    {"scope", "https://mail.kit.example.com/.default"},
};

static void lead_nowhere(struct acsmtp_context *context)
{
    struct acsmtp_error unwanted = ACSMTP_ERROR_INIT;

    for (size_t i = 0; i < sizeof endpoints / sizeof endpoints[0]; i++)
        (void)!acsmtp_context_set_endpoint(context, endpoints[i].name, endpoints[i].value,
                                           &unwanted);
}

struct acsmtp_context *host_context(int64_t timeout_ms)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct acsmtp_context *context = NULL;

    if (acsmtp_context_new(&context, &err) != ACSMTP_OK)
        return NULL;
    if (!provider_apply(context))
        lead_nowhere(context);
    acsmtp_context_set_timeout(context, timeout_ms);
    acsmtp_context_set_log(context, read_log, NULL, ACSMTP_LOG_TRACE);
    return context;
}
