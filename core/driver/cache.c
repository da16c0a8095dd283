/* SPDX-License-Identifier: MIT */
/*
 * Cached tokens: slots that hold entries.
 */
#include "base/credential_private.h"
#include "cache_private.h"
#include <stdlib.h>
#include <time.h>

struct cache_slot {
    struct slot *slot;
    struct cache_inputs inputs;
};

int cache_open(const struct slot_place *place, const char *key, struct cache_slot **slot,
               struct acsmtp_error *err)
{
    static const struct slot_place files = {.folder = SLOT_TOKENS};
    struct cache_slot *made = calloc(1, sizeof *made);
    int status;

    if (!made)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    status = slot_open(place ? place : &files, key, &made->slot, err);
    if (status != ACSMTP_OK) {
        acsmtp_error_prefix(err, "no token cache");
        free(made);
        return status;
    }
    *slot = made;
    return ACSMTP_OK;
}

void cache_close(struct cache_slot *slot)
{
    if (!slot)
        return;
    slot_close(slot->slot);
    cache_inputs_release(&slot->inputs);
    free(slot);
}

/* ---- reading ---- */

static int no_entry(struct acsmtp_error *err, const char *why)
{
    return acsmtp_fail(err, ACSMTP_UNAVAILABLE, "no usable token in the cache: %s", why);
}

/* Any failure to understand an entry is the same as its absence, with the reason in the message. */
static int judge(struct acsmtp_credential *out, const struct cache_inputs *inputs,
                 struct acsmtp_error *err)
{
    if (acsmtp_credential_expires_on(out) <= (int64_t)time(NULL))
        return no_entry(err, "it has expired");
    if (!cache_inputs_fresh(inputs))
        return no_entry(err, "what it depended on has changed");
    return ACSMTP_OK;
}

int cache_read_inputs(struct cache_slot *slot, struct acsmtp_context *context,
                      struct acsmtp_credential *out, char *winner, size_t capacity,
                      struct cache_inputs *inputs, struct acsmtp_error *err)
{
    struct acsmtp_error problem = ACSMTP_ERROR_INIT;
    ACSMTP_AUTO_SECRET struct acsmtp_secret *text = NULL;
    int status;

    if (slot_read(slot->slot, context, &text, &problem) != ACSMTP_OK)
        return no_entry(err, problem.message);
    if (cache_entry_parse(acsmtp_secret_data(text), acsmtp_secret_size(text), out, winner, capacity,
                          inputs, &problem) != ACSMTP_OK)
        return no_entry(err, problem.message);
    status = judge(out, inputs, err);
    if (status != ACSMTP_OK) {
        cache_inputs_release(inputs);
        credential_clear(out);
    }
    return status;
}

int cache_read(struct cache_slot *slot, struct acsmtp_credential *out, char *winner,
               size_t capacity, struct acsmtp_error *err)
{
    struct cache_inputs inputs = {0};
    int status = cache_read_inputs(slot, NULL, out, winner, capacity, &inputs, err);

    cache_inputs_release(&inputs);
    return status;
}

/* ---- the lock ---- */

int cache_lock(struct cache_slot *slot, struct acsmtp_context *context, int wait,
               struct acsmtp_error *err)
{
    return slot_lock(slot->slot, context, wait, err);
}

void cache_unlock(struct cache_slot *slot)
{
    slot_unlock(slot->slot);
}

void cache_note_failure(struct cache_slot *slot)
{
    slot_note_failure(slot->slot);
}

int cache_failed_lately(struct cache_slot *slot, int seconds)
{
    return slot_failed_lately(slot->slot, seconds);
}

/* ---- writing ---- */

int cache_add_input(struct cache_slot *slot, const char *variable, const char *file,
                    struct acsmtp_error *err)
{
    return cache_inputs_add(&slot->inputs, variable, file, err);
}

int cache_write_inputs(struct cache_slot *slot, struct acsmtp_context *context,
                       const struct acsmtp_credential *credential, const char *winner,
                       const struct cache_inputs *inputs, struct acsmtp_error *err)
{
    ACSMTP_AUTO_SECRET struct acsmtp_secret *text = NULL;
    int status;

    if (acsmtp_credential_kind(credential) != ACSMTP_CREDENTIAL_TOKEN ||
        acsmtp_credential_expires_on(credential) <= 0)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "only tokens with an expiry are cached");
    text = cache_entry_format(credential, winner, inputs, err);
    status = text ? slot_write(slot->slot, context, text, err) : ACSMTP_SYSTEM;
    acsmtp_error_prefix(err, "the token cache");
    return status;
}

int cache_write(struct cache_slot *slot, const struct acsmtp_credential *credential,
                const char *winner, struct acsmtp_error *err)
{
    return cache_write_inputs(slot, NULL, credential, winner, &slot->inputs, err);
}

int cache_forget(struct cache_slot *slot, struct acsmtp_context *context, struct acsmtp_error *err)
{
    struct acsmtp_error problem = ACSMTP_ERROR_INIT;
    int status = slot_remove(slot->slot, context, &problem);

    if (status == ACSMTP_OK || status == ACSMTP_UNAVAILABLE)
        return ACSMTP_OK;
    return acsmtp_fail(err, status, "the token cache: %s", problem.message);
}
