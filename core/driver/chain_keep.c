/* SPDX-License-Identifier: MIT */
/*
 * What a chain keeps for the next request: in memory under the chain's lock, and on disk for other
 * processes. Only the thread that flies changes it, except that a verdict may void the credential
 * at any time.
 */
#include "base/credential_private.h"
#include "chain_private.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void lock(const struct ask *ask)
{
    (void)pthread_mutex_lock(&ask->chain->lock);
}

static void unlock(const struct ask *ask)
{
    (void)pthread_mutex_unlock(&ask->chain->lock);
}

/* ---- looking, under the lock ---- */

static enum token_grade grade(const struct ask *ask)
{
    return token_grade(ask->token, ask->request->min_validity);
}

enum token_grade keep_grade(const struct ask *ask)
{
    enum token_grade found;

    lock(ask);
    found = grade(ask);
    unlock(ask);
    return found;
}

int keep_changed(const struct ask *ask)
{
    int changed;

    lock(ask);
    changed = ask->token->generation != ask->generation && grade(ask) != TOKEN_NONE;
    unlock(ask);
    return changed;
}

int keep_replaced(const struct ask *ask)
{
    int replaced;

    lock(ask);
    replaced = grade(ask) != TOKEN_NONE &&
               !token_same(acsmtp_credential_secret(ask->token->credential), ask->old);
    unlock(ask);
    return replaced;
}

int keep_remember_old(struct ask *ask)
{
    const struct acsmtp_secret *old;
    int refused;

    lock(ask);
    old = ask->shown ? ask->shown : ask->token->refused;
    refused = old != NULL;
    if (!old && acsmtp_credential_kind(ask->token->credential) == ACSMTP_CREDENTIAL_TOKEN)
        old = acsmtp_credential_secret(ask->token->credential);
    acsmtp_secret_free(ask->old);
    ask->old = old ? acsmtp_secret_dup(old, NULL) : NULL;
    unlock(ask);
    return refused;
}

/* ---- handing out ---- */

void keep_note_given(struct ask *ask, size_t winner, int from_member)
{
    struct credential_origin origin = {
        .chain = ask->chain, .winner = winner, .from_member = from_member};

    ask->chain->last_winner = winner;
    ask->chain->last_from_member = from_member;
    memcpy(ask->chain->last_key, ask->token->key, sizeof ask->chain->last_key);
    memcpy(origin.key, ask->token->key, sizeof origin.key);
    credential_set_origin(ask->out, origin);
}

static int hand_out(struct ask *ask, const char *how, struct acsmtp_error *err)
{
    struct chain *chain = ask->chain;
    struct token *token = ask->token;
    int status;

    ask->voided = acsmtp_credential_kind(token->credential) != ACSMTP_CREDENTIAL_TOKEN;
    if (ask->voided)
        return acsmtp_fail(err, ACSMTP_TEMPORARY, "the token was refused a moment ago");
    status = token_copy(token->credential, ask->out, err);
    if (status != ACSMTP_OK)
        return status;
    keep_note_given(ask, token->winner, token->from_member);
    walk_note(&ask->walk, chain->members[token->winner].entry.name, ACSMTP_OK, how, NULL, 0);
    return ACSMTP_OK;
}

int keep_hand_out(struct ask *ask, const char *how, struct acsmtp_error *err)
{
    int status;

    lock(ask);
    status = hand_out(ask, how, err);
    unlock(ask);
    return status;
}

/* A token in its last part that somebody is renewing, or that could not be renewed just now. */
static int aging_will_do(const struct ask *ask)
{
    return ask->chain->flying || monotonic_seconds() < ask->token->retry_at;
}

/* The refused token has been replaced already: asking the source again would bring nothing more. */
static int newer_than_shown(const struct ask *ask)
{
    const struct acsmtp_secret *kept = acsmtp_credential_secret(ask->token->credential);

    return ask->shown && kept && !token_same(kept, ask->shown);
}

int keep_answer(struct ask *ask, int *status, struct acsmtp_error *err)
{
    enum token_grade found;
    int answered;

    lock(ask);
    ask->generation = ask->token->generation;
    found = ask->refresh && !newer_than_shown(ask) ? TOKEN_NONE : grade(ask);
    answered = found == TOKEN_GOOD || (found == TOKEN_AGING && aging_will_do(ask));
    if (answered)
        *status = hand_out(ask, "from memory", err);
    unlock(ask);
    return answered;
}

/* ---- the disk ---- */

/* Without files nothing is amiss; a keyring that somebody chose ought to work. */
static void complain(const struct ask *ask, const struct acsmtp_error *problem)
{
    int level = ask->chain->host->cache_keyring ? ACSMTP_LOG_WARNING : ACSMTP_LOG_DEBUG;

    acsmtp_log(ask->walk.context, level, "%s", problem->message);
}

void keep_open_slot(struct ask *ask)
{
    struct acsmtp_error problem = ACSMTP_ERROR_INIT;
    struct token *token = ask->token;

    if (token->slot_opened || !ask->chain->host->use_cache)
        return;
    token->slot_opened = 1;
    if (chain_open_slot(ask->chain, token->key, &token->slot, &problem) != ACSMTP_OK)
        complain(ask, &problem);
}

/* "name/index"; the entries are part of the key, so an index means the same to all processes. */
static size_t winner_index(const struct chain *chain, const char *winner)
{
    const char *slash = strchr(winner, '/');
    size_t length = slash ? (size_t)(slash - winner) : strlen(winner);
    unsigned long index = slash ? strtoul(slash + 1, NULL, 10) : 0;
    const char *name;

    if (index >= chain->count)
        return CHAIN_NOBODY;
    name = chain->members[index].entry.name;
    return strlen(name) == length && strncmp(name, winner, length) == 0 ? (size_t)index
                                                                        : CHAIN_NOBODY;
}

/* Whether the disk's token is to be preferred to the one in memory. */
static int is_better(const struct ask *ask, const struct acsmtp_credential *found)
{
    const struct token *token = ask->token;

    if (token_same(acsmtp_credential_secret(found), token->refused))
        return 0;
    return token_grade(token, 0) == TOKEN_NONE ||
           acsmtp_credential_expires_on(found) > acsmtp_credential_expires_on(token->credential);
}

static void adopt(struct ask *ask, struct acsmtp_credential *found, const char *winner,
                  struct cache_inputs *inputs)
{
    size_t index = winner_index(ask->chain, winner);

    lock(ask);
    if (index != CHAIN_NOBODY && is_better(ask, found))
        token_keep(ask->token, found, index, 0, inputs);
    unlock(ask);
}

void keep_look_at_disk(struct ask *ask)
{
    struct acsmtp_error problem = ACSMTP_ERROR_INIT;
    struct acsmtp_credential *found;
    struct cache_inputs inputs = {0};
    char winner[CACHE_WINNER_MAX];

    if (!ask->token->slot || !(found = acsmtp_credential_new(NULL)))
        return;
    if (cache_read_inputs(ask->token->slot, ask->walk.context, found, winner, sizeof winner,
                          &inputs, &problem) == ACSMTP_OK)
        adopt(ask, found, winner, &inputs);
    else
        acsmtp_log(ask->walk.context, ACSMTP_LOG_DEBUG, "%s", problem.message);
    cache_inputs_release(&inputs);
    acsmtp_credential_free(found);
}

static void write_to_disk(struct ask *ask)
{
    struct acsmtp_error problem = ACSMTP_ERROR_INIT;
    size_t index = ask->walk.winner;
    char winner[CACHE_WINNER_MAX];

    if (!ask->token->slot)
        return;
    (void)snprintf(winner, sizeof winner, "%s/%zu", ask->chain->members[index].entry.name, index);
    if (cache_write_inputs(ask->token->slot, ask->walk.context, ask->out, winner, &ask->walk.inputs,
                           &problem) != ACSMTP_OK)
        complain(ask, &problem);
}

/* ---- a new answer ---- */

void keep_not_again_soon(struct ask *ask)
{
    lock(ask);
    ask->token->retry_at = monotonic_seconds() + TOKEN_RETRY_SECONDS;
    unlock(ask);
    if (ask->token->slot)
        cache_note_failure(ask->token->slot);
}

static int was_refused(const struct ask *ask)
{
    int refused;

    lock(ask);
    refused = token_same(acsmtp_credential_secret(ask->out), ask->token->refused);
    unlock(ask);
    return refused;
}

/* The disk first: the inputs move into memory. */
int keep_new(struct ask *ask, struct acsmtp_error *err)
{
    struct acsmtp_credential *copy = acsmtp_credential_new(err);
    int refused = was_refused(ask);
    int status = copy ? token_plan_refresh(ask->out, err) : ACSMTP_SYSTEM;

    if (status == ACSMTP_OK)
        status = token_copy(ask->out, copy, err);
    if (status == ACSMTP_OK && !refused)
        write_to_disk(ask);
    if (status == ACSMTP_OK) {
        lock(ask);
        token_keep(ask->token, copy, ask->walk.winner, 1, &ask->walk.inputs);
        if (!refused) {
            acsmtp_secret_free(ask->token->refused);
            ask->token->refused = NULL;
        }
        unlock(ask);
    }
    acsmtp_credential_free(copy);
    /* A source with a cache of its own may answer with the token that was to be replaced. */
    if (status == ACSMTP_OK && token_same(acsmtp_credential_secret(ask->out), ask->old))
        keep_not_again_soon(ask);
    return status;
}

void keep_nothing(struct ask *ask)
{
    lock(ask);
    credential_clear(ask->token->credential);
    unlock(ask);
}
