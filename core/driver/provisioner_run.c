/* SPDX-License-Identifier: MIT */
/*
 * One operation of a provisioner: the caller's options, the plugin's instance, its steps on their
 * way to the caller, and its result.
 */
#include "provisioner_private.h"
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the operations by name ---- */

static const struct {
    const char *name;
    size_t offset;
} operations[] = {
    {"plan", offsetof(struct acsmtp_provisioner_ops, plan)},
    {"apply", offsetof(struct acsmtp_provisioner_ops, apply)},
    {"show", offsetof(struct acsmtp_provisioner_ops, show)},
    {"verify", offsetof(struct acsmtp_provisioner_ops, verify)},
    {"rotate", offsetof(struct acsmtp_provisioner_ops, rotate)},
    {"destroy", offsetof(struct acsmtp_provisioner_ops, destroy)},
    {"export", offsetof(struct acsmtp_provisioner_ops, export_as)},
};

#define OPERATIONS (sizeof operations / sizeof operations[0])

static int find_operation(const struct entry *entry, const char *name,
                          acsmtp_provision_operation **found, struct acsmtp_error *err)
{
    const char *ops = (const char *)entry->plugin->provisioner;
    size_t i;

    for (i = 0; i < OPERATIONS && strcmp(operations[i].name, name) != 0; i++)
        ;
    if (i == OPERATIONS)
        return acsmtp_fail(err, ACSMTP_CONFIG, "provisioners have no operation '%.40s'", name);
    memcpy(found, ops + operations[i].offset, sizeof *found);
    if (!*found)
        return acsmtp_fail(err, ACSMTP_CONFIG, "provisioner %s has no operation '%s'", entry->name,
                           name);
    return ACSMTP_OK;
}

/* ---- the caller's options ---- */

static int is_list(const struct acsmtp_plugin *plugin, const char *name)
{
    uint32_t i;

    for (i = 0; i < plugin->option_count; i++)
        if (strcmp(plugin->options[i].name, name) == 0)
            return plugin->options[i].type == ACSMTP_STRING &&
                   (plugin->options[i].flags & ACSMTP_LIST);
    return 0;
}

/* Of a list every one counts, of anything else the last. */
static int set_option(struct acsmtp_json *object, const struct acsmtp_plugin *plugin,
                      const char *name, const char *value, struct acsmtp_error *err)
{
    struct acsmtp_json *text = acsmtp_json_new_string(value, err);
    struct acsmtp_json *list;

    if (!is_list(plugin, name))
        return acsmtp_json_set(object, name, text, err);
    list = acsmtp_json_type(acsmtp_json_get(object, name)) == ACSMTP_JSON_ARRAY
               ? acsmtp_json_dup(acsmtp_json_get(object, name), err)
               : acsmtp_json_new_array(err);
    if (!list) {
        acsmtp_json_free(text);
        return ACSMTP_SYSTEM;
    }
    if (acsmtp_json_append(list, text, err) != ACSMTP_OK) {
        acsmtp_json_free(list);
        return ACSMTP_SYSTEM;
    }
    return acsmtp_json_set(object, name, list, err);
}

static int read_option(struct acsmtp_json *object, const struct acsmtp_plugin *plugin,
                       const char *text, struct acsmtp_error *err)
{
    const char *equals = strchr(text, '=');
    char *name;
    int status;

    /* Without '=' the text may be a value alone, even a secret: it is not repeated. */
    if (!equals || equals == text)
        return acsmtp_fail(err, ACSMTP_CONFIG, "an option of a provisioner must be NAME=VALUE");
    name = strndup(text, (size_t)(equals - text));
    if (!name)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    status = set_option(object, plugin, name, equals + 1, err);
    free(name);
    return status;
}

static struct acsmtp_json *read_options(const struct acsmtp_plugin *plugin,
                                        const char *const *options, size_t count,
                                        struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *object = acsmtp_json_new_object(err);
    size_t i;

    for (i = 0; object && i < count; i++)
        if (read_option(object, plugin, options[i], err) != ACSMTP_OK)
            return NULL;
    return ACSMTP_STEAL(struct acsmtp_json, object);
}

/* ---- structures of another version ---- */

static void copy_sized(void *to, size_t size, const void *from)
{
    uint32_t given;

    memcpy(&given, from, sizeof given);
    memset(to, 0, size);
    memcpy(to, from, given < size ? given : size);
}

/* A step of an older plugin is shorter; the caller gets it at full size, and only complete ones. */
static void relay_step(void *data, const struct acsmtp_step *given)
{
    const struct acsmtp_provision_observer *observer = data;
    struct acsmtp_step step;

    copy_sized(&step, sizeof step, given);
    step.size = sizeof step;
    if (!step.id)
        return;
    if (!step.title)
        step.title = step.id;
    observer->step(observer->data, &step);
}

/* ---- the call ---- */

static int call(const struct entry *entry, acsmtp_provision_operation *operation,
                struct acsmtp_context *context, const struct acsmtp_provision_request *request,
                const struct acsmtp_provision_observer *observer, struct acsmtp_json **result,
                struct acsmtp_error *err)
{
    const struct acsmtp_provisioner_ops *ops = entry->plugin->provisioner;
    struct acsmtp_provision_observer relay = {
        .size = sizeof relay, .data = (void *)observer, .step = relay_step};
    void *instance = NULL;
    int status;

    entry_enter(entry);
    status = ops->open(entry->settings, &instance, err);
    if (status == ACSMTP_OK) {
        status = operation(instance, context, request, observer->step ? &relay : NULL, result, err);
        ops->close(instance);
    }
    entry_leave(entry);
    status = entry_result(entry, status, err);
    if (status == ACSMTP_OK && !*result)
        status =
            acsmtp_fail(err, ACSMTP_SYSTEM, "plugin '%s' succeeded without a result", entry->name);
    acsmtp_error_prefix(err, "provisioner %s", entry->name);
    return status;
}

/* Load, with the caller's options laid over the config's; then call. */
static int run(struct provisioner *provisioner, struct acsmtp_context *context, const char *name,
               const struct acsmtp_provision_request *request, const struct acsmtp_json *caller,
               const struct acsmtp_provision_observer *observer, struct acsmtp_json **result,
               struct acsmtp_error *err)
{
    struct settings_layer layers[PROVISIONER_LAYERS];
    acsmtp_provision_operation *operation = NULL;
    struct entry entry = {0};
    int status = provisioner_entry(provisioner, caller, layers, SETTINGS_CALLER, &entry, err);

    if (status == ACSMTP_OK)
        status = entry_load(&entry, err);
    if (status == ACSMTP_OK)
        status = find_operation(&entry, name, &operation, err);
    if (status == ACSMTP_OK)
        status = call(&entry, operation, context, request, observer, result, err);
    if (status == ACSMTP_OK)
        status = provisioner_complete_profile(&entry, *result, err);
    entry_release(&entry);
    return status;
}

int provisioner_run(struct provisioner *provisioner, struct acsmtp_context *context,
                    const char *operation, const struct acsmtp_provision_request *request,
                    const char *const *options, size_t option_count,
                    const struct acsmtp_provision_observer *observer, struct acsmtp_json **result,
                    struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *caller = NULL;
    struct acsmtp_provision_request asked = {.size = sizeof asked};
    struct acsmtp_provision_observer watching = {.size = sizeof watching};
    const struct acsmtp_plugin *plugin = NULL;
    int status = provisioner_plugin(provisioner, &plugin, err);

    *result = NULL;
    if (status != ACSMTP_OK)
        return status;
    if (request)
        copy_sized(&asked, sizeof asked, request);
    if (observer)
        copy_sized(&watching, sizeof watching, observer);
    asked.size = sizeof asked;
    caller = read_options(plugin, options, option_count, err);
    if (!caller)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    return run(provisioner, context, operation, &asked, caller, &watching, result, err);
}
