/* SPDX-License-Identifier: MIT */
/*
 * The operations of a credential source in another process.
 */
#include "isolate_call.h"
#include "wire_value.h"
#include <string.h>

/* A call that takes nothing but its scope. */
static int simple_call(struct isolate_instance *instance, struct acsmtp_context *context,
                       uint32_t type, struct acsmtp_error *err)
{
    struct isolate_call call = isolate_instance_call(instance, context);
    struct wire_writer writer;
    struct wire_reader result;
    int status = isolate_instance_revive(instance, err);

    if (status != ACSMTP_OK)
        return status;
    writer = isolate_call_begin(&call, 1);
    return isolate_call_run(&call, type, &writer, &result, err);
}

static int probe(void *instance, struct acsmtp_context *context, struct acsmtp_error *err)
{
    return simple_call(instance, context, CALL_PROBE, err);
}

static int forget(void *instance, struct acsmtp_context *context, struct acsmtp_error *err)
{
    return simple_call(instance, context, CALL_FORGET, err);
}

static int acquire(void *instance, struct acsmtp_context *context,
                   const struct acsmtp_credential_request *request, struct acsmtp_credential *out,
                   struct acsmtp_error *err)
{
    struct isolate_call call = isolate_instance_call(instance, context);
    struct acsmtp_error problem = ACSMTP_ERROR_INIT;
    struct wire_writer writer;
    struct wire_reader result;
    int status = isolate_instance_revive(instance, err);

    if (status != ACSMTP_OK)
        return status;
    writer = isolate_call_begin(&call, 1);
    wire_put_request(&writer, request);
    status = isolate_call_run(&call, CALL_ACQUIRE, &writer, &result, err);
    /* The library over there makes none that this one does not take. */
    if (status == ACSMTP_OK && wire_get_credential(&result, out, &problem) != ACSMTP_OK)
        result.failed = 1;
    if (status == ACSMTP_OK)
        status = isolate_call_check(&call, &result, "credential", err);
    if (*call.child)
        acsmtp_secret_truncate((*call.child)->in, 0);
    return status;
}

/* One that has ended meanwhile has nothing to forget. */
static void report(void *data, struct acsmtp_context *context, const struct acsmtp_verdict *verdict)
{
    struct isolate_instance *instance = data;
    struct isolate_call call = isolate_instance_call(instance, context);
    struct wire_writer writer;
    struct wire_reader result;

    if (!instance->child || instance->child->spent || !isolate_child_alive(instance->child))
        return;
    writer = isolate_call_begin(&call, 1);
    wire_put_verdict(&writer, verdict);
    (void)isolate_call_run(&call, CALL_REPORT, &writer, &result, NULL);
}

/* The name that the plugin told, as the host's own option table has it. */
static const char *option_of(const struct isolate *isolate, const char *name)
{
    const struct acsmtp_plugin *plugin = isolate_plugin(isolate);
    uint32_t i;

    for (i = 0; name && i < plugin->option_count; i++)
        if (plugin->options[i].type == ACSMTP_CHAIN && strcmp(plugin->options[i].name, name) == 0)
            return plugin->options[i].name;
    return NULL;
}

static int look(void *instance, struct acsmtp_context *context, const char **chain,
                struct acsmtp_error *err)
{
    struct isolate_call call = isolate_instance_call(instance, context);
    struct wire_writer writer;
    struct wire_reader result;
    int status = isolate_instance_revive(instance, err);

    *chain = NULL;
    if (status != ACSMTP_OK)
        return status;
    writer = isolate_call_begin(&call, 1);
    status = isolate_call_run(&call, CALL_LOOK, &writer, &result, err);
    if (!*call.child)
        return status;
    *chain = option_of(call.isolate, wire_get_text(&result, ISOLATE_TEXT_MAX));
    return status;
}

void isolate_credential_ops(uint32_t has, struct acsmtp_credential_ops *ops)
{
    *ops = (struct acsmtp_credential_ops){
        .size = sizeof *ops,
        .open = isolate_instance_open,
        .probe = has & HAS_PROBE ? probe : NULL,
        .acquire = acquire,
        .report = has & HAS_REPORT ? report : NULL,
        .close = isolate_instance_close,
        .look = has & HAS_LOOK ? look : NULL,
        .forget = has & HAS_FORGET ? forget : NULL,
    };
}
