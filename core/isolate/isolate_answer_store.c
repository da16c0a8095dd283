/* SPDX-License-Identifier: MIT */
/*
 * The store, for a plugin that is not where it is. What a plugin leaves open is closed with its
 * call.
 */
#include "isolate_answer.h"
#include "wire_value.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * A key has the plugin's name in it (acsmtp/store.h). One that does not begin with it could be
 * another plugin's, and gets it; for the caller to free. NULL: no memory.
 */
static char *own_key(const struct isolate_call *call, const char *key)
{
    const char *name = call->isolate->name;
    size_t length = strlen(name);
    unsigned char next = strncmp(key, name, length) == 0 ? (unsigned char)key[length] : '-';
    char *own = NULL;

    if (next != '-' && !isalnum(next))
        return strdup(key);
    return asprintf(&own, "%s %s", name, key) < 0 ? NULL : own;
}

int isolate_answer_store_open(struct isolate_call *call, struct wire_reader *in,
                              struct wire_writer *out, struct acsmtp_error *err)
{
    const char *key;
    char *own;
    uint32_t handle = 0;
    int status;

    (void)wire_get_i64(in); /* the call's own deadline holds for all that the store does */
    key = wire_need_text(in, ISOLATE_TEXT_MAX);
    while (handle < ISOLATE_STORES_MAX && call->stores[handle])
        handle++;
    if (!wire_done(in) || !call->settings || handle == ISOLATE_STORES_MAX)
        return isolate_impossible("a store", err);
    own = own_key(call, key);
    if (!own)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    status = acsmtp_store_open(call->settings, call->context, own, &call->stores[handle], err);
    free(own);
    wire_put_u32(out, handle);
    return status;
}

/* The store of the handle that comes next, NULL when there is none. */
static struct acsmtp_store **get_store(struct isolate_call *call, struct wire_reader *in)
{
    uint32_t handle = wire_get_u32(in);

    return handle < ISOLATE_STORES_MAX && call->stores[handle] ? &call->stores[handle] : NULL;
}

int isolate_answer_store_get(struct isolate_call *call, struct wire_reader *in,
                             struct wire_writer *out, struct acsmtp_error *err)
{
    struct acsmtp_store **store = get_store(call, in);
    ACSMTP_AUTO_SECRET struct acsmtp_secret *secret = NULL;
    int status;

    if (!store || !wire_done(in))
        return isolate_impossible("a store", err);
    status = acsmtp_store_get(*store, &secret, err);
    if (status == ACSMTP_OK)
        wire_put_secret(out, secret);
    return status;
}

int isolate_answer_store_set(struct isolate_call *call, struct wire_reader *in,
                             struct wire_writer *out, struct acsmtp_error *err)
{
    struct acsmtp_store **store = get_store(call, in);
    ACSMTP_AUTO_SECRET struct acsmtp_secret *secret = wire_get_secret(in);

    (void)out;
    if (!store || !secret || !wire_done(in))
        return isolate_impossible("a store", err);
    return acsmtp_store_set(*store, secret, err);
}

int isolate_answer_store_remove(struct isolate_call *call, struct wire_reader *in,
                                struct wire_writer *out, struct acsmtp_error *err)
{
    struct acsmtp_store **store = get_store(call, in);

    (void)out;
    return store && wire_done(in) ? acsmtp_store_remove(*store, err)
                                  : isolate_impossible("a store", err);
}

int isolate_take_store_close(struct isolate_call *call, struct wire_reader *in,
                             struct wire_writer *out, struct acsmtp_error *err)
{
    struct acsmtp_store **store = get_store(call, in);

    (void)out;
    if (!store || !wire_done(in))
        return isolate_impossible("a store", err);
    acsmtp_store_close(*store);
    *store = NULL;
    return ACSMTP_OK;
}
