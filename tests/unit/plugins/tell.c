/* SPDX-License-Identifier: MIT */
/*
 * A credential plugin that does what its options say and writes down every call, so that tests can
 * count how often it was asked, by which of many processes it does not matter.
 */
#include "names.h"
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct tell {
    const struct acsmtp_settings *settings;
};

/* Across all instances and threads: what ACSMTP_THREADS_ONE promises can be seen. */
static atomic_int inside;

static void note(const struct tell *tell, const char *line)
{
    const char *path = acsmtp_settings_string(tell->settings, "log");
    char text[256];
    int fd;
    int size = snprintf(text, sizeof text, "%s\n", line);

    if (!path || (fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600)) < 0)
        return;
    if (write(fd, text, (size_t)size) != size)
        abort();
    (void)close(fd);
}

static int count_acquires(const struct tell *tell)
{
    const char *path = acsmtp_settings_string(tell->settings, "log");
    FILE *file = path ? fopen(path, "re") : NULL;
    char line[256];
    int count = 0;

    while (file && fgets(line, sizeof line, file))
        count += strncmp(line, "acquire", 7) == 0;
    if (file)
        (void)fclose(file);
    return count;
}

static int tell_open(const struct acsmtp_settings *settings, void **instance,
                     struct acsmtp_error *err)
{
    struct tell *tell = calloc(1, sizeof *tell);

    if (!tell)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    tell->settings = settings;
    if (strcmp(acsmtp_settings_string(settings, "open"), "unavailable") == 0) {
        free(tell);
        return acsmtp_fail(err, ACSMTP_UNAVAILABLE, "not configured");
    }
    note(tell, "open");
    *instance = tell;
    return ACSMTP_OK;
}

static int tell_probe(void *instance, struct acsmtp_context *context, struct acsmtp_error *err)
{
    struct tell *tell = instance;
    const char *what = acsmtp_settings_string(tell->settings, "probe");
    char line[64];

    (void)snprintf(line, sizeof line, "probe within %d ms",
                   (int)acsmtp_context_remaining(context) <= 1000 ? 1000 : -1);
    note(tell, line);
    if (strcmp(what, "unavailable") == 0)
        return acsmtp_fail(err, ACSMTP_UNAVAILABLE, "nobody there");
    if (strcmp(what, "hang") == 0)
        return acsmtp_context_sleep(context, 60000, err);
    return ACSMTP_OK;
}

/* The first word of the script file, if there is one, goes before the option. */
static void choose_answer(const struct tell *tell, char *answer, size_t capacity)
{
    const char *path = acsmtp_settings_string(tell->settings, "script");
    FILE *file = path ? fopen(path, "re") : NULL;
    char word[32] = "";

    (void)snprintf(answer, capacity, "%s", acsmtp_settings_string(tell->settings, "answer"));
    if (file && fscanf(file, "%31s", word) == 1)
        (void)snprintf(answer, capacity, "%s", word);
    if (file)
        (void)fclose(file);
}

static int fail_as(const char *answer, struct acsmtp_error *err)
{
    static const char *const words[] = {NULL,        "unavailable", "denied",   "config",
                                        "temporary", "rejected",    "protocol", "cancelled"};
    int i;

    for (i = 1; i < (int)(sizeof words / sizeof words[0]); i++)
        if (strcmp(words[i], answer) == 0)
            return acsmtp_fail(err, i, "told to be %s", answer);
    if (strcmp(answer, "mute") == 0)
        return ACSMTP_TEMPORARY;
    return strcmp(answer, "wild") == 0 ? 4711 : ACSMTP_OK;
}

static int give_token(const struct tell *tell, const char *scope, int number,
                      struct acsmtp_credential *out, struct acsmtp_error *err)
{
    int64_t now = (int64_t)time(NULL);
    int64_t life = acsmtp_settings_integer(tell->settings, "life");
    int64_t refresh = acsmtp_settings_integer(tell->settings, "refresh");
    const char *depends = acsmtp_settings_string(tell->settings, "depends");
    struct acsmtp_secret *token;
    char text[2048];
    int size;

    if (acsmtp_settings_boolean(tell->settings, "repeat"))
        size = snprintf(text, sizeof text, "%s", acsmtp_settings_string(tell->settings, "text"));
    else
        size =
            snprintf(text, sizeof text, "%s-%d%s%s", acsmtp_settings_string(tell->settings, "text"),
                     number, acsmtp_settings_boolean(tell->settings, "scoped") ? "@" : "",
                     acsmtp_settings_boolean(tell->settings, "scoped") ? scope : "");
    token = acsmtp_secret_new(text, (size_t)size, err);
    if (!token)
        return ACSMTP_SYSTEM;
    if (depends && acsmtp_credential_depends_on(out, depends, err) != ACSMTP_OK)
        return ACSMTP_SYSTEM;
    return acsmtp_credential_set_token(out, token, life ? now + life : 0,
                                       refresh ? now + refresh : 0, err);
}

static int give_password(const struct tell *tell, int number, struct acsmtp_credential *out,
                         struct acsmtp_error *err)
{
    struct acsmtp_secret *password;
    char text[64];
    int size = acsmtp_settings_boolean(tell->settings, "repeat")
                   ? snprintf(text, sizeof text, "password")
                   : snprintf(text, sizeof text, "password-%d", number);

    password = acsmtp_secret_new(text, (size_t)size, err);
    if (!password)
        return ACSMTP_SYSTEM;
    return acsmtp_credential_set_password(out, acsmtp_settings_string(tell->settings, "username"),
                                          password, err);
}

/* A credential of its own first, as a vault's plugin would need one. */
static int ask_nested(const struct tell *tell, struct acsmtp_context *context,
                      const struct acsmtp_credential_request *request, struct acsmtp_error *err)
{
    struct acsmtp_credential_request nested = *request;
    struct acsmtp_credential *credential;
    int status;

    if (!acsmtp_settings_has(tell->settings, "credentials"))
        return ACSMTP_OK;
    credential = acsmtp_credential_new(err);
    nested.scope = "https://vault.example/.default";
    status = acsmtp_settings_credential(tell->settings, context, "credentials", &nested, credential,
                                        err);
    acsmtp_credential_free(credential);
    return status;
}

static int answer(struct tell *tell, struct acsmtp_context *context,
                  const struct acsmtp_credential_request *request, struct acsmtp_credential *out,
                  struct acsmtp_error *err)
{
    char word[32];
    char line[256];
    int status;

    (void)snprintf(line, sizeof line, "acquire%s%s%s%s",
                   request->flags & ACSMTP_REQUEST_REFRESH ? " refresh" : "",
                   acsmtp_context_in_chain(context) ? " chained" : "",
                   request->tenant ? " tenant=" : "", request->tenant ? request->tenant : "");
    note(tell, line);
    status = acsmtp_context_sleep(context, acsmtp_settings_integer(tell->settings, "pause"), err);
    if (status == ACSMTP_OK)
        status = ask_nested(tell, context, request, err);
    choose_answer(tell, word, sizeof word);
    if (status == ACSMTP_OK)
        status = fail_as(word, err);
    if (status != ACSMTP_OK || strcmp(word, "empty") == 0)
        return status;
    if (strcmp(word, "password") == 0)
        return give_password(tell, count_acquires(tell), out, err);
    return give_token(tell, request->scope, count_acquires(tell), out, err);
}

static int tell_acquire(void *instance, struct acsmtp_context *context,
                        const struct acsmtp_credential_request *request,
                        struct acsmtp_credential *out, struct acsmtp_error *err)
{
    struct tell *tell = instance;
    int status;

    if (atomic_fetch_add(&inside, 1) > 0)
        note(tell, "overlap");
    status = answer(tell, context, request, out, err);
    (void)atomic_fetch_sub(&inside, 1);
    return status;
}

static void tell_report(void *instance, struct acsmtp_context *context,
                        const struct acsmtp_verdict *verdict)
{
    char line[64];

    (void)context;
    (void)snprintf(line, sizeof line, "report %s %d", acsmtp_status_name(verdict->status),
                   (int)verdict->server_code);
    note(instance, line);
}

static void tell_close(void *instance)
{
    note(instance, "close");
    free(instance);
}

static const char *const probes[] = {"ok", "unavailable", "hang", NULL};
static const char *const opens[] = {"ok", "unavailable", NULL};

static const struct acsmtp_option tell_options[] = {
    {.name = "answer", .type = ACSMTP_STRING, .default_value = "token", .summary = "What to say."},
    {.name = "script", .type = ACSMTP_STRING, .summary = "A file that holds the answer."},
    {.name = "log", .type = ACSMTP_STRING, .summary = "Where calls are noted."},
    {.name = "text", .type = ACSMTP_STRING, .default_value = "tok", .summary = "Of the token."},
    {.name = "repeat", .type = ACSMTP_BOOLEAN, .summary = "The same answer every time."},
    {.name = "scoped", .type = ACSMTP_BOOLEAN, .summary = "Say in the token what it is for."},
    {.name = "life", .type = ACSMTP_INTEGER, .default_value = "3600", .summary = "Seconds."},
    {.name = "refresh", .type = ACSMTP_INTEGER, .default_value = "0", .summary = "Seconds."},
    {.name = "pause", .type = ACSMTP_INTEGER, .default_value = "0", .summary = "Milliseconds."},
    {.name = "depends", .type = ACSMTP_STRING, .summary = "A file that the token came from."},
    {.name = "username", .type = ACSMTP_STRING, .summary = "Of a password."},
    {.name = "selector",
     .type = ACSMTP_STRING,
     .environment = "TELL_SELECTOR",
     .summary = "Which identity."},
    {.name = "probe",
     .type = ACSMTP_STRING,
     .default_value = "ok",
     .values = probes,
     .summary = "Of the probe."},
    {.name = "open",
     .type = ACSMTP_STRING,
     .default_value = "ok",
     .values = opens,
     .summary = "Of open()."},
    {.name = "credentials", .type = ACSMTP_CHAIN, .summary = "For itself."},
};

static const struct acsmtp_credential_ops tell_ops = {
    .size = sizeof tell_ops,
    .open = tell_open,
    .probe = tell_probe,
    .acquire = tell_acquire,
    .report = tell_report,
    .close = tell_close,
};

TEST_PLUGIN = {
    ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_CREDENTIAL),
    .threads = TELL_THREADS,
    .name = PLUGIN_NAME,
    .version = "1.0",
    .summary = "Does what its options say.",
    ACSMTP_PLUGIN_OPTIONS(tell_options),
    .credential = &tell_ops,
};
