/* SPDX-License-Identifier: MIT */
/*
 * Fetching a secret from where the config says it is, anew each time.
 */
#include "chain.h"
#include "settings_private.h"
#include <acsmtp/keyring.h>
#include <acsmtp/process.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int from_environment(const char *variable, struct acsmtp_secret **secret,
                            struct acsmtp_error *err)
{
    const char *value = secure_getenv(variable);

    if (!value || !*value)
        return acsmtp_fail(err, ACSMTP_CONFIG, "the environment variable %s is %s", variable,
                           value ? "empty" : "not set");
    *secret = acsmtp_secret_new(value, strlen(value), err);
    return *secret ? ACSMTP_OK : ACSMTP_SYSTEM;
}

/* ---- files ---- */

static int check_file(int fd, const char *path, struct acsmtp_error *err)
{
    struct stat status;

    if (fstat(fd, &status) != 0)
        return acsmtp_fail_errno(err, errno, "%s", path);
    if (!S_ISREG(status.st_mode))
        return acsmtp_fail(err, ACSMTP_CONFIG, "%s is not a regular file", path);
    if (status.st_mode & (S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH))
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "others can read or change the secret in %s; "
                           "chmod 600 %s",
                           path, path);
    return ACSMTP_OK;
}

static int from_file(const char *path, struct acsmtp_secret **secret, struct acsmtp_error *err)
{
    ACSMTP_AUTO_SECRET struct acsmtp_secret *text = acsmtp_secret_new("", 0, err);
    int fd, result;

    if (!text)
        return ACSMTP_SYSTEM;
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return acsmtp_fail(err, ACSMTP_CONFIG, "%s: %s", path, strerror(errno));
    result = check_file(fd, path, err);
    if (result == ACSMTP_OK)
        result = config_read(fd, path, SETTINGS_FILE_MAX, text, err);
    (void)close(fd);
    if (result == ACSMTP_OK)
        *secret = ACSMTP_STEAL(struct acsmtp_secret, text);
    return result;
}

/* ---- commands ---- */

/* What password managers and vault clients need to find their user's store and agents. */
static const char *const passed_on[] = {"DBUS_SESSION_BUS_ADDRESS",
                                        "DISPLAY",
                                        "WAYLAND_DISPLAY",
                                        "GNUPGHOME",
                                        "GPG_TTY",
                                        "PASSWORD_STORE_*",
                                        "SSH_AUTH_SOCK",
                                        "VAULT_ADDR",
                                        "VAULT_NAMESPACE",
                                        "VAULT_CACERT",
                                        "CREDENTIALS_DIRECTORY",
                                        NULL};

static int run(char *const *items, struct acsmtp_context *context,
               struct acsmtp_process_result *result, struct acsmtp_error *err)
{
    CONFIG_AUTO_FREE char *program = acsmtp_process_find(items[0], err);
    char **environment = program ? acsmtp_process_environment(passed_on, NULL) : NULL;
    const char *argv[SETTINGS_ITEMS_MAX + 1];
    struct acsmtp_process process = {.size = sizeof process, .argv = argv, .timeout_ms = -1};
    size_t i;
    int status;

    if (!program)
        return err->status;
    if (!environment)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    for (i = 0; items[i]; i++)
        argv[i] = items[i];
    argv[0] = program;
    argv[i] = NULL;
    process.environment = (const char *const *)environment;
    status = acsmtp_process_run(context, &process, result, err);
    free(environment);
    return status;
}

static int from_command(char *const *items, struct acsmtp_context *context,
                        struct acsmtp_secret **secret, struct acsmtp_error *err)
{
    struct acsmtp_process_result result = {.size = sizeof result};
    int status = run(items, context, &result, err);

    if (status == ACSMTP_OK && result.exit_status != 0)
        status = acsmtp_fail(err, ACSMTP_CONFIG,
                             "the command '%.100s' ended with status %d%s%.400s", items[0],
                             (int)result.exit_status, result.errors[0] ? ": " : "", result.errors);
    else if (status == ACSMTP_OK)
        *secret = ACSMTP_STEAL(struct acsmtp_secret, result.output);
    acsmtp_process_result_release(&result);
    return status;
}

/* ---- people ---- */

static int from_person(const struct acsmtp_settings *settings, struct setting *setting,
                       struct acsmtp_context *context, struct acsmtp_secret **secret,
                       struct acsmtp_error *err)
{
    char question[256];
    int status = ACSMTP_OK;

    (void)snprintf(question, sizeof question, "%s of %s: ", setting->option.name, settings->label);
    (void)pthread_mutex_lock(settings->prompt);
    if (!setting->literal)
        status = settings_prompt(context, question, &setting->literal, err);
    if (status == ACSMTP_OK) {
        *secret = acsmtp_secret_dup(setting->literal, err);
        status = *secret ? ACSMTP_OK : ACSMTP_SYSTEM;
    }
    (void)pthread_mutex_unlock(settings->prompt);
    return status;
}

/* ---- keyrings ---- */

static int open_keyring(const struct acsmtp_settings *settings, const struct setting *setting,
                        struct keyring **keyring, struct acsmtp_error *err)
{
    const char *plugin = setting->item_count > 1 ? setting->items[1] : NULL;

    if (!settings->host || !settings->host->keyrings)
        return acsmtp_fail(err, ACSMTP_CONFIG, "a keyring's own secrets are in no keyring");
    return keyrings_get(settings->host->keyrings, plugin, keyring, err);
}

static int from_keyring(const struct acsmtp_settings *settings, const struct setting *setting,
                        struct acsmtp_context *context, struct acsmtp_secret **secret,
                        struct acsmtp_error *err)
{
    struct keyring *keyring = NULL;
    int status = open_keyring(settings, setting, &keyring, err);

    if (status != ACSMTP_OK)
        return status;
    status = keyring_get(keyring, context, setting->items[0], secret, err);
    /* Somebody wrote that name into the config: its absence is a mistake, not another machine. */
    if (status == ACSMTP_UNAVAILABLE && strcmp(err->code, ACSMTP_KEYRING_NO_ENTRY) == 0)
        status = err->status = ACSMTP_CONFIG;
    return status;
}

int settings_check_keyrings(const struct acsmtp_settings *settings, struct acsmtp_error *err)
{
    struct keyring *keyring = NULL;
    int status = ACSMTP_OK;
    size_t i;

    for (i = 0; status == ACSMTP_OK && i < settings->count; i++)
        if (settings->list[i].source == SECRET_KEYRING) {
            status = open_keyring(settings, &settings->list[i], &keyring, err);
            acsmtp_error_prefix(err, "%s: option '%s'", settings->label,
                                settings->list[i].option.name);
        }
    return status;
}

/* ---- any source ---- */

static void cut_line_end(struct acsmtp_secret *secret)
{
    const char *text = acsmtp_secret_data(secret);
    size_t size = acsmtp_secret_size(secret);

    if (size > 0 && text[size - 1] == '\n')
        size -= size > 1 && text[size - 2] == '\r' ? 2 : 1;
    acsmtp_secret_truncate(secret, size);
}

static int fetch(const struct acsmtp_settings *settings, struct setting *setting,
                 struct acsmtp_context *context, struct acsmtp_secret **secret,
                 struct acsmtp_error *err)
{
    switch (setting->source) {
    case SECRET_NONE:
        return ACSMTP_OK;
    case SECRET_LITERAL:
        *secret = acsmtp_secret_dup(setting->literal, err);
        return *secret ? ACSMTP_OK : ACSMTP_SYSTEM;
    case SECRET_ENV:
        return from_environment(setting->items[0], secret, err);
    case SECRET_FILE:
        return from_file(setting->items[0], secret, err);
    case SECRET_COMMAND:
        return from_command(setting->items, context, secret, err);
    case SECRET_KEYRING:
        return from_keyring(settings, setting, context, secret, err);
    case SECRET_PROMPT:
        break;
    }
    return from_person(settings, setting, context, secret, err);
}

int acsmtp_settings_secret(const struct acsmtp_settings *settings, struct acsmtp_context *context,
                           const char *name, struct acsmtp_secret **secret,
                           struct acsmtp_error *err)
{
    struct setting *setting = settings_find(settings, name, ACSMTP_STRING, ACSMTP_SECRET);
    ACSMTP_AUTO_SECRET struct acsmtp_secret *fetched = NULL;
    struct acsmtp_error unwanted = ACSMTP_ERROR_INIT;
    int status;

    err = err ? err : &unwanted;
    if (settings->remote)
        return settings->remote->secret(settings->remote->data, context, name, secret, err);
    status = fetch(settings, setting, context, &fetched, err);
    if (status == ACSMTP_OK && fetched &&
        (setting->source == SECRET_FILE || setting->source == SECRET_COMMAND))
        cut_line_end(fetched);
    if (status == ACSMTP_OK && fetched && acsmtp_secret_size(fetched) == 0)
        status = acsmtp_fail(err, ACSMTP_CONFIG, "the %s gave an empty secret",
                             setting->source == SECRET_FILE ? setting->items[0] : "source");
    if (status != ACSMTP_OK) {
        acsmtp_error_prefix(err, "option '%s'", name);
        return status;
    }
    *secret = ACSMTP_STEAL(struct acsmtp_secret, fetched);
    return ACSMTP_OK;
}
