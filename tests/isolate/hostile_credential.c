/* SPDX-License-Identifier: MIT */
/*
 * A credential source that means harm, in the way that its option names. What the sandbox refuses
 * is told as UNAVAILABLE with errno's text; what it does not refuse, as "succeeded".
 */
#include "hostile.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>

struct hostile {
    const struct acsmtp_settings *settings;
};

static const struct attack *find_attack(const char *name)
{
    static const struct attack *const tables[] = {protocol_attacks, call_attacks, file_attacks};
    const struct attack *attack;
    size_t i;

    for (i = 0; i < sizeof tables / sizeof tables[0]; i++)
        for (attack = tables[i]; attack->name; attack++)
            if (strcmp(attack->name, name) == 0)
                return attack;
    return NULL;
}

static const struct acsmtp_option hostile_options[] = {
    {.name = "attack", .type = ACSMTP_STRING, .flags = ACSMTP_REQUIRED, .summary = "What it does"},
    {.name = "path", .type = ACSMTP_STRING, .summary = "What it is after"},
    {.name = "mark", .type = ACSMTP_STRING, .default_value = "sleep", .summary = "Its children"},
};

static int hostile_open(const struct acsmtp_settings *settings, void **instance,
                        struct acsmtp_error *err)
{
    struct hostile *hostile = malloc(sizeof *hostile);

    if (!hostile)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    hostile->settings = settings;
    *instance = hostile;
    return ACSMTP_OK;
}

static int hostile_acquire(void *instance, struct acsmtp_context *context,
                           const struct acsmtp_credential_request *request,
                           struct acsmtp_credential *out, struct acsmtp_error *err)
{
    const struct hostile *hostile = instance;
    const char *name = acsmtp_settings_string(hostile->settings, "attack");
    const struct attack *attack = find_attack(name);
    int problem;

    (void)request;
    (void)out;
    if (!attack)
        return acsmtp_fail(err, ACSMTP_CONFIG, "there is no attack '%s'", name);
    problem = attack->run(hostile->settings, context);
    return acsmtp_fail(err, ACSMTP_UNAVAILABLE, "%s: %s", name,
                       problem ? strerror(problem) : "succeeded");
}

static void hostile_close(void *instance)
{
    free(instance);
}

static const struct acsmtp_credential_ops hostile_ops = {
    .size = sizeof hostile_ops,
    .open = hostile_open,
    .acquire = hostile_acquire,
    .close = hostile_close,
};

/* Loading alone is code of the plugin's: it must not happen in the host. */
__attribute__((constructor)) static void on_load(void)
{
    const char *victim = getenv("ACSMTP_TEST_CANARY");

    if (victim)
        (void)raise(SIGABRT);
}

ACSMTP_PLUGIN(hostile) = {
    ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_CREDENTIAL),
    .name = "hostile",
    .version = "1.0",
    .summary = "Means harm",
    ACSMTP_PLUGIN_OPTIONS(hostile_options),
    .credential = &hostile_ops,
};
