/* SPDX-License-Identifier: MIT */
/*
 * A credential plugin that keeps to the contract, in parts: sound.c is made of them alone, every
 * other file here replaces one so that one sentence of the contract is broken. It shows a secret
 * (option "key") to a server and gets a token. PLUGIN_MODULE and PLUGIN_NAME come from the build.
 */
#ifndef SOUND_H
#define SOUND_H

#include <acsmtp/http.h>
#include <acsmtp/json.h>
#include <acsmtp/plugin.h>
#include <acsmtp/token.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SOUND_URL "https://login.example.com/token"

static const struct acsmtp_option sound_options[] = {
    {.name = "key",
     .type = ACSMTP_STRING,
     .flags = ACSMTP_SECRET | ACSMTP_REQUIRED,
     .summary = "What is shown to the server."},
    {.name = "tries",
     .type = ACSMTP_INTEGER,
     .default_value = "1",
     .summary = "How often it is asked.",
     .minimum = 1,
     .maximum = 9},
};

struct sound {
    const struct acsmtp_settings *settings;
    char *scope; /* of the last request */
    int busy;
};

static inline int sound_open(const struct acsmtp_settings *settings, void **instance,
                             struct acsmtp_error *err)
{
    struct sound *sound = calloc(1, sizeof *sound);

    if (!sound)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    sound->settings = settings;
    *instance = sound;
    return ACSMTP_OK;
}

static inline int sound_post(struct acsmtp_context *context, const char *url,
                             const struct acsmtp_secret *body,
                             struct acsmtp_http_response **response, struct acsmtp_error *err)
{
    struct acsmtp_http_request post = {.size = sizeof post,
                                       .method = "POST",
                                       .url = url,
                                       .content_type = "application/x-www-form-urlencoded",
                                       .body = body,
                                       .timeout_ms = -1,
                                       .connect_timeout_ms = -1};

    return acsmtp_http_send(context, &post, response, err);
}

static inline int sound_refuse(const struct acsmtp_http_response *response,
                               struct acsmtp_error *err)
{
    int code = acsmtp_http_status(response);
    int status = code == 429 || code >= 500   ? ACSMTP_TEMPORARY
                 : code == 401 || code == 403 ? ACSMTP_DENIED
                                              : ACSMTP_PROTOCOL;

    acsmtp_error_server(err, code, NULL, NULL);
    err->retry_after = acsmtp_http_retry_after(response);
    return acsmtp_fail(err, status, "the server answers HTTP %d", code);
}

static inline int sound_form(const struct sound *sound, struct acsmtp_context *context,
                             struct acsmtp_secret *form, struct acsmtp_error *err)
{
    ACSMTP_AUTO_SECRET struct acsmtp_secret *key = NULL;
    int status = acsmtp_settings_secret(sound->settings, context, "key", &key, err);

    if (status != ACSMTP_OK)
        return status;
    return acsmtp_http_form_add(form, "key", acsmtp_secret_data(key), acsmtp_secret_size(key), err);
}

static inline int sound_acquire(void *instance, struct acsmtp_context *context,
                                const struct acsmtp_credential_request *request,
                                struct acsmtp_credential *out, struct acsmtp_error *err)
{
    ACSMTP_AUTO_HTTP struct acsmtp_http_response *response = NULL;
    ACSMTP_AUTO_SECRET struct acsmtp_secret *form = acsmtp_secret_new("", 0, err);
    int64_t now = (int64_t)time(NULL);
    int status = form ? sound_form(instance, context, form, err) : ACSMTP_SYSTEM;

    (void)request;
    if (status == ACSMTP_OK)
        status = sound_post(context, SOUND_URL, form, &response, err);
    if (status == ACSMTP_OK && acsmtp_http_status(response) != 200)
        status = sound_refuse(response, err);
    if (status == ACSMTP_OK)
        status = acsmtp_token_parse(acsmtp_http_body(response), &acsmtp_token_format_oauth2, now,
                                    out, err);
    return status;
}

static inline void sound_report(void *instance, struct acsmtp_context *context,
                                const struct acsmtp_verdict *verdict)
{
    (void)instance;
    (void)context;
    (void)verdict;
}

static inline void sound_close(void *instance)
{
    struct sound *sound = instance;

    free(sound->scope);
    free(sound);
}

/* The whole plugin; what is given replaces what stands here, which compilers do not expect. */
#pragma GCC diagnostic ignored "-Woverride-init"
#define SOUND_OPERATIONS(...)                                                                      \
    static const struct acsmtp_credential_ops operations = {.size = sizeof operations,             \
                                                            .open = sound_open,                    \
                                                            .acquire = sound_acquire,              \
                                                            .report = sound_report,                \
                                                            .close = sound_close,                  \
                                                            __VA_ARGS__}
/* Names are expanded before they are joined. */
#define SOUND_ENTRY(module) ACSMTP_PLUGIN(module)
#define SOUND_DESCRIPTOR(...)                                                                      \
    SOUND_ENTRY(PLUGIN_MODULE) = {ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_CREDENTIAL),                      \
                                  .threads = ACSMTP_THREADS_ANY,                                   \
                                  .name = PLUGIN_NAME,                                             \
                                  .version = "1.0",                                                \
                                  .summary = "For the test of the check.",                         \
                                  ACSMTP_PLUGIN_OPTIONS(sound_options),                            \
                                  .credential = &operations,                                       \
                                  __VA_ARGS__}

#endif
