/* SPDX-License-Identifier: MIT */
/*
 * A plugin that is isolated: with what its processes are started. Its descriptor is in
 * isolate_descriptor.c, its instances in isolate_instance.c.
 */
#include "isolate.h"
#include "driver/registry_private.h"
#include "isolate_call.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void free_arguments(char **arguments)
{
    size_t i;

    for (i = 0; arguments && arguments[i]; i++)
        free(arguments[i]);
    free(arguments);
}

static size_t count(const void *const *items)
{
    size_t number = 0;

    while (items && items[number])
        number++;
    return number;
}

/* What the program is told; see host/main.c. */
static char **make_arguments(const char *plugin, const struct isolate_policy *policy)
{
    size_t writes = count((const void *const *)policy->write);
    size_t hides = count((const void *const *)policy->hidden), used = 0, i;
    char **arguments = calloc(6 + writes + hides + 1, sizeof *arguments);
    int failed = !arguments;

    failed = failed || asprintf(&arguments[used++], "acsmtp-plugin-host") < 0 ||
             asprintf(&arguments[used++], "%s", ISOLATE_PROTOCOL) < 0 ||
             asprintf(&arguments[used++], "%u", policy->allow) < 0 ||
             asprintf(&arguments[used++], "%ld", (long)getpid()) < 0 ||
             asprintf(&arguments[used++], "%s", plugin) < 0 ||
             asprintf(&arguments[used++], "%zu", writes) < 0;
    for (i = 0; !failed && i < writes; i++)
        failed = asprintf(&arguments[used++], "%s", policy->write[i]) < 0;
    for (i = 0; !failed && i < hides; i++)
        failed = asprintf(&arguments[used++], "%s", policy->hidden[i]) < 0;
    if (!failed)
        return arguments;
    if (arguments)
        arguments[used - 1] = NULL;
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
    made->has_input = (policy->allow & ALLOW_STDIN) != 0;
    made->arguments = make_arguments(path, policy);
    made->environment = isolate_environment(policy);
    if (made->path && made->name && made->arguments && made->environment)
        status = isolate_child_start(made->arguments, made->environment, made->has_input,
                                     &made->first, err);
    else
        status = acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    if (status == ACSMTP_OK)
        status = isolate_learn_descriptor(made, err);
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
    isolate_release_descriptor(isolate->descriptor);
    free_arguments(isolate->arguments);
    free(isolate->environment);
    free(isolate->path);
    free(isolate->name);
    (void)pthread_mutex_destroy(&isolate->lock);
    free(isolate);
}

const struct acsmtp_plugin *isolate_plugin(const struct isolate *isolate)
{
    return &isolate->descriptor->loaded->plugin;
}
