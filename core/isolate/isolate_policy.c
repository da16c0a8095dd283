/* SPDX-License-Identifier: MIT */
/*
 * "isolation": "process", or an object:
 *	{"mode": "process", "allow": ["exec", "keyring", "sockets", "stdin"], "write": ["/path",
 *...], "environment": ["NAME", ...]}
 */
#include "driver/entry.h"
#include "isolate.h"
#include "isolate_hidden.h"
#include "protocol.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
    const char *name;
    unsigned bit;
} allowances[] = {
    {"exec", ALLOW_EXEC},
    {"keyring", ALLOW_KEYRING},
    {"sockets", ALLOW_SOCKETS},
    {"stdin", ALLOW_STDIN},
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
                      "\"allow\" is a list of \"exec\", \"keyring\", \"sockets\" and \"stdin\"");
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

/* Texts that are borrowed from the config, in an array of our own that NULL ends. */
static int read_texts(const struct entry *entry, const struct acsmtp_json *list, const char *key,
                      const char *wanted, const char ***texts, struct acsmtp_error *err)
{
    size_t count = acsmtp_json_length(list), i;
    int is_list = count <= ISOLATE_ITEMS_MAX && acsmtp_json_type(list) == ACSMTP_JSON_ARRAY;

    if (is_list && !*texts) {
        *texts = calloc(count + 1, sizeof **texts);
        if (!*texts)
            return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    }
    for (i = 0; is_list && i < count; i++) {
        (*texts)[i] = acsmtp_json_text(acsmtp_json_item(list, i));
        is_list = (*texts)[i] != NULL;
    }
    if (is_list)
        return ACSMTP_OK;
    return entry_fail(entry, "isolation", err, "\"%s\" is a list of %s", key, wanted);
}

static int read_write(const struct entry *entry, const struct acsmtp_json *list,
                      struct isolate_policy *policy, struct acsmtp_error *err)
{
    static const char wanted[] = "absolute paths of files or folders that there are";
    int status = read_texts(entry, list, "write", wanted, &policy->write, err);
    size_t i;

    for (i = 0; status == ACSMTP_OK && policy->write[i]; i++)
        if (policy->write[i][0] != '/' || access(policy->write[i], F_OK) != 0)
            status = entry_fail(entry, "isolation", err, "\"write\" is a list of %s: '%.200s'",
                                wanted, policy->write[i]);
    return status;
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
            status = read_texts(entry, value, key, "variables' names", &policy->environment, err);
        else if (strcmp(key, "write") == 0)
            status = read_write(entry, value, policy, err);
        else if (strcmp(key, "mode") != 0)
            status = entry_fail(entry, "isolation", err,
                                "\"isolation\" has no key '%.60s' (known: mode, allow, "
                                "write, environment)",
                                key);
    }
    return status;
}

/* The keys of a provisioner's entry come from several objects of the config: the first that says it
 * counts. */
static const struct acsmtp_json *find_value(const struct entry *entry)
{
    const struct acsmtp_json *value = acsmtp_json_get(entry->json, "isolation");
    size_t i;

    for (i = 0; !value && i < entry->layer_count; i++)
        if (entry->layers[i].path && !entry->layers[i].only)
            value = acsmtp_json_get(entry->layers[i].values, "isolation");
    return value;
}

/* Landlock cannot take a part out of what it allows. Programs read it in any case. */
static int check_write(const struct entry *entry, const struct isolate_policy *policy,
                       struct acsmtp_error *err)
{
    const char *own = NULL;
    size_t i;

    if (policy->allow & ALLOW_EXEC)
        return ACSMTP_OK;
    for (i = 0; policy->write && policy->write[i]; i++) {
        own = isolate_hidden_below(policy->hidden, policy->write[i]);
        if (own)
            return entry_fail(entry, "isolation", err,
                              "\"write\" has '%.150s', and in it acsmtp's own %.150s, which no "
                              "plugin may read: name a folder without it",
                              policy->write[i], own);
    }
    return ACSMTP_OK;
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
    if (acsmtp_json_type(value) == ACSMTP_JSON_OBJECT)
        status = read_object(entry, value, policy, err);
    else if (!text || strcmp(text, "process") != 0)
        status = entry_fail(entry, "isolation", err,
                            "\"isolation\" is \"process\", or an object with that \"mode\"");
    if (status == ACSMTP_OK)
        status = isolate_hidden(entry->host->config, &policy->hidden, err);
    return status == ACSMTP_OK ? check_write(entry, policy, err) : status;
}

void isolate_policy_release(struct isolate_policy *policy)
{
    free(policy->write);
    free(policy->environment);
    isolate_hidden_free(policy->hidden);
    *policy = (struct isolate_policy){0};
}
