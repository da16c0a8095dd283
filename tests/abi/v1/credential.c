/* SPDX-License-Identifier: MIT */
/*
 * A credential plugin as it was written for ABI 1.0. Never change it: it stands for binaries that
 * exist. It hands out a token that it makes from its options and from the request.
 */
#include <acsmtp/plugin.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const struct acsmtp_option v1_options[] = {
    {.name = "prefix",
     .type = ACSMTP_STRING,
     .flags = ACSMTP_REQUIRED,
     .summary = "Start of the token."},
    {.name = "life",
     .type = ACSMTP_DURATION,
     .default_value = "1h",
     .summary = "Validity of the token.",
     .minimum = 1000,
     .maximum = 86400000},
};

struct v1 {
    const struct acsmtp_settings *settings;
    int acquired;
};

static int v1_open(const struct acsmtp_settings *settings, void **instance,
                   struct acsmtp_error *err)
{
    struct v1 *v1 = calloc(1, sizeof *v1);

    if (!v1)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    v1->settings = settings;
    *instance = v1;
    return ACSMTP_OK;
}

static int v1_acquire(void *instance, struct acsmtp_context *context,
                      const struct acsmtp_credential_request *request,
                      struct acsmtp_credential *out, struct acsmtp_error *err)
{
    struct v1 *v1 = instance;
    int64_t life = acsmtp_settings_duration(v1->settings, "life") / 1000;
    char text[256];
    struct acsmtp_secret *token;

    acsmtp_log(context, ACSMTP_LOG_DEBUG, "asked for %s", request->scope);
    (void)snprintf(text, sizeof text, "%s-%d-%zu", acsmtp_settings_string(v1->settings, "prefix"),
                   ++v1->acquired, strlen(request->scope));
    token = acsmtp_secret_new(text, strlen(text), err);
    if (!token)
        return ACSMTP_SYSTEM;
    return acsmtp_credential_set_token(out, token, (int64_t)time(NULL) + life, 0, err);
}

static void v1_close(void *instance)
{
    free(instance);
}

static const struct acsmtp_credential_ops v1_ops = {
    .size = sizeof v1_ops,
    .open = v1_open,
    .acquire = v1_acquire,
    .close = v1_close,
};

ACSMTP_PLUGIN(abi_v1_credential) = {
    ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_CREDENTIAL),
    .threads = ACSMTP_THREADS_INSTANCE,
    .name = "abi-v1-credential",
    .version = "1.0",
    .summary = "Stands for every credential plugin built for ABI 1.0.",
    ACSMTP_PLUGIN_OPTIONS(v1_options),
    .credential = &v1_ops,
};
