/* SPDX-License-Identifier: MIT */
/*
 * A keyring plugin as it is written for ABI 1.1. Never change it once 1.1 is released. It has one
 * entry, "seed", and takes no other.
 */
#include <acsmtp/keyring.h>
#include <acsmtp/plugin.h>
#include <string.h>

static int v1_open(const struct acsmtp_settings *settings, void **instance,
                   struct acsmtp_error *err)
{
    static const char nothing;

    (void)settings;
    (void)err;
    *instance = (void *)&nothing;
    return ACSMTP_OK;
}

static int no_entry(struct acsmtp_error *err)
{
    acsmtp_error_server(err, 0, ACSMTP_KEYRING_NO_ENTRY, NULL);
    return acsmtp_fail(err, ACSMTP_UNAVAILABLE, "there is no such entry");
}

static int v1_get(void *instance, struct acsmtp_context *context, const char *name,
                  struct acsmtp_secret **secret, struct acsmtp_error *err)
{
    static const char seed[] = "a2V5cmluZy0xLjE=";

    (void)instance;
    (void)context;
    if (strcmp(name, "seed") != 0)
        return no_entry(err);
    *secret = acsmtp_secret_new(seed, sizeof seed - 1, err);
    return *secret ? ACSMTP_OK : ACSMTP_SYSTEM;
}

static int v1_set(void *instance, struct acsmtp_context *context, const char *name,
                  const struct acsmtp_secret *secret, struct acsmtp_error *err)
{
    (void)instance;
    (void)context;
    (void)secret;
    return acsmtp_fail(err, ACSMTP_UNAVAILABLE, "entry '%s' cannot be written", name);
}

static int v1_remove(void *instance, struct acsmtp_context *context, const char *name,
                     struct acsmtp_error *err)
{
    (void)instance;
    (void)context;
    (void)name;
    return no_entry(err);
}

static void v1_close(void *instance)
{
    (void)instance;
}

static const struct acsmtp_keyring_ops v1_ops = {
    .size = sizeof v1_ops,
    .open = v1_open,
    .get = v1_get,
    .set = v1_set,
    .remove = v1_remove,
    .close = v1_close,
};

ACSMTP_PLUGIN(abi_v1_1_keyring) = {
    ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_KEYRING),
    .threads = ACSMTP_THREADS_ANY,
    .name = "abi-v1-1-keyring",
    .version = "1.1",
    .summary = "Stands for every keyring plugin built for ABI 1.1.",
    .keyring = &v1_ops,
};
