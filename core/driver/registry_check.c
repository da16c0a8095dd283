/* SPDX-License-Identifier: MIT */
/*
 * Whether a descriptor keeps to the contract of plugin.h, and full-size copies of it. A plugin may
 * be older (shorter structures) or newer (longer ones): the smaller of both sizes is copied over
 * zeroes, so that what one side does not know is absent.
 */
#include "registry_private.h"
#include <stdlib.h>
#include <string.h>

#define OPTIONS_MAX 256

/* Where a field ends: the size that a structure must have to hold it. */
#define END_OF(type, field) (offsetof(type, field) + sizeof(((type *)NULL)->field))

static void copy_min(void *to, size_t to_size, const void *from, size_t from_size)
{
    memset(to, 0, to_size);
    memcpy(to, from, from_size < to_size ? from_size : to_size);
}

/* ---- options ---- */

static int option_name_valid(const char *name)
{
    if (!name || name[0] < 'a' || name[0] > 'z' || strlen(name) > 64)
        return 0;
    return name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0';
}

static int check_option(const struct acsmtp_option *rows, size_t index, struct acsmtp_error *err)
{
    const struct acsmtp_option *row = &rows[index];
    size_t i;

    if (!option_name_valid(row->name))
        return acsmtp_fail(err, ACSMTP_SYSTEM, "row %zu of its option table has no valid name",
                           index);
    if (row->type < ACSMTP_STRING || row->type > ACSMTP_CHAIN)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "option '%s' has type %d, which is not known here",
                           row->name, (int)row->type);
    if ((row->flags & ACSMTP_SECRET) && row->type != ACSMTP_STRING)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "option '%s' is a secret but not a string",
                           row->name);
    if (!row->summary)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "option '%s' has no summary", row->name);
    for (i = 0; i < index; i++)
        if (strcmp(rows[i].name, row->name) == 0)
            return acsmtp_fail(err, ACSMTP_SYSTEM, "option '%s' stands twice in its table",
                               row->name);
    return ACSMTP_OK;
}

static int copy_options(struct loaded *loaded, struct acsmtp_error *err)
{
    struct acsmtp_plugin *plugin = &loaded->plugin;
    const char *raw = (const char *)plugin->options;
    size_t count = plugin->option_count;
    size_t stride = plugin->option_size;
    int status = ACSMTP_OK;
    size_t i;

    plugin->options = NULL;
    plugin->option_size = sizeof(struct acsmtp_option);
    if (count == 0)
        return ACSMTP_OK;
    if (!raw || count > OPTIONS_MAX || stride < END_OF(struct acsmtp_option, maximum) ||
        stride > 4096)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "its option table is malformed");
    loaded->options = calloc(count, sizeof *loaded->options);
    if (!loaded->options)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    for (i = 0; i < count && status == ACSMTP_OK; i++) {
        copy_min(&loaded->options[i], sizeof loaded->options[i], raw + i * stride, stride);
        status = check_option(loaded->options, i, err);
    }
    plugin->options = loaded->options;
    return status;
}

/* ---- operations ---- */

static int missing(const char *operation, struct acsmtp_error *err)
{
    return acsmtp_fail(err, ACSMTP_SYSTEM, "it lacks the operation '%s'", operation);
}

static int copy_credential(struct loaded *loaded, struct acsmtp_error *err)
{
    const struct acsmtp_credential_ops *raw = loaded->plugin.credential;
    struct acsmtp_credential_ops *ops = &loaded->credential;

    if (!raw || raw->size < END_OF(struct acsmtp_credential_ops, close))
        return acsmtp_fail(err, ACSMTP_SYSTEM, "its table of operations is missing or too short");
    copy_min(ops, sizeof *ops, raw, raw->size);
    ops->size = sizeof *ops;
    loaded->plugin.credential = ops;
    if (!ops->open)
        return missing("open", err);
    if (!ops->acquire)
        return missing("acquire", err);
    return ops->close ? ACSMTP_OK : missing("close", err);
}

static int check_transport(const struct acsmtp_transport_ops *ops, struct acsmtp_error *err)
{
    if (!ops->open)
        return missing("open", err);
    if (!ops->connect)
        return missing("connect", err);
    if (!ops->send)
        return missing("send", err);
    if (!ops->disconnect)
        return missing("disconnect", err);
    if (!ops->close)
        return missing("close", err);
    if (!ops->accepts)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "it accepts no kind of credential");
    return ACSMTP_OK;
}

static int copy_transport(struct loaded *loaded, struct acsmtp_error *err)
{
    const struct acsmtp_transport_ops *raw = loaded->plugin.transport;
    struct acsmtp_transport_ops *ops = &loaded->transport;

    if (!raw || raw->size < END_OF(struct acsmtp_transport_ops, close))
        return acsmtp_fail(err, ACSMTP_SYSTEM, "its table of operations is missing or too short");
    copy_min(ops, sizeof *ops, raw, raw->size);
    ops->size = sizeof *ops;
    loaded->plugin.transport = ops;
    return check_transport(ops, err);
}

static int copy_composer(struct loaded *loaded, struct acsmtp_error *err)
{
    const struct acsmtp_composer_ops *raw = loaded->plugin.composer;
    struct acsmtp_composer_ops *ops = &loaded->composer;

    if (!raw || raw->size < END_OF(struct acsmtp_composer_ops, close))
        return acsmtp_fail(err, ACSMTP_SYSTEM, "its table of operations is missing or too short");
    copy_min(ops, sizeof *ops, raw, raw->size);
    ops->size = sizeof *ops;
    loaded->plugin.composer = ops;
    if (!ops->open)
        return missing("open", err);
    if (!ops->compose)
        return missing("compose", err);
    return ops->close ? ACSMTP_OK : missing("close", err);
}

static int copy_provisioner(struct loaded *loaded, struct acsmtp_error *err)
{
    const struct acsmtp_provisioner_ops *raw = loaded->plugin.provisioner;
    struct acsmtp_provisioner_ops *ops = &loaded->provisioner;

    if (!raw || raw->size < END_OF(struct acsmtp_provisioner_ops, close))
        return acsmtp_fail(err, ACSMTP_SYSTEM, "its table of operations is missing or too short");
    copy_min(ops, sizeof *ops, raw, raw->size);
    ops->size = sizeof *ops;
    loaded->plugin.provisioner = ops;
    if (!ops->open)
        return missing("open", err);
    if (!ops->plan)
        return missing("plan", err);
    if (!ops->apply)
        return missing("apply", err);
    if (!ops->show)
        return missing("show", err);
    return ops->close ? ACSMTP_OK : missing("close", err);
}

static int copy_keyring(struct loaded *loaded, struct acsmtp_error *err)
{
    const struct acsmtp_keyring_ops *raw = loaded->plugin.keyring;
    struct acsmtp_keyring_ops *ops = &loaded->keyring;

    if (!raw || raw->size < END_OF(struct acsmtp_keyring_ops, close))
        return acsmtp_fail(err, ACSMTP_SYSTEM, "its table of operations is missing or too short");
    copy_min(ops, sizeof *ops, raw, raw->size);
    ops->size = sizeof *ops;
    loaded->plugin.keyring = ops;
    if (!ops->open)
        return missing("open", err);
    if (!ops->get)
        return missing("get", err);
    if (!ops->set)
        return missing("set", err);
    if (!ops->remove)
        return missing("remove", err);
    return ops->close ? ACSMTP_OK : missing("close", err);
}

static int copy_operations(struct loaded *loaded, struct acsmtp_error *err)
{
    switch (loaded->plugin.kind) {
    case ACSMTP_KIND_CREDENTIAL:
        return copy_credential(loaded, err);
    case ACSMTP_KIND_TRANSPORT:
        return copy_transport(loaded, err);
    case ACSMTP_KIND_COMPOSER:
        return copy_composer(loaded, err);
    case ACSMTP_KIND_KEYRING:
        return copy_keyring(loaded, err);
    default:
        return copy_provisioner(loaded, err);
    }
}

/* ---- the descriptor ---- */

static size_t smallest_size(int kind)
{
    switch (kind) {
    case ACSMTP_KIND_TRANSPORT:
        return offsetof(struct acsmtp_plugin, transport) + sizeof(void *);
    case ACSMTP_KIND_COMPOSER:
        return offsetof(struct acsmtp_plugin, composer) + sizeof(void *);
    case ACSMTP_KIND_PROVISIONER: /* since ABI 1.1 */
        return offsetof(struct acsmtp_plugin, provisioner) + sizeof(void *);
    case ACSMTP_KIND_KEYRING:
        return offsetof(struct acsmtp_plugin, keyring) + sizeof(void *);
    default:
        return offsetof(struct acsmtp_plugin, credential) + sizeof(void *);
    }
}

static int check_head(const struct acsmtp_plugin *raw, int kind, struct acsmtp_error *err)
{
    if (!raw)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "its entry function returns nothing");
    if (raw->magic != ACSMTP_ABI_MAGIC)
        return acsmtp_fail(err, ACSMTP_SYSTEM,
                           "its descriptor is not one of acsmtp (magic %016llx)",
                           (unsigned long long)raw->magic);
    if (raw->abi_major != ACSMTP_ABI_MAJOR)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "built for ABI %u, this acsmtp speaks %d",
                           (unsigned)raw->abi_major, ACSMTP_ABI_MAJOR);
    if (raw->size < smallest_size(raw->kind))
        return acsmtp_fail(err, ACSMTP_SYSTEM,
                           "its descriptor has %lu bytes, but ABI %d needs at least %zu",
                           (unsigned long)raw->size, ACSMTP_ABI_MAJOR, smallest_size(raw->kind));
    if (!registry_kind_name(raw->kind))
        return acsmtp_fail(err, ACSMTP_SYSTEM, "it is of kind %d, which is not known here",
                           (int)raw->kind);
    if (kind && raw->kind != kind)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "it is a %s plugin, but stands where %ss belong",
                           registry_kind_name(raw->kind), registry_kind_name(kind));
    return ACSMTP_OK;
}

static int check_texts(const struct acsmtp_plugin *plugin, const char *name,
                       struct acsmtp_error *err)
{
    if (!plugin->name || strcmp(plugin->name, name) != 0)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "it calls itself '%s', not '%s'",
                           plugin->name ? plugin->name : "", name);
    if (!plugin->version || !plugin->summary)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "it tells no %s",
                           plugin->version ? "summary" : "version");
    return ACSMTP_OK;
}

int registry_check(const struct acsmtp_plugin *raw, int kind, const char *name,
                   struct loaded **loaded, struct acsmtp_error *err)
{
    struct loaded *made;
    int status = check_head(raw, kind, err);

    if (status != ACSMTP_OK)
        return status;
    made = calloc(1, sizeof *made);
    if (!made)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    copy_min(&made->plugin, sizeof made->plugin, raw, raw->size);
    made->plugin.size = sizeof made->plugin;
    if (made->plugin.threads > ACSMTP_THREADS_ANY)
        made->plugin.threads = ACSMTP_THREADS_ONE;
    status = check_texts(&made->plugin, name, err);
    if (status == ACSMTP_OK)
        status = copy_options(made, err);
    if (status == ACSMTP_OK)
        status = copy_operations(made, err);
    if (status == ACSMTP_OK) {
        *loaded = made;
        return ACSMTP_OK;
    }
    free(made->options);
    free(made);
    return status;
}
