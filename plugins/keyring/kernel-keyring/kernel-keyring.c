/* SPDX-License-Identifier: MIT */
/*
 * The kernel's user keyring (keyrings(7)): secrets in the kernel's memory, for every process of the
 * user, gone when the machine starts anew. Nothing is unlocked and nobody is asked, so it also
 * suits daemons.
 */
#include "keys.h"

#include <acsmtp/plugin.h>
#include <errno.h>
#include <linux/keyctl.h>
#include <stdio.h>
#include <string.h>

#define PAYLOAD_MAX 32767 /* of a key of type "user" */
#define DESCRIPTION_MAX 300

static const struct acsmtp_option kernel_keyring_options[] = {
    {.name = "lifetime",
     .type = ACSMTP_DURATION,
     .minimum = 1000,
     .maximum = 365LL * 86400 * 1000,
     .summary = "How long the kernel keeps what is written; until the next start unless given."},
};

static int kernel_keyring_open(const struct acsmtp_settings *settings, void **instance,
                               struct acsmtp_error *err)
{
    *instance = (void *)settings;
    if (keys_possess(KEY_SPEC_USER_KEYRING) == 0)
        return ACSMTP_OK;
    if (errno == ENOSYS)
        return acsmtp_fail(err, ACSMTP_UNAVAILABLE, "this kernel has no keyrings");
    if (errno == EPERM || errno == EACCES)
        return acsmtp_fail(err, ACSMTP_UNAVAILABLE,
                           "the keyrings of the kernel are forbidden here (a container's filter of "
                           "system calls?)");
    return acsmtp_fail_errno(err, errno, "the user keyring cannot be reached");
}

/* As keyctl(1) shows it: "acsmtp:NAME"; the host's own names say "acsmtp/..." already. */
static void describe(const char *name, char description[DESCRIPTION_MAX])
{
    (void)snprintf(description, DESCRIPTION_MAX, "%s%s",
                   strncmp(name, "acsmtp/", 7) == 0 ? "" : "acsmtp:", name);
}

static int fail(const char *name, const char *what, struct acsmtp_error *err)
{
    switch (errno) {
    case ENOKEY:
    case ENOENT: /* somebody else was faster */
    case EKEYEXPIRED:
    case EKEYREVOKED:
        acsmtp_error_server(err, 0, ACSMTP_KEYRING_NO_ENTRY, NULL);
        return acsmtp_fail(err, ACSMTP_UNAVAILABLE, "there is no entry '%s'", name);
    case EDQUOT:
        return acsmtp_fail(err, ACSMTP_TEMPORARY,
                           "the user's quota of keys is used up (/proc/key-users tells); remove "
                           "keys, or raise /proc/sys/kernel/keys/maxbytes");
    case EACCES:
        return acsmtp_fail(err, ACSMTP_DENIED, "the entry '%s' may not be %s", name, what);
    default:
        return acsmtp_fail_errno(err, errno, "the entry '%s' cannot be %s", name, what);
    }
}

static int kernel_keyring_get(void *instance, struct acsmtp_context *context, const char *name,
                              struct acsmtp_secret **secret, struct acsmtp_error *err)
{
    char description[DESCRIPTION_MAX], payload[PAYLOAD_MAX + 1];
    key_serial key;
    long size;

    (void)instance;
    (void)context;
    describe(name, description);
    key = keys_search(KEY_SPEC_USER_KEYRING, description);
    size = key < 0 ? -1 : keys_read(key, payload, sizeof payload);
    if (size < 0)
        return fail(name, "read", err);
    /* More than fits is possible only if the kernel's limit grows. */
    if (size <= (long)sizeof payload)
        *secret = acsmtp_secret_new(payload, (size_t)size, err);
    acsmtp_wipe(payload, sizeof payload);
    if (size > (long)sizeof payload)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "the entry '%s' has an impossible size", name);
    return *secret ? ACSMTP_OK : ACSMTP_SYSTEM;
}

static int kernel_keyring_set(void *instance, struct acsmtp_context *context, const char *name,
                              const struct acsmtp_secret *secret, struct acsmtp_error *err)
{
    int64_t lifetime = acsmtp_settings_duration(instance, "lifetime");
    char description[DESCRIPTION_MAX];
    key_serial key;

    (void)context;
    if (acsmtp_secret_size(secret) > PAYLOAD_MAX)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "a key of the kernel holds at most %d bytes",
                           PAYLOAD_MAX);
    describe(name, description);
    key = keys_add(KEY_SPEC_USER_KEYRING, description, acsmtp_secret_data(secret),
                   acsmtp_secret_size(secret));
    if (key < 0 || keys_open_to_user(key) != 0)
        return fail(name, "written", err);
    if (lifetime > 0 && keys_set_timeout(key, (unsigned)(lifetime / 1000)) != 0)
        return fail(name, "given an end", err);
    return ACSMTP_OK;
}

static int kernel_keyring_remove(void *instance, struct acsmtp_context *context, const char *name,
                                 struct acsmtp_error *err)
{
    char description[DESCRIPTION_MAX];
    key_serial key;

    (void)instance;
    (void)context;
    describe(name, description);
    key = keys_search(KEY_SPEC_USER_KEYRING, description);
    if (key < 0 || keys_unlink(key, KEY_SPEC_USER_KEYRING) != 0)
        return fail(name, "removed", err);
    return ACSMTP_OK;
}

static void kernel_keyring_close(void *instance)
{
    (void)instance;
}

static const struct acsmtp_keyring_ops kernel_keyring_ops = {
    .size = sizeof kernel_keyring_ops,
    .open = kernel_keyring_open,
    .get = kernel_keyring_get,
    .set = kernel_keyring_set,
    .remove = kernel_keyring_remove,
    .close = kernel_keyring_close,
};

ACSMTP_PLUGIN(kernel_keyring) = {
    ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_KEYRING),
    .threads = ACSMTP_THREADS_ANY,
    .name = "kernel-keyring",
    .version = "1.0",
    .summary = "The user keyring of the Linux kernel: in memory, until the machine starts anew.",
    ACSMTP_PLUGIN_OPTIONS(kernel_keyring_options),
    .keyring = &kernel_keyring_ops,
};
