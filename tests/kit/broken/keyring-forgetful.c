/* SPDX-License-Identifier: MIT */
/* A keyring that takes everything and has nothing. */
#include <acsmtp/plugin.h>

static int open_it(const struct acsmtp_settings *settings, void **instance,
                   struct acsmtp_error *err)
{
    (void)err;
    *instance = (void *)settings;
    return ACSMTP_OK;
}

static int get(void *instance, struct acsmtp_context *context, const char *name,
               struct acsmtp_secret **secret, struct acsmtp_error *err)
{
    (void)instance;
    (void)context;
    *secret = NULL;
    acsmtp_error_server(err, 0, ACSMTP_KEYRING_NO_ENTRY, NULL);
    return acsmtp_fail(err, ACSMTP_UNAVAILABLE, "there is no entry '%s'", name);
}

static int set(void *instance, struct acsmtp_context *context, const char *name,
               const struct acsmtp_secret *secret, struct acsmtp_error *err)
{
    (void)instance;
    (void)name;
    (void)secret;
    return acsmtp_context_check(context, "the keyring", err);
}

static int remove_it(void *instance, struct acsmtp_context *context, const char *name,
                     struct acsmtp_error *err)
{
    struct acsmtp_secret *secret;

    return get(instance, context, name, &secret, err);
}

static void close_it(void *instance)
{
    (void)instance;
}

static const struct acsmtp_keyring_ops operations = {.size = sizeof operations,
                                                     .open = open_it,
                                                     .get = get,
                                                     .set = set,
                                                     .remove = remove_it,
                                                     .close = close_it};

ACSMTP_PLUGIN(keyring_forgetful) = {
    ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_KEYRING),
    .threads = ACSMTP_THREADS_ANY,
    .name = PLUGIN_NAME,
    .version = "1.0",
    .summary = "For the test of the check.",
    .keyring = &operations,
};
