/* SPDX-License-Identifier: MIT */
/*
 * Settings whose secrets, chains and store are in the host. Each is asked for when the plugin wants
 * it, as in the host's own process: a rotated secret is seen, and a chain that is not needed is not
 * asked.
 */
#include "driver/settings_build.h"
#include "protocol.h"
#include "serve.h"
#include "wire_plugin.h"
#include <stdlib.h>
#include <string.h>

/* ---- secrets ---- */

static int get_secret(struct wire_reader *answer, int status, struct acsmtp_secret **secret,
                      struct acsmtp_error *err)
{
    struct acsmtp_secret *got = NULL;

    if (status == ACSMTP_OK)
        got = wire_get_secret(answer);
    if (status == ACSMTP_OK)
        status = wire_check(answer, "secret", err);
    if (status == ACSMTP_OK)
        *secret = got;
    else
        acsmtp_secret_free(got);
    return status;
}

static int remote_secret(void *data, struct acsmtp_context *context, const char *option,
                         struct acsmtp_secret **secret, struct acsmtp_error *err)
{
    struct serve *serve = data;
    struct wire_writer writer = serve_begin(serve);
    struct wire_reader answer;
    int status;

    wire_put_i64(&writer, acsmtp_context_remaining(context));
    wire_put_text(&writer, option);
    status = serve_ask(serve, HOST_SECRET, &writer, &answer, err);
    status = get_secret(&answer, status, secret, err);
    serve_end(serve);
    return status;
}

/* ---- the store ---- */

static int store_open(void *data, struct acsmtp_context *context, const char *key, uint32_t *handle,
                      struct acsmtp_error *err)
{
    struct serve *serve = data;
    struct wire_writer writer = serve_begin(serve);
    struct wire_reader answer;
    int status;

    wire_put_i64(&writer, acsmtp_context_remaining(context));
    wire_put_text(&writer, key);
    status = serve_ask(serve, HOST_STORE_OPEN, &writer, &answer, err);
    if (status == ACSMTP_OK)
        *handle = wire_get_u32(&answer);
    if (status == ACSMTP_OK)
        status = wire_check(&answer, "handle", err);
    serve_end(serve);
    return status;
}

static int store_get(void *data, uint32_t handle, struct acsmtp_secret **secret,
                     struct acsmtp_error *err)
{
    struct serve *serve = data;
    struct wire_writer writer = serve_begin(serve);
    struct wire_reader answer;
    int status;

    wire_put_u32(&writer, handle);
    status = serve_ask(serve, HOST_STORE_GET, &writer, &answer, err);
    status = get_secret(&answer, status, secret, err);
    serve_end(serve);
    return status;
}

static int store_set(void *data, uint32_t handle, const struct acsmtp_secret *secret,
                     struct acsmtp_error *err)
{
    struct serve *serve = data;
    struct wire_writer writer = serve_begin(serve);
    struct wire_reader answer;
    int status;

    wire_put_u32(&writer, handle);
    wire_put_secret(&writer, secret);
    status = serve_ask(serve, HOST_STORE_SET, &writer, &answer, err);
    serve_end(serve);
    return status;
}

static int store_remove(void *data, uint32_t handle, struct acsmtp_error *err)
{
    struct serve *serve = data;
    struct wire_writer writer = serve_begin(serve);
    struct wire_reader answer;
    int status;

    wire_put_u32(&writer, handle);
    status = serve_ask(serve, HOST_STORE_REMOVE, &writer, &answer, err);
    serve_end(serve);
    return status;
}

static void store_close(void *data, uint32_t handle)
{
    struct serve *serve = data;
    struct wire_writer writer = serve_begin(serve);

    wire_put_u32(&writer, handle);
    serve_tell(serve, HOST_STORE_CLOSE, &writer);
    serve_end(serve);
}

/* ---- chains ---- */

struct remote_chain {
    struct serve *serve;
    const char *option; /* of the plugin's table */
};

static int chain_ask(void *chain, struct acsmtp_context *context,
                     const struct acsmtp_credential_request *request, struct acsmtp_credential *out,
                     struct acsmtp_error *err)
{
    const struct remote_chain *remote = chain;
    struct wire_writer writer = serve_begin(remote->serve);
    struct wire_reader answer;
    int status;

    wire_put_i64(&writer, acsmtp_context_remaining(context));
    wire_put_text(&writer, remote->option);
    wire_put_request(&writer, request);
    /* With a refresh it says which one was refused. */
    wire_put_credential(&writer, out);
    status = serve_ask(remote->serve, HOST_CREDENTIAL, &writer, &answer, err);
    if (status == ACSMTP_OK)
        status = wire_get_credential(&answer, out, err);
    if (status == ACSMTP_OK)
        status = wire_check(&answer, "credential", err);
    serve_end(remote->serve);
    return status;
}

static void chain_tell(void *chain, struct acsmtp_context *context,
                       const struct acsmtp_verdict *verdict)
{
    const struct remote_chain *remote = chain;
    struct wire_writer writer = serve_begin(remote->serve);

    (void)context;
    wire_put_text(&writer, remote->option);
    wire_put_verdict(&writer, verdict);
    serve_tell(remote->serve, HOST_VERDICT, &writer);
    serve_end(remote->serve);
}

static const struct settings_chain_ops chain_ops = {
    .acquire = chain_ask,
    .report = chain_tell,
    .close = free,
};

static int attach_chain(struct serve *serve, const char *option, struct acsmtp_error *err)
{
    struct remote_chain *chain;
    int status;

    if (!acsmtp_settings_has(serve->settings, option))
        return ACSMTP_OK;
    chain = calloc(1, sizeof *chain);
    if (!chain)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    *chain = (struct remote_chain){serve, option};
    status = settings_attach_chain(serve->settings, option, chain, &chain_ops, err);
    if (status != ACSMTP_OK)
        free(chain);
    return status;
}

/* ---- variables ---- */

/*
 * This process has one plugin and, so far, one thread: its environment can be what it needs. The
 * variable of a secret is there as well, but empty, unless the config has let it through.
 */
static int set_variables(struct call *call, struct acsmtp_error *err)
{
    const char *name, *value;

    while ((name = wire_get_text(&call->in, ISOLATE_TEXT_MAX))) {
        value = wire_get_text(&call->in, FRAME_MAX);
        if (setenv(name, value ? value : "", value != NULL) != 0)
            return acsmtp_fail(err, ACSMTP_SYSTEM, "cannot set the variable %s", name);
    }
    return wire_check(&call->in, "settings object", err);
}

/* ---- all of them ---- */

int serve_open_settings(struct call *call, struct acsmtp_error *err)
{
    static const struct settings_remote operations = {
        .secret = remote_secret,
        .store_open = store_open,
        .store_get = store_get,
        .store_set = store_set,
        .store_remove = store_remove,
        .store_close = store_close,
    };
    struct serve *serve = call->serve;
    const struct acsmtp_plugin *plugin = serve->plugin;
    int status = wire_get_settings(&call->in, plugin, &serve->settings, err);
    uint32_t i;

    if (status == ACSMTP_OK)
        status = set_variables(call, err);
    if (status != ACSMTP_OK)
        return status;
    serve->remote = malloc(sizeof *serve->remote);
    if (!serve->remote)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    *serve->remote = operations;
    serve->remote->data = serve;
    settings_attach_remote(serve->settings, serve->remote);
    for (i = 0; status == ACSMTP_OK && i < plugin->option_count; i++)
        if (plugin->options[i].type == ACSMTP_CHAIN)
            status = attach_chain(serve, plugin->options[i].name, err);
    return status;
}

void serve_close_settings(struct serve *serve)
{
    settings_free(serve->settings);
    free(serve->remote);
    serve->settings = NULL;
    serve->remote = NULL;
}
