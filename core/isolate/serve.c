/* SPDX-License-Identifier: MIT */
/*
 * The life of an isolated plugin: described, opened, called, closed, one frame after the other.
 */
#include "serve.h"
#include "base/context_private.h"
#include "driver/registry_private.h"
#include "protocol.h"
#include "wire_plugin.h"
#include <acsmtp/isolate.h>
#include <stdatomic.h>
#include <stdlib.h>

/* What acsmtp_isolate_cancel() cancels: one process has one plugin, and a signal has no argument.
 */
static _Atomic(struct acsmtp_context *) served;

void acsmtp_isolate_cancel(void)
{
    acsmtp_context_cancel(atomic_load(&served));
}

/* ---- the plugin ---- */

static int describe(struct call *call, struct acsmtp_error *err)
{
    uint32_t kind = wire_get_u32(&call->in);
    const char *name = wire_need_text(&call->in, REGISTRY_NAME_MAX);
    const char *path = wire_need_text(&call->in, ISOLATE_TEXT_MAX);
    int status = wire_check(&call->in, "plugin's name", err);

    if (status == ACSMTP_OK && (call->serve->plugin || !registry_name_valid(name)))
        status = acsmtp_fail(err, ACSMTP_PROTOCOL, "the host asks for an impossible plugin");
    if (status == ACSMTP_OK)
        status = registry_load(path, (int)kind, name, &call->serve->plugin, err);
    if (status == ACSMTP_OK)
        wire_put_description(&call->out, call->serve->plugin);
    return status;
}

static int open_instance(struct serve *serve, struct acsmtp_error *err)
{
    const struct acsmtp_plugin *plugin = serve->plugin;

    switch (plugin->kind) {
    case ACSMTP_KIND_CREDENTIAL:
        return plugin->credential->open(serve->settings, &serve->instance, err);
    case ACSMTP_KIND_TRANSPORT:
        return plugin->transport->open(serve->settings, &serve->instance, err);
    case ACSMTP_KIND_COMPOSER:
        return plugin->composer->open(serve->settings, &serve->instance, err);
    case ACSMTP_KIND_KEYRING:
        return plugin->keyring->open(serve->settings, &serve->instance, err);
    case ACSMTP_KIND_PROVISIONER:
        return plugin->provisioner->open(serve->settings, &serve->instance, err);
    default:
        return acsmtp_fail(err, ACSMTP_CONFIG, "plugins of this kind cannot be isolated");
    }
}

static void close_instance(struct serve *serve)
{
    const struct acsmtp_plugin *plugin = serve->plugin;

    if (!serve->opened)
        return;
    serve->opened = 0;
    if (plugin->kind == ACSMTP_KIND_CREDENTIAL)
        plugin->credential->close(serve->instance);
    else if (plugin->kind == ACSMTP_KIND_TRANSPORT)
        plugin->transport->close(serve->instance);
    else if (plugin->kind == ACSMTP_KIND_COMPOSER)
        plugin->composer->close(serve->instance);
    else if (plugin->kind == ACSMTP_KIND_KEYRING)
        plugin->keyring->close(serve->instance);
    else
        plugin->provisioner->close(serve->instance);
}

static int open_plugin(struct call *call, struct acsmtp_error *err)
{
    struct serve *serve = call->serve;
    int status;

    if (!serve->plugin || serve->opened || serve->settings)
        return acsmtp_fail(err, ACSMTP_PROTOCOL, "the host opens what cannot be opened");
    status = serve_open_settings(call, err);
    if (status == ACSMTP_OK)
        status = open_instance(serve, err);
    serve->opened = status == ACSMTP_OK;
    return status;
}

static int close_plugin(struct call *call, struct acsmtp_error *err)
{
    (void)err;
    close_instance(call->serve);
    return ACSMTP_OK;
}

/* ---- calls ---- */

static const struct row {
    uint32_t type;
    int kind;      /* 0: any; else of an opened plugin of that kind */
    int has_scope; /* its payload begins with one */
    int (*run)(struct call *call, struct acsmtp_error *err);
} rows[] = {
    {CALL_DESCRIBE, 0, 0, describe},
    {CALL_OPEN, 0, 0, open_plugin},
    {CALL_CLOSE, 0, 0, close_plugin},
    {CALL_PROBE, ACSMTP_KIND_CREDENTIAL, 1, serve_probe},
    {CALL_ACQUIRE, ACSMTP_KIND_CREDENTIAL, 1, serve_acquire},
    {CALL_REPORT, ACSMTP_KIND_CREDENTIAL, 1, serve_report},
    {CALL_LOOK, ACSMTP_KIND_CREDENTIAL, 1, serve_look},
    {CALL_FORGET, ACSMTP_KIND_CREDENTIAL, 1, serve_forget},
    {CALL_CONNECT, ACSMTP_KIND_TRANSPORT, 1, serve_connect},
    {CALL_MAIL, ACSMTP_KIND_TRANSPORT, 0, serve_mail},
    {CALL_RECIPIENTS, ACSMTP_KIND_TRANSPORT, 0, serve_recipients},
    {CALL_SEND, ACSMTP_KIND_TRANSPORT, 1, serve_send},
    {CALL_DISCONNECT, ACSMTP_KIND_TRANSPORT, 1, serve_disconnect},
    {CALL_DIAGNOSE, ACSMTP_KIND_TRANSPORT, 1, serve_diagnose},
    {CALL_COMPOSE, ACSMTP_KIND_COMPOSER, 1, serve_compose},
    {CALL_GET, ACSMTP_KIND_KEYRING, 1, serve_get},
    {CALL_SET, ACSMTP_KIND_KEYRING, 1, serve_set},
    {CALL_REMOVE, ACSMTP_KIND_KEYRING, 1, serve_remove},
    {CALL_PLAN, ACSMTP_KIND_PROVISIONER, 1, serve_provision},
    {CALL_APPLY, ACSMTP_KIND_PROVISIONER, 1, serve_provision},
    {CALL_SHOW, ACSMTP_KIND_PROVISIONER, 1, serve_provision},
    {CALL_VERIFY, ACSMTP_KIND_PROVISIONER, 1, serve_provision},
    {CALL_ROTATE, ACSMTP_KIND_PROVISIONER, 1, serve_provision},
    {CALL_DESTROY, ACSMTP_KIND_PROVISIONER, 1, serve_provision},
    {CALL_EXPORT, ACSMTP_KIND_PROVISIONER, 1, serve_provision},
    {CALL_DIAGNOSE_PROVIDER, ACSMTP_KIND_PROVISIONER, 1, serve_diagnose_provider},
};

#define ROWS (sizeof rows / sizeof rows[0])

static const struct row *find_row(const struct serve *serve, uint32_t type)
{
    const struct row *row = NULL;
    size_t i;

    for (i = 0; i < ROWS && !row; i++)
        if (rows[i].type == type)
            row = &rows[i];
    if (row && row->kind != 0 && (!serve->opened || serve->plugin->kind != row->kind))
        return NULL;
    return row;
}

static int run_row(const struct row *row, struct call *call, struct acsmtp_error *err)
{
    struct serve *serve = call->serve;
    int status = ACSMTP_OK;

    if (row->has_scope)
        status = wire_get_scope(&call->in, serve->root, serve_log, serve, &call->context, err);
    return status == ACSMTP_OK ? row->run(call, err) : status;
}

/* What a context learnt during a call goes back with its outcome. */
static int send_return(struct call *call, int status, const struct acsmtp_error *problem,
                       struct acsmtp_error *err)
{
    struct serve *serve = call->serve;
    struct wire_writer writer = {.out = serve->response};
    char *claims = call->context ? context_take_claims(call->context) : NULL;
    int known = 0;
    int64_t skew = acsmtp_context_clock_skew(serve->root, &known);

    acsmtp_secret_truncate(serve->response, 0);
    wire_put_outcome(&writer, status, problem);
    wire_put_u32(&writer, known != 0);
    wire_put_i64(&writer, skew);
    wire_put_text(&writer, claims);
    wire_put_bytes(&writer, acsmtp_secret_data(serve->result), acsmtp_secret_size(serve->result));
    free(claims);
    if (writer.failed || call->out.failed)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "what the plugin gave is too long");
    /* A thread that the plugin has left behind may be in the middle of a frame. */
    (void)pthread_mutex_lock(&serve->lock);
    status = channel_send(&serve->channel, FRAME_RETURN, serve->response, err);
    (void)pthread_mutex_unlock(&serve->lock);
    return status;
}

static int is_told(uint32_t type)
{
    return type == CALL_MAIL || type == CALL_RECIPIENTS;
}

static int serve_call(struct serve *serve, uint32_t type, struct acsmtp_error *err)
{
    struct acsmtp_error problem = ACSMTP_ERROR_INIT;
    struct call call = {.serve = serve,
                        .type = type,
                        .in = wire_read(serve->request),
                        .out = {.out = serve->result}};
    const struct row *row = find_row(serve, type);
    int status;

    if (!row)
        return acsmtp_fail(err, ACSMTP_PROTOCOL, "the host makes an impossible call (%lu)",
                           (unsigned long)type);
    acsmtp_secret_truncate(serve->result, 0);
    if (is_told(type))
        return row->run(&call, err);
    status = run_row(row, &call, &problem);
    status = send_return(&call, status, &problem, err);
    acsmtp_context_free(call.context);
    return status;
}

/* ---- life ---- */

static int init(struct serve *serve, int fd, struct acsmtp_error *err)
{
    struct acsmtp_secret **payloads[] = {&serve->request, &serve->response, &serve->result,
                                         &serve->question, &serve->answer};
    int status = acsmtp_context_new(&serve->root, err);
    size_t i;

    serve->channel.fd = fd;
    for (i = 0; status == ACSMTP_OK && i < sizeof payloads / sizeof payloads[0]; i++) {
        *payloads[i] = acsmtp_secret_new(NULL, 0, err);
        if (!*payloads[i])
            status = ACSMTP_SYSTEM;
    }
    if (status == ACSMTP_OK && pthread_mutex_init(&serve->lock, NULL) != 0)
        status = acsmtp_fail(err, ACSMTP_SYSTEM, "cannot make a lock");
    atomic_store(&served, serve->root);
    return status;
}

static void release(struct serve *serve)
{
    close_instance(serve);
    serve_drop_mails(serve);
    serve_close_settings(serve);
    atomic_store(&served, NULL);
    acsmtp_context_free(serve->root);
    acsmtp_secret_free(serve->request);
    acsmtp_secret_free(serve->response);
    acsmtp_secret_free(serve->result);
    acsmtp_secret_free(serve->question);
    acsmtp_secret_free(serve->answer);
}

int acsmtp_isolate_serve(int fd, struct acsmtp_error *err)
{
    struct acsmtp_error problem = ACSMTP_ERROR_INIT;
    struct serve serve = {0};
    uint32_t type = 0;
    int status = init(&serve, fd, &problem);

    while (status == ACSMTP_OK) {
        status = channel_receive(&serve.channel, &type, serve.request, &problem);
        if (status == ACSMTP_OK)
            status = serve_call(&serve, type, &problem);
    }
    release(&serve);
    if (status == ACSMTP_SYSTEM && channel_has_ended(&problem))
        return ACSMTP_OK;
    return acsmtp_fail(err, status, "%s", problem.message);
}

void acsmtp_isolate_refuse(int fd, const struct acsmtp_error *problem)
{
    const struct channel channel = {.fd = fd};
    ACSMTP_AUTO_SECRET struct acsmtp_secret *payload = acsmtp_secret_new(NULL, 0, NULL);
    struct wire_writer writer = {.out = payload};

    if (!payload)
        return;
    wire_put_outcome(&writer, problem->status, problem);
    wire_put_u32(&writer, 0);
    wire_put_i64(&writer, 0);
    wire_put_text(&writer, NULL);
    wire_put_bytes(&writer, NULL, 0);
    /* A host that is gone needs no reason. */
    if (channel_send(&channel, FRAME_RETURN, payload, NULL) != ACSMTP_OK)
        return;
}
