/* SPDX-License-Identifier: MIT */
/*
 * What plugins keep: a slot of the store that is locked from open to close; see store.h. A plugin
 * in a process of its own has none there: its host opens the slot.
 */
#include "settings_build.h"
#include "storage.h"
#include <acsmtp/store.h>
#include <stdlib.h>

struct acsmtp_store {
    struct slot *slot;
    struct acsmtp_context *context;
    const struct settings_remote *remote; /* NULL: the slot is here */
    uint32_t handle;                      /* the remote one's */
    int is_open;
};

static int open_slot(const struct acsmtp_settings *settings, const char *key, struct slot **slot,
                     struct acsmtp_error *err)
{
    struct slot_place place;
    int status = storage_place(settings_host(settings), &place, err);

    return status == ACSMTP_OK ? slot_open(&place, key, slot, err) : status;
}

static int open_store(struct acsmtp_store *store, const struct acsmtp_settings *settings,
                      const char *key, struct acsmtp_error *err)
{
    int status;

    store->remote = settings_remote(settings);
    if (store->remote) {
        status = store->remote->store_open(store->remote->data, store->context, key, &store->handle,
                                           err);
        store->is_open = status == ACSMTP_OK;
        return status;
    }
    status = open_slot(settings, key, &store->slot, err);
    return status == ACSMTP_OK ? slot_lock(store->slot, store->context, 1, err) : status;
}

int acsmtp_store_open(const struct acsmtp_settings *settings, struct acsmtp_context *context,
                      const char *key, struct acsmtp_store **store, struct acsmtp_error *err)
{
    struct acsmtp_store *made = calloc(1, sizeof *made);
    int status;

    if (!made)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    made->context = context;
    status = open_store(made, settings, key, err);
    if (status == ACSMTP_OK)
        *store = made;
    else
        acsmtp_store_close(made);
    return status;
}

void acsmtp_store_close(struct acsmtp_store *store)
{
    if (!store)
        return;
    if (store->is_open)
        store->remote->store_close(store->remote->data, store->handle);
    slot_close(store->slot);
    free(store);
}

int acsmtp_store_get(struct acsmtp_store *store, struct acsmtp_secret **secret,
                     struct acsmtp_error *err)
{
    if (store->remote)
        return store->remote->store_get(store->remote->data, store->handle, secret, err);
    return slot_read(store->slot, store->context, secret, err);
}

int acsmtp_store_set(struct acsmtp_store *store, const struct acsmtp_secret *secret,
                     struct acsmtp_error *err)
{
    if (store->remote)
        return store->remote->store_set(store->remote->data, store->handle, secret, err);
    return slot_write(store->slot, store->context, secret, err);
}

int acsmtp_store_remove(struct acsmtp_store *store, struct acsmtp_error *err)
{
    if (store->remote)
        return store->remote->store_remove(store->remote->data, store->handle, err);
    return slot_remove(store->slot, store->context, err);
}
