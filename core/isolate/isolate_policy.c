/* SPDX-License-Identifier: MIT */
/*
 * "isolation": "process", or an object:
 *	{"mode": "process", "allow": ["exec", "files", "keyring"], "environment": ["NAME", ...]}
 */
#include "driver/entry.h"
#include "isolate.h"
#include "protocol.h"
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    unsigned bit;
} allowances[] = {
    {"exec", ALLOW_EXEC},
    {"files", ALLOW_FILES},
    {"keyring", ALLOW_KEYRING},
};

#define ALLOWANCES (sizeof allowances / sizeof allowances[0])

static int read_allowance(const struct entry *entry, const struct acsmtp_json *item,
                          struct isolate_policy *policy, struct acsmtp_error *err)
{
    const char *text = acsmtp_json_text(item);
    size_t i;

    for (i = 0; text && i < ALLOWANCES; i++)
        if (strcmp(allowances[i].name, text) == 0) {
            policy->allow |= allowances[i].bit;
            return ACSMTP_OK;
        }
    return entry_fail(entry, "isolation", err,
                      "\"allow\" is a list of \"exec\", \"files\" and \"keyring\"");
}

static int read_allow(const struct entry *entry, const struct acsmtp_json *list,
                      struct isolate_policy *policy, struct acsmtp_error *err)
{
    size_t count = acsmtp_json_length(list), i;
    int status = ACSMTP_OK;

    if (acsmtp_json_type(list) != ACSMTP_JSON_ARRAY)
        return read_allowance(entry, NULL, policy, err);
    for (i = 0; status == ACSMTP_OK && i < count; i++)
        status = read_allowance(entry, acsmtp_json_item(list, i), policy, err);
    return status;
}

static int read_environment(const struct entry *entry, const struct acsmtp_json *list,
                            struct isolate_policy *policy, struct acsmtp_error *err)
{
    size_t count = acsmtp_json_length(list), i;

    if (count > ISOLATE_ITEMS_MAX || acsmtp_json_type(list) != ACSMTP_JSON_ARRAY)
        return entry_fail(entry, "isolation", err, "\"environment\" is a list of variables' names");
    policy->environment = calloc(count + 1, sizeof *policy->environment);
    if (!policy->environment)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    for (i = 0; i < count; i++) {
        policy->environment[i] = acsmtp_json_text(acsmtp_json_item(list, i));
        if (!policy->environment[i])
            return entry_fail(entry, "isolation", err,
                              "\"environment\" is a list of variables' names");
    }
    return ACSMTP_OK;
}

static int read_object(const struct entry *entry, const struct acsmtp_json *object,
                       struct isolate_policy *policy, struct acsmtp_error *err)
{
    const char *mode = acsmtp_json_string(object, "mode"), *key;
    int status = ACSMTP_OK;
    size_t i;

    if (!mode || strcmp(mode, "process") != 0)
        return entry_fail(entry, "isolation", err, "\"mode\" of \"isolation\" is \"process\"");
    for (i = 0; status == ACSMTP_OK && (key = acsmtp_json_key(object, i)); i++) {
        const struct acsmtp_json *value = acsmtp_json_get(object, key);

        if (strcmp(key, "allow") == 0)
            status = read_allow(entry, value, policy, err);
        else if (strcmp(key, "environment") == 0)
            status = read_environment(entry, value, policy, err);
        else if (strcmp(key, "mode") != 0)
            status = entry_fail(entry, "isolation", err,
                                "\"isolation\" has no key '%.60s' (known: mode, allow, "
                                "environment)",
                                key);
    }
    return status;
}

/* The keys of a provisioner's entry come from several objects of the config. */
static const struct acsmtp_json *find_value(const struct entry *entry)
{
    const struct acsmtp_json *value = acsmtp_json_get(entry->json, "isolation");
    size_t i;

    for (i = 0; !value && i < entry->layer_count; i++)
        if (entry->layers[i].path && !entry->layers[i].only)
            value = acsmtp_json_get(entry->layers[i].values, "isolation");
    return value;
}

int isolate_read_policy(const struct entry *entry, struct isolate_policy *policy,
                        struct acsmtp_error *err)
{
    const struct acsmtp_json *value = find_value(entry);
    const char *text = acsmtp_json_text(value);
    int status = ACSMTP_OK;

    *policy = (struct isolate_policy){0};
    if (!value)
        return ACSMTP_OK;
    policy->wanted = 1;
    if (entry->kind == ACSMTP_KIND_PROVISIONER)
        return entry_fail(entry, "isolation", err,
                          "a provisioner cannot be isolated: its options are the program's flags");
    if (acsmtp_json_type(value) == ACSMTP_JSON_OBJECT)
        status = read_object(entry, value, policy, err);
    else if (!text || strcmp(text, "process") != 0)
        status = entry_fail(entry, "isolation", err,
                            "\"isolation\" is \"process\", or an object with that \"mode\"");
    return status;
}

void isolate_policy_release(struct isolate_policy *policy)
{
    free(policy->environment);
    *policy = (struct isolate_policy){0};
}
