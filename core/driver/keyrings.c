/* SPDX-License-Identifier: MIT */
/*
 * Keyrings: from the config to the plugin, and the calls into it.
 */
#include "keyrings.h"
#include "entry.h"
#include <acsmtp/keyring.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECRET_MAX_BYTES (256U * 1024U)

struct keyring {
    struct keyring *next;
    struct acsmtp_json *made; /* the entry of a plugin that the config only names elsewhere */
    struct entry entry;
    pthread_mutex_t lock; /* guards the instance, as the plugin's promise wants */
    void *instance;
    int opened;
};

struct keyrings {
    const struct chain_host *host;
    pthread_mutex_t lock; /* guards the list */
    struct keyring *list;
};

/* ---- what the config says ---- */

static const struct acsmtp_json *chosen_entry(const struct config *config, const char **path,
                                              char *buffer, size_t capacity)
{
    const struct acsmtp_json *json = acsmtp_json_get(config_profile(config), "keyring");

    *path = "keyring";
    if (!json)
        return acsmtp_json_get(config_root(config), "keyring");
    (void)snprintf(buffer, capacity, "profiles.%s.keyring", config_profile_name(config));
    *path = buffer;
    return json;
}

const char *keyrings_chosen(const struct config *config)
{
    const char *path, *name;
    char buffer[512];
    const struct acsmtp_json *json = chosen_entry(config, &path, buffer, sizeof buffer);

    name = acsmtp_json_text(json);
    return name ? name : acsmtp_json_string(json, "plugin");
}

/* ---- life ---- */

int keyrings_open(const struct chain_host *host, struct keyrings **keyrings,
                  struct acsmtp_error *err)
{
    struct keyrings *made = calloc(1, sizeof *made);

    if (!made || pthread_mutex_init(&made->lock, NULL) != 0) {
        free(made);
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    }
    made->host = host;
    *keyrings = made;
    return ACSMTP_OK;
}

static void keyring_free(struct keyring *keyring)
{
    if (keyring->opened) {
        entry_enter(&keyring->entry);
        keyring->entry.plugin->keyring->close(keyring->instance);
        entry_leave(&keyring->entry);
    }
    entry_release(&keyring->entry);
    (void)pthread_mutex_destroy(&keyring->lock);
    acsmtp_json_free(keyring->made);
    free(keyring);
}

void keyrings_close(struct keyrings *keyrings)
{
    struct keyring *keyring;

    if (!keyrings)
        return;
    while ((keyring = keyrings->list)) {
        keyrings->list = keyring->next;
        keyring_free(keyring);
    }
    (void)pthread_mutex_destroy(&keyrings->lock);
    free(keyrings);
}

/* ---- finding ---- */

static int init_entry(struct keyrings *keyrings, const char *plugin, struct keyring *keyring,
                      struct acsmtp_error *err)
{
    const char *path, *chosen = keyrings_chosen(keyrings->host->config);
    char buffer[512];
    const struct acsmtp_json *json =
        chosen_entry(keyrings->host->config, &path, buffer, sizeof buffer);

    if (!chosen || strcmp(chosen, plugin) != 0) {
        json = keyring->made = acsmtp_json_new_string(plugin, err);
        path = "cache";
    }
    if (!json)
        return ACSMTP_SYSTEM;
    return entry_init(&keyring->entry, keyrings->host, ACSMTP_KIND_KEYRING, json, path, 0, err);
}

static int open_instance(struct keyring *keyring, struct acsmtp_error *err)
{
    struct entry *entry = &keyring->entry;
    int status = entry_load(entry, err);

    if (status != ACSMTP_OK)
        return status;
    entry_enter(entry);
    status = entry->plugin->keyring->open(entry->settings, &keyring->instance, err);
    entry_leave(entry);
    status = entry_result(entry, status, err);
    keyring->opened = status == ACSMTP_OK;
    acsmtp_error_prefix(err, "keyring %s", entry->name);
    return status;
}

static int make(struct keyrings *keyrings, const char *plugin, struct keyring **keyring,
                struct acsmtp_error *err)
{
    struct keyring *made = calloc(1, sizeof *made);
    int status;

    if (!made || pthread_mutex_init(&made->lock, NULL) != 0) {
        free(made);
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    }
    status = init_entry(keyrings, plugin, made, err);
    if (status == ACSMTP_OK)
        status = open_instance(made, err);
    if (status != ACSMTP_OK) {
        keyring_free(made);
        return status;
    }
    made->next = keyrings->list;
    keyrings->list = *keyring = made;
    return ACSMTP_OK;
}

int keyrings_get(struct keyrings *keyrings, const char *plugin, struct keyring **keyring,
                 struct acsmtp_error *err)
{
    struct keyring *found;
    int status = ACSMTP_OK;

    if (!plugin)
        plugin = keyrings_chosen(keyrings->host->config);
    if (!plugin)
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "no keyring is chosen: write \"keyring\": PLUGIN into the config "
                           "('acsmtp plugins' lists those of kind keyring)");
    (void)pthread_mutex_lock(&keyrings->lock);
    for (found = keyrings->list; found && strcmp(found->entry.name, plugin) != 0;)
        found = found->next;
    if (found)
        *keyring = found;
    else
        status = make(keyrings, plugin, keyring, err);
    (void)pthread_mutex_unlock(&keyrings->lock);
    return status;
}

const char *keyring_name(const struct keyring *keyring)
{
    return keyring->entry.name;
}

/* ---- calls ---- */

static void enter(struct keyring *keyring)
{
    if (keyring->entry.plugin->threads != ACSMTP_THREADS_ANY)
        (void)pthread_mutex_lock(&keyring->lock);
    entry_enter(&keyring->entry);
}

static int leave(struct keyring *keyring, int status, struct acsmtp_error *err)
{
    entry_leave(&keyring->entry);
    if (keyring->entry.plugin->threads != ACSMTP_THREADS_ANY)
        (void)pthread_mutex_unlock(&keyring->lock);
    status = entry_result(&keyring->entry, status, err);
    acsmtp_error_prefix(err, "keyring %s", keyring->entry.name);
    return status;
}

int keyring_get(struct keyring *keyring, struct acsmtp_context *context, const char *name,
                struct acsmtp_secret **secret, struct acsmtp_error *err)
{
    struct acsmtp_error unwanted = ACSMTP_ERROR_INIT;
    struct acsmtp_secret *found = NULL;
    int status;

    err = err ? err : &unwanted;
    enter(keyring);
    status = keyring->entry.plugin->keyring->get(keyring->instance, context, name, &found, err);
    status = leave(keyring, status, err);
    if (status == ACSMTP_OK && (!found || acsmtp_secret_size(found) > SECRET_MAX_BYTES))
        status = acsmtp_fail(err, ACSMTP_SYSTEM, "keyring %s gave no secret, or an impossible one",
                             keyring->entry.name);
    if (status == ACSMTP_OK)
        *secret = found;
    else
        acsmtp_secret_free(found);
    return status;
}

int keyring_set(struct keyring *keyring, struct acsmtp_context *context, const char *name,
                const struct acsmtp_secret *secret, struct acsmtp_error *err)
{
    struct acsmtp_error unwanted = ACSMTP_ERROR_INIT;
    int status;

    err = err ? err : &unwanted;
    enter(keyring);
    status = keyring->entry.plugin->keyring->set(keyring->instance, context, name, secret, err);
    return leave(keyring, status, err);
}

int keyring_remove(struct keyring *keyring, struct acsmtp_context *context, const char *name,
                   struct acsmtp_error *err)
{
    struct acsmtp_error unwanted = ACSMTP_ERROR_INIT;
    int status;

    err = err ? err : &unwanted;
    enter(keyring);
    status = keyring->entry.plugin->keyring->remove(keyring->instance, context, name, err);
    return leave(keyring, status, err);
}
