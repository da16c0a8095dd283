/* SPDX-License-Identifier: MIT */
/*
 * Instances of an isolated plugin, each in a process of its own: started when there is something to
 * do, kept as long as it lives and has not been told to give up, and started anew after that.
 */
#include "driver/settings_private.h"
#include "isolate_call.h"
#include "isolate_given.h"
#include "wire_plugin.h"
#include <stdlib.h>
#include <string.h>

/* Plugins look whether these are set; what a secret one holds they ask for. */
static void put_variables(struct wire_writer *writer, const struct acsmtp_settings *settings)
{
    size_t i;

    for (i = 0; i < settings->count; i++) {
        const struct acsmtp_option *option = &settings->list[i].option;
        const char *value = option->environment ? secure_getenv(option->environment) : NULL;

        if (!value)
            continue;
        wire_put_text(writer, option->environment);
        wire_put_text(writer, option->flags & ACSMTP_SECRET ? NULL : value);
    }
    wire_put_text(writer, NULL);
}

static int open_there(struct isolate_instance *instance, struct acsmtp_error *err)
{
    struct isolate_call call;
    struct wire_writer writer;
    struct wire_reader result;
    int status = isolate_call_start(instance->isolate, &instance->child, &call, err);

    if (status != ACSMTP_OK)
        return status;
    call.settings = instance->settings;
    call.given = &instance->given;
    writer = isolate_call_begin(&call, 0);
    wire_put_settings(&writer, instance->settings);
    put_variables(&writer, instance->settings);
    status = isolate_call_run(&call, CALL_OPEN, &writer, &result, err);
    acsmtp_context_free(call.context);
    return status;
}

/* A further process says the same of the plugin as the first one did, or is not believed. */
static int start_another(struct isolate_instance *instance, struct acsmtp_error *err)
{
    struct isolate *isolate = instance->isolate;
    struct wire_reader told;
    int status = isolate_child_start(isolate->arguments, isolate->environment, isolate->has_input,
                                     &instance->child, err);

    if (status == ACSMTP_OK)
        status = isolate_describe(isolate, &instance->child, &told, err);
    if (status == ACSMTP_OK &&
        (told.left != acsmtp_secret_size(isolate->descriptor->payload) ||
         memcmp(told.at, acsmtp_secret_data(isolate->descriptor->payload), told.left) != 0))
        status = acsmtp_fail(err, ACSMTP_SYSTEM, "the plugin has changed since it was loaded");
    return status;
}

static void stop(struct isolate_instance *instance)
{
    isolate_child_stop(instance->child, NULL, 0, NULL);
    instance->child = NULL;
}

int isolate_instance_revive(struct isolate_instance *instance, struct acsmtp_error *err)
{
    int status = ACSMTP_OK;

    if (instance->child && !instance->child->spent && isolate_child_alive(instance->child))
        return ACSMTP_OK;
    stop(instance);
    (void)pthread_mutex_lock(&instance->isolate->lock);
    instance->child = instance->isolate->first;
    instance->isolate->first = NULL;
    (void)pthread_mutex_unlock(&instance->isolate->lock);
    if (!instance->child)
        status = start_another(instance, err);
    if (status == ACSMTP_OK)
        status = open_there(instance, err);
    if (status != ACSMTP_OK)
        stop(instance);
    return status;
}

int isolate_instance_open(const struct acsmtp_settings *settings, void **instance,
                          struct acsmtp_error *err)
{
    struct isolate_instance *made = calloc(1, sizeof *made);
    int status;

    if (!made)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    made->isolate = settings_isolate(settings);
    made->settings = settings;
    status = isolate_instance_revive(made, err);
    if (status == ACSMTP_OK)
        *instance = made;
    else
        isolate_instance_close(made);
    return status;
}

/* The plugin is asked to close, so that it can do what it does then; if it does not, it is stopped.
 */
void isolate_instance_close(void *data)
{
    struct isolate_instance *instance = data;
    struct isolate_call call;
    struct wire_writer writer;
    struct wire_reader result;

    if (instance->child && isolate_child_alive(instance->child) &&
        isolate_call_start(instance->isolate, &instance->child, &call, NULL) == ACSMTP_OK) {
        call.settings = instance->settings;
        call.given = &instance->given;
        writer = isolate_call_begin(&call, 0);
        (void)isolate_call_run(&call, CALL_CLOSE, &writer, &result, NULL);
        acsmtp_context_free(call.context);
    }
    stop(instance);
    given_free(instance->given);
    free(instance);
}

struct isolate_call isolate_instance_call(struct isolate_instance *instance,
                                          struct acsmtp_context *context)
{
    return (struct isolate_call){.isolate = instance->isolate,
                                 .child = &instance->child,
                                 .settings = instance->settings,
                                 .given = &instance->given,
                                 .context = context};
}
