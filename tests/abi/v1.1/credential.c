/* SPDX-License-Identifier: MIT */
/*
 * A credential plugin as it is written for ABI 1.1: with look(), forget(), and a verdict that names
 * its credential. Never change it once 1.1 is released. Its token is the seed, decoded.
 */
#include <acsmtp/plugin.h>
#include <acsmtp/store.h>
#include <acsmtp/text.h>
#include <stdlib.h>
#include <time.h>

static const struct acsmtp_option v1_options[] = {
    {.name = "seed",
     .type = ACSMTP_STRING,
     .flags = ACSMTP_REQUIRED | ACSMTP_SECRET,
     .summary = "The token in base64."},
};

static int v1_open(const struct acsmtp_settings *settings, void **instance,
                   struct acsmtp_error *err)
{
    const struct acsmtp_settings **held = malloc(sizeof *held);

    if (!held)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    *held = settings;
    *instance = held;
    return ACSMTP_OK;
}

static int v1_look(void *instance, struct acsmtp_context *context, const char **chain,
                   struct acsmtp_error *err)
{
    (void)instance;
    (void)context;
    *chain = NULL;
    return acsmtp_fail(err, ACSMTP_UNAVAILABLE, "looked at by ABI 1.1");
}

static int v1_acquire(void *instance, struct acsmtp_context *context,
                      const struct acsmtp_credential_request *request,
                      struct acsmtp_credential *out, struct acsmtp_error *err)
{
    const struct acsmtp_settings **held = instance;
    struct acsmtp_secret *seed = NULL, *token;
    char text[256];
    ptrdiff_t size;
    int status = acsmtp_settings_secret(*held, context, "seed", &seed, err);

    (void)request;
    if (status != ACSMTP_OK)
        return status;
    size =
        acsmtp_base64_decode(acsmtp_secret_data(seed), acsmtp_secret_size(seed), text, sizeof text);
    acsmtp_secret_free(seed);
    if (size <= 0)
        return acsmtp_fail(err, ACSMTP_CONFIG, "option 'seed' is not base64");
    token = acsmtp_secret_new(text, (size_t)size, err);
    if (!token)
        return ACSMTP_SYSTEM;
    return acsmtp_credential_set_token(out, token, (int64_t)time(NULL) + 3600, 0, err);
}

static int v1_forget(void *instance, struct acsmtp_context *context, struct acsmtp_error *err)
{
    const struct acsmtp_settings **held = instance;
    struct acsmtp_store *store = NULL;
    int status = acsmtp_store_open(*held, context, "abi-v1-1", &store, err);

    if (status == ACSMTP_OK)
        status = acsmtp_store_remove(store, err);
    acsmtp_store_close(store);
    return status;
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
    .look = v1_look,
    .forget = v1_forget,
};

ACSMTP_PLUGIN(abi_v1_1_credential) = {
    ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_CREDENTIAL),
    .threads = ACSMTP_THREADS_INSTANCE,
    .name = "abi-v1-1-credential",
    .version = "1.1",
    .summary = "Stands for every credential plugin built for ABI 1.1.",
    ACSMTP_PLUGIN_OPTIONS(v1_options),
    .credential = &v1_ops,
};
