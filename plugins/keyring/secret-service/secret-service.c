/* SPDX-License-Identifier: MIT */
/*
 * The keyring of the desktop: GNOME Keyring, KWallet, KeePassXC and whoever else speaks the Secret
 * Service protocol of freedesktop.org on the session's bus. libsecret does the talking.
 */
#include "watch.h"

#include <acsmtp/plugin.h>
#include <libsecret/secret.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const struct acsmtp_option desktop_options[] = {
    {.name = "collection",
     .type = ACSMTP_STRING,
     .default_value = SECRET_COLLECTION_DEFAULT,
     .summary = "Alias of the collection that is written to: \"default\", or \"session\" for what "
                "ends with the login."},
    {.name = "unlock",
     .type = ACSMTP_BOOLEAN,
     .default_value = "false",
     .summary = "Let the desktop ask for a password when the keyring is locked."},
};

/* The attributes of `secret-tool store service acsmtp name NAME`. */
static const SecretSchema desktop_schema = {
    .name = "org.freedesktop.Secret.Generic",
    .flags = SECRET_SCHEMA_DONT_MATCH_NAME,
    .attributes = {{"service", SECRET_SCHEMA_ATTRIBUTE_STRING},
                   {"name", SECRET_SCHEMA_ATTRIBUTE_STRING},
                   {NULL, SECRET_SCHEMA_ATTRIBUTE_STRING}},
};

/* GLib would only say what the kernel said. */
static int may_connect(void)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd >= 0)
        (void)close(fd);
    return fd >= 0;
}

static int desktop_open(const struct acsmtp_settings *settings, void **instance,
                        struct acsmtp_error *err)
{
    const char *address = getenv("DBUS_SESSION_BUS_ADDRESS");
    const char *folder = getenv("XDG_RUNTIME_DIR");

    *instance = (void *)settings;
    if (!may_connect())
        return acsmtp_fail(err, ACSMTP_UNAVAILABLE,
                           "the session bus is forbidden here; an isolated plugin may talk to it "
                           "with \"allow\": [\"sockets\"]");
    /* Without either GLib would start a bus of its own, on which nobody is. */
    if ((address && *address) || (folder && *folder))
        return ACSMTP_OK;
    return acsmtp_fail(err, ACSMTP_UNAVAILABLE,
                       "there is no session bus (DBUS_SESSION_BUS_ADDRESS is not set): no desktop, "
                       "no Secret Service");
}

/* ---- failures ---- */

static int no_entry(const char *name, struct acsmtp_error *err)
{
    acsmtp_error_server(err, 0, ACSMTP_KEYRING_NO_ENTRY, NULL);
    return acsmtp_fail(err, ACSMTP_UNAVAILABLE, "there is no entry '%s'", name);
}

static int locked(const char *name, struct acsmtp_error *err)
{
    return acsmtp_fail(err, ACSMTP_UNAVAILABLE,
                       "the keyring with the entry '%s' is locked: log in to the desktop, or set "
                       "\"unlock\": true to be asked for its password",
                       name);
}

static int status_of(const GError *error)
{
    if (g_error_matches(error, SECRET_ERROR, SECRET_ERROR_IS_LOCKED))
        return ACSMTP_UNAVAILABLE;
    if (g_error_matches(error, SECRET_ERROR, SECRET_ERROR_PROTOCOL))
        return ACSMTP_PROTOCOL;
    if (g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED))
        return ACSMTP_DENIED;
    if (g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY) ||
        g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_TIMEOUT))
        return ACSMTP_TEMPORARY;
    return ACSMTP_UNAVAILABLE;
}

/* Takes the error. */
static int fail(GError *error, struct acsmtp_context *context, const char *name,
                struct acsmtp_error *err)
{
    int status = g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
                     ? acsmtp_context_check(context, name, err)
                     : ACSMTP_OK;

    g_dbus_error_strip_remote_error(error);
    if (status == ACSMTP_OK)
        status = acsmtp_fail(err, status_of(error), "entry '%s': %s", name, error->message);
    g_error_free(error);
    return status;
}

/* ---- items ---- */

static GHashTable *attributes_of(const char *name)
{
    return secret_attributes_build(&desktop_schema, "service", "acsmtp", "name", name, NULL);
}

/* The one item of that name, which the caller unreferences; NULL and *status when there is none. */
static SecretItem *find(const struct acsmtp_settings *settings, struct watch *watch,
                        const char *name, int *status, struct acsmtp_error *err)
{
    int unlock = acsmtp_settings_boolean(settings, "unlock");
    GHashTable *attributes = attributes_of(name);
    GError *error = NULL;
    SecretItem *item = NULL;
    GList *found = secret_service_search_sync(NULL, &desktop_schema, attributes,
                                              unlock ? SECRET_SEARCH_UNLOCK : SECRET_SEARCH_NONE,
                                              watch->cancellable, &error);

    g_hash_table_unref(attributes);
    if (error)
        *status = fail(error, watch->context, name, err);
    else if (!found)
        *status = no_entry(name, err);
    else if (secret_item_get_locked(found->data))
        *status = locked(name, err);
    else
        item = g_object_ref(found->data);
    g_list_free_full(found, g_object_unref);
    return item;
}

static int read_item(SecretItem *item, struct watch *watch, const char *name,
                     struct acsmtp_secret **secret, struct acsmtp_error *err)
{
    GError *error = NULL;
    SecretValue *value;
    const char *text;
    gsize size = 0;

    if (!secret_item_load_secret_sync(item, watch->cancellable, &error))
        return fail(error, watch->context, name, err);
    value = secret_item_get_secret(item);
    if (!value)
        return no_entry(name, err);
    text = secret_value_get(value, &size);
    *secret = acsmtp_secret_new(text, size, err);
    secret_value_unref(value);
    return *secret ? ACSMTP_OK : ACSMTP_SYSTEM;
}

static int desktop_get(void *instance, struct acsmtp_context *context, const char *name,
                       struct acsmtp_secret **secret, struct acsmtp_error *err)
{
    struct watch watch;
    SecretItem *item;
    int status = watch_start(&watch, context, err);

    if (status != ACSMTP_OK)
        return status;
    item = find(instance, &watch, name, &status, err);
    if (item) {
        status = read_item(item, &watch, name, secret, err);
        g_object_unref(item);
    }
    watch_stop(&watch);
    return status;
}

static int desktop_remove(void *instance, struct acsmtp_context *context, const char *name,
                          struct acsmtp_error *err)
{
    GError *error = NULL;
    struct watch watch;
    SecretItem *item;
    int status = watch_start(&watch, context, err);

    if (status != ACSMTP_OK)
        return status;
    item = find(instance, &watch, name, &status, err);
    if (item) {
        if (!secret_item_delete_sync(item, watch.cancellable, &error))
            status = fail(error, context, name, err);
        g_object_unref(item);
    }
    watch_stop(&watch);
    return status;
}

/* ---- writing ---- */

/* libsecret 0.20 takes no NULL for the service here, other than it says. */
static SecretCollection *collection_of(const char *alias, struct watch *watch, GError **error)
{
    SecretService *service =
        secret_service_get_sync(SECRET_SERVICE_NONE, watch->cancellable, error);
    SecretCollection *collection = NULL;

    if (service)
        collection = secret_collection_for_alias_sync(service, alias, SECRET_COLLECTION_NONE,
                                                      watch->cancellable, error);
    g_clear_object(&service);
    return collection;
}

/* Storing in a locked collection would begin a dialogue. */
static int check_collection(const char *alias, struct watch *watch, const char *name,
                            struct acsmtp_error *err)
{
    GError *error = NULL;
    SecretCollection *collection = collection_of(alias, watch, &error);
    int status = ACSMTP_OK;

    if (error)
        return fail(error, watch->context, name, err);
    if (!collection)
        return acsmtp_fail(err, ACSMTP_UNAVAILABLE,
                           "the Secret Service has no collection '%s' to write to", alias);
    if (secret_collection_get_locked(collection))
        status = locked(name, err);
    g_object_unref(collection);
    return status;
}

static int make_item(const char *alias, struct watch *watch, const char *name, SecretValue *value,
                     struct acsmtp_error *err)
{
    GHashTable *attributes = attributes_of(name);
    char *label = g_strdup_printf("acsmtp: %s", name);
    GError *error = NULL;
    int done = secret_password_storev_binary_sync(&desktop_schema, attributes, alias, label, value,
                                                  watch->cancellable, &error);

    g_free(label);
    g_hash_table_unref(attributes);
    return done ? ACSMTP_OK : fail(error, watch->context, name, err);
}

/*
 * An item that is there gets the new secret, whoever made it: by another program it has other
 * attributes beside ours, and a new one would be a second of the same name.
 */
static int write_item(const struct acsmtp_settings *settings, struct watch *watch, const char *name,
                      SecretValue *value, struct acsmtp_error *err)
{
    const char *alias = acsmtp_settings_string(settings, "collection");
    struct acsmtp_error problem = ACSMTP_ERROR_INIT;
    GError *error = NULL;
    int status = ACSMTP_OK;
    SecretItem *item = find(settings, watch, name, &status, &problem);

    if (item) {
        if (!secret_item_set_secret_sync(item, value, watch->cancellable, &error))
            status = fail(error, watch->context, name, err);
        g_object_unref(item);
        return status;
    }
    if (strcmp(problem.code, ACSMTP_KEYRING_NO_ENTRY) != 0)
        return acsmtp_fail(err, status, "%s", problem.message);
    if (!acsmtp_settings_boolean(settings, "unlock"))
        status = check_collection(alias, watch, name, err);
    else
        status = ACSMTP_OK;
    return status == ACSMTP_OK ? make_item(alias, watch, name, value, err) : status;
}

static int desktop_set(void *instance, struct acsmtp_context *context, const char *name,
                       const struct acsmtp_secret *secret, struct acsmtp_error *err)
{
    struct watch watch;
    SecretValue *value;
    int status = watch_start(&watch, context, err);

    if (status != ACSMTP_OK)
        return status;
    value = secret_value_new(acsmtp_secret_data(secret), (gssize)acsmtp_secret_size(secret),
                             "text/plain");
    status = write_item(instance, &watch, name, value, err);
    secret_value_unref(value);
    watch_stop(&watch);
    return status;
}

static void desktop_close(void *instance)
{
    (void)instance;
    secret_service_disconnect();
}

static const struct acsmtp_keyring_ops desktop_ops = {
    .size = sizeof desktop_ops,
    .open = desktop_open,
    .get = desktop_get,
    .set = desktop_set,
    .remove = desktop_remove,
    .close = desktop_close,
};

ACSMTP_PLUGIN(secret_service) = {
    ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_KEYRING),
    .threads = ACSMTP_THREADS_ONE, /* libsecret has one connection for all, and close() ends it */
    .name = "secret-service",
    .version = "1.0",
    .summary = "The keyring of the desktop (GNOME Keyring, KWallet, KeePassXC), by libsecret.",
    ACSMTP_PLUGIN_OPTIONS(desktop_options),
    .keyring = &desktop_ops,
};
