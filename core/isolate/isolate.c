/* SPDX-License-Identifier: MIT */
/*
 * A plugin that is isolated: its descriptor, checked as if it had been loaded. Its instances are in
 * isolate_instance.c.
 */
#include "isolate.h"
#include "driver/registry_private.h"
#include "isolate_call.h"
#include "wire_plugin.h"
#include <acsmtp/process.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define START_MS                                                                                   \
    30000 /* for a process to start and load or open its plugin: no network, no wait               \
           */

/* Beside what acsmtp_process_environment() always takes: the ways to a server and its trust. */
static const char *const passed_on[] = {
    "http_proxy",   "https_proxy",  "HTTPS_PROXY",       "all_proxy",
    "ALL_PROXY",    "no_proxy",     "NO_PROXY",          "SSL_CERT_FILE",
    "SSL_CERT_DIR", "OPENSSL_CONF", "SOURCE_DATE_EPOCH", "DBUS_SESSION_BUS_ADDRESS",
    "RES_OPTIONS",  "LOCALDOMAIN",  "LD_LIBRARY_PATH",
};

#define PASSED_ON (sizeof passed_on / sizeof passed_on[0])

/* ---- the descriptor ---- */

int isolate_describe(struct isolate *isolate, struct isolate_child **child,
                     struct wire_reader *description, struct acsmtp_error *err)
{
    struct isolate_call call;
    struct wire_writer writer;
    int status = isolate_call_start(isolate, child, &call, err);

    if (status != ACSMTP_OK)
        return status;
    writer = isolate_call_begin(&call, 0);
    wire_put_u32(&writer, (uint32_t)isolate->kind);
    wire_put_text(&writer, isolate->name);
    wire_put_text(&writer, isolate->path);
    status = isolate_call_run(&call, CALL_DESCRIBE, &writer, description, err);
    acsmtp_context_free(call.context);
    return status;
}

static int ask_description(struct isolate *isolate, struct wire_description *description,
                           struct acsmtp_error *err)
{
    struct wire_reader result;
    int status = isolate_describe(isolate, &isolate->first, &result, err);

    if (status != ACSMTP_OK)
        return status;
    isolate->payload = acsmtp_secret_new(result.at, result.left, err);
    if (!isolate->payload)
        return ACSMTP_SYSTEM;
    result = wire_read(isolate->payload);
    return wire_get_description(&result, description, err);
}

/* The operations of all kinds: those of the others are not looked at. */
struct operations {
    struct acsmtp_credential_ops credential;
    struct acsmtp_transport_ops transport;
    struct acsmtp_composer_ops composer;
    struct acsmtp_keyring_ops keyring;
};

static int check(struct isolate *isolate, const struct wire_description *description,
                 struct acsmtp_error *err)
{
    struct operations ops = {0};
    struct acsmtp_plugin raw = {
        ACSMTP_PLUGIN_HEAD(isolate->kind),
        .threads = ACSMTP_THREADS_INSTANCE,
        .name = isolate->name,
        .version = description->version,
        .summary = description->summary,
        .options = description->options,
        .option_count = description->option_count,
        .option_size = sizeof description->options[0],
        .credential = isolate->kind == ACSMTP_KIND_CREDENTIAL ? &ops.credential : NULL,
        .transport = isolate->kind == ACSMTP_KIND_TRANSPORT ? &ops.transport : NULL,
        .composer = isolate->kind == ACSMTP_KIND_COMPOSER ? &ops.composer : NULL,
        .keyring = isolate->kind == ACSMTP_KIND_KEYRING ? &ops.keyring : NULL,
    };

    isolate_credential_ops(description->has, &ops.credential);
    isolate_transport_ops(description->has, description->accepts, &ops.transport);
    isolate_composer_ops(&ops.composer);
    isolate_keyring_ops(&ops.keyring);
    return registry_check(&raw, isolate->kind, isolate->name, &isolate->loaded, err);
}

/* The registry copies the rows; what they point to stays here. */
static int learn_descriptor(struct isolate *isolate, struct acsmtp_error *err)
{
    struct wire_description description = {0};
    int status = ask_description(isolate, &description, err);

    if (status == ACSMTP_OK)
        status = check(isolate, &description, err);
    isolate->values = description.values;
    description.values = NULL;
    wire_description_release(&description);
    return status;
}

/* ---- life ---- */

static char **make_environment(const struct isolate_policy *policy)
{
    const char *names[PASSED_ON + ISOLATE_ITEMS_MAX + 1];
    size_t count = 0, i;

    for (i = 0; i < PASSED_ON; i++)
        names[count++] = passed_on[i];
    for (i = 0; policy->environment && policy->environment[i] && i < ISOLATE_ITEMS_MAX; i++)
        names[count++] = policy->environment[i];
    names[count] = NULL;
    return acsmtp_process_environment(names, NULL);
}

static void free_arguments(char **arguments)
{
    size_t i;

    for (i = 0; arguments && arguments[i]; i++)
        free(arguments[i]);
    free(arguments);
}

/* What the program is told; see host/main.c. */
static char **make_arguments(const struct isolate_policy *policy)
{
    char **arguments = calloc(4 + ISOLATE_ITEMS_MAX + 1, sizeof *arguments);
    size_t count = 0, i;
    int failed = !arguments;

    failed = failed || asprintf(&arguments[count++], "acsmtp-plugin-host") < 0 ||
             asprintf(&arguments[count++], "%s", ISOLATE_PROTOCOL) < 0 ||
             asprintf(&arguments[count++], "%u", policy->allow) < 0 ||
             asprintf(&arguments[count++], "%ld", (long)getpid()) < 0;
    for (i = 0; !failed && policy->write && policy->write[i]; i++)
        failed = asprintf(&arguments[count++], "%s", policy->write[i]) < 0;
    if (!failed)
        return arguments;
    if (arguments)
        arguments[count - 1] = NULL;
    free_arguments(arguments);
    return NULL;
}

int isolate_open(const char *path, int kind, const char *name, const struct isolate_policy *policy,
                 struct isolate **isolate, struct acsmtp_error *err)
{
    struct isolate *made = calloc(1, sizeof *made);
    int status;

    if (!made || pthread_mutex_init(&made->lock, NULL) != 0) {
        free(made);
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    }
    made->kind = kind;
    made->path = strdup(path);
    made->name = strdup(name);
    made->arguments = make_arguments(policy);
    made->environment = make_environment(policy);
    if (made->path && made->name && made->arguments && made->environment)
        status = isolate_child_start(made->arguments, made->environment, &made->first, err);
    else
        status = acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    if (status == ACSMTP_OK)
        status = learn_descriptor(made, err);
    if (status == ACSMTP_OK) {
        *isolate = made;
        return ACSMTP_OK;
    }
    acsmtp_error_prefix(err, "isolated %s plugin '%s' (%s)", registry_kind_name(kind), name, path);
    isolate_close(made);
    return status;
}

void isolate_close(struct isolate *isolate)
{
    if (!isolate)
        return;
    isolate_child_stop(isolate->first, NULL, 0, NULL);
    if (isolate->loaded)
        free(isolate->loaded->options);
    free(isolate->loaded);
    free(isolate->values);
    acsmtp_secret_free(isolate->payload);
    free_arguments(isolate->arguments);
    free(isolate->environment);
    free(isolate->path);
    free(isolate->name);
    (void)pthread_mutex_destroy(&isolate->lock);
    free(isolate);
}

const struct acsmtp_plugin *isolate_plugin(const struct isolate *isolate)
{
    return &isolate->loaded->plugin;
}
