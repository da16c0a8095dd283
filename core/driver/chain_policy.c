/* SPDX-License-Identifier: MIT */
/*
 * What an entry of a chain says about failures, beside its plugin's options: "on_denied",
 * "on_temporary", "timeout", "retries".
 */
#include "chain_private.h"
#include "settings_private.h"
#include <string.h>

#define RETRIES_MAX 20

enum { ON_DENIED, ON_TEMPORARY, TIMEOUT, RETRIES };

static const char *const turns[] = {"stop", "next", NULL};

static const struct acsmtp_option options[] = {
    [ON_DENIED] = {.name = "on_denied",
                   .type = ACSMTP_STRING,
                   .values = turns,
                   .default_value = "stop",
                   .summary = "Whether a refusal moves the chain on."},
    [ON_TEMPORARY] = {.name = "on_temporary",
                      .type = ACSMTP_STRING,
                      .values = turns,
                      .default_value = "stop",
                      .summary = "Whether a failure that may pass moves the chain on."},
    [TIMEOUT] = {.name = "timeout",
                 .type = ACSMTP_DURATION,
                 .minimum = 1,
                 .summary = "The longest that this source may take."},
    [RETRIES] = {.name = "retries",
                 .type = ACSMTP_INTEGER,
                 .minimum = 0,
                 .maximum = RETRIES_MAX,
                 .default_value = "0",
                 .summary = "How often it is asked again after a failure that may pass."},
};

const struct acsmtp_option *policy_option(size_t index)
{
    return index < sizeof options / sizeof options[0] ? &options[index] : NULL;
}

/* "stop" or "next". */
static int read_turn(const struct entry *entry, const char *key, int *is_next,
                     struct acsmtp_error *err)
{
    const struct acsmtp_json *value = acsmtp_json_get(entry->json, key);
    const char *text = acsmtp_json_text(value);

    if (!value)
        return ACSMTP_OK;
    *is_next = text && strcmp(text, "next") == 0;
    if (*is_next || (text && strcmp(text, "stop") == 0))
        return ACSMTP_OK;
    return entry_fail(entry, key, err, "\"%s\" is \"stop\" (the default) or \"next\"", key);
}

int policy_read(const struct entry *entry, struct policy *policy, struct acsmtp_error *err)
{
    int status = read_turn(entry, "on_denied", &policy->next_on_denied, err);

    return status == ACSMTP_OK ? read_turn(entry, "on_temporary", &policy->next_on_temporary, err)
                               : status;
}

static int read_limit(const struct entry *entry, const struct acsmtp_option *option,
                      int64_t *number, struct acsmtp_error *err)
{
    const struct acsmtp_json *value = acsmtp_json_get(entry->json, option->name);
    struct setting setting = {.option = *option};
    struct setting_input input = {
        .config = entry->host->config, .path = entry->path, .label = entry->name, .err = err};
    int status;

    if (!value || entry_has_option(entry->plugin, option->name))
        return ACSMTP_OK;
    status = settings_read_json(&input, &setting, value);
    if (status == ACSMTP_OK)
        *number = setting.number;
    return status;
}

int policy_limits(const struct entry *entry, int64_t *timeout_ms, int64_t *retries,
                  struct acsmtp_error *err)
{
    int status;

    *timeout_ms = -1;
    *retries = 0;
    status = read_limit(entry, &options[TIMEOUT], timeout_ms, err);
    return status == ACSMTP_OK ? read_limit(entry, &options[RETRIES], retries, err) : status;
}
