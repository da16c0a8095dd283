/* SPDX-License-Identifier: MIT */
/*
 * How a chain answers: from memory, from the cache that processes share, or by asking its members.
 * Among threads one flies for all (chain->flying), among processes one holds the entry's lock; the
 * others wait when they have nothing, and use what they have when that is still good enough.
 */
#include "base/credential_private.h"
#include "chain_private.h"
#include <string.h>
#include <time.h>

/* How often a waiting thread looks whether its own work was cancelled. */
#define WAIT_SLICE_MS 100
#define VOIDED_TRIES 3

/* ---- one thread at a time ---- */

static void wait_slice(struct chain *chain, const struct acsmtp_context *context)
{
    int64_t ms = acsmtp_context_remaining(context);
    struct timespec until;

    if (ms > WAIT_SLICE_MS)
        ms = WAIT_SLICE_MS;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += (long)ms * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    (void)pthread_cond_timedwait(&chain->landed, &chain->lock, &until);
}

static int take_off(struct chain *chain, const struct acsmtp_context *context,
                    struct acsmtp_error *err)
{
    int status = ACSMTP_OK;

    (void)pthread_mutex_lock(&chain->lock);
    while (chain->flying && status == ACSMTP_OK) {
        wait_slice(chain, context);
        status = acsmtp_context_check(context, "waiting for a credential", err);
    }
    if (status == ACSMTP_OK)
        chain->flying = 1;
    (void)pthread_mutex_unlock(&chain->lock);
    return status;
}

static void land(struct chain *chain)
{
    (void)pthread_mutex_lock(&chain->lock);
    chain->flying = 0;
    (void)pthread_cond_broadcast(&chain->landed);
    (void)pthread_mutex_unlock(&chain->lock);
}

/* ---- asking the members ---- */

/* Passwords are never kept, nor tokens that do not tell how long they live. */
static int may_be_kept(const struct ask *ask)
{
    return ask->walk.inputs_known && acsmtp_credential_kind(ask->out) == ACSMTP_CREDENTIAL_TOKEN &&
           acsmtp_credential_expires_on(ask->out) > (int64_t)time(NULL);
}

static int use_answer(struct ask *ask, struct acsmtp_error *err)
{
    struct chain *chain = ask->chain;
    int status = ACSMTP_OK;

    if (may_be_kept(ask))
        status = keep_new(ask, err);
    else
        keep_nothing(ask);
    (void)pthread_mutex_lock(&chain->lock);
    chain->winner = ask->walk.winner;
    keep_note_given(ask, ask->walk.winner, 1);
    (void)pthread_mutex_unlock(&chain->lock);
    return status;
}

/* Whether the old token is better than this failure. */
static int old_one_will_do(const struct ask *ask, int status)
{
    enum token_grade grade = ask->refresh ? TOKEN_NONE : keep_grade(ask);

    if (grade == TOKEN_BRIEF)
        return status == ACSMTP_TEMPORARY || status == ACSMTP_UNAVAILABLE;
    return grade >= TOKEN_AGING && status != ACSMTP_CANCELLED;
}

static int ask_members(struct ask *ask, struct acsmtp_error *err)
{
    struct acsmtp_error problem = ACSMTP_ERROR_INIT;
    int status = chain_walk(&ask->walk, ask->out, &problem);

    if (status == ACSMTP_OK)
        return use_answer(ask, err);
    if (!old_one_will_do(ask, status)) {
        walk_copy_error(err, &problem);
        return status;
    }
    acsmtp_log(ask->walk.context, ACSMTP_LOG_INFO,
               "the token could not be renewed, the old one is used: %s", problem.message);
    keep_not_again_soon(ask);
    return keep_hand_out(ask, "the old token, which is still valid", err);
}

/* ---- one flight ---- */

/*
 * OK with the lock (or without one where locking does not work: then processes are not kept apart),
 * TEMPORARY when somebody else has it and the kept token will do.
 */
static int lock_slot(struct ask *ask, struct acsmtp_error *err)
{
    int wait = ask->refresh || keep_grade(ask) <= TOKEN_BRIEF;
    int status;

    if (!ask->token->slot)
        return ACSMTP_OK;
    status = cache_lock(ask->token->slot, ask->walk.context, wait, err);
    if (status != ACSMTP_SYSTEM)
        return status;
    acsmtp_log(ask->walk.context, ACSMTP_LOG_DEBUG, "%s", err->message);
    acsmtp_error_clear(err);
    return ACSMTP_OK;
}

/* What another process wrote while this one waited is the best that can be had, even if brief. */
static int fetch_locked(struct ask *ask, struct acsmtp_error *err)
{
    keep_look_at_disk(ask);
    if (ask->token->slot && keep_replaced(ask))
        return keep_hand_out(ask, "from the cache, just written by another process", err);
    return ask_members(ask, err);
}

/* 1 when the disk has an answer that needs no refresh now. */
static int disk_will_do(const struct ask *ask)
{
    enum token_grade grade = ask->refresh ? TOKEN_NONE : keep_grade(ask);

    return grade == TOKEN_GOOD || (grade == TOKEN_AGING && ask->token->slot &&
                                   cache_failed_lately(ask->token->slot, TOKEN_RETRY_SECONDS));
}

static int fetch(struct ask *ask, struct acsmtp_error *err)
{
    struct acsmtp_error problem = ACSMTP_ERROR_INIT;
    int status;

    keep_open_slot(ask);
    keep_look_at_disk(ask);
    if (disk_will_do(ask))
        return keep_hand_out(ask, "from the cache", err);
    if (keep_remember_old(ask) && ask->refresh && keep_replaced(ask))
        return keep_hand_out(ask, "from the cache, newer than the refused one", err);
    status = lock_slot(ask, &problem);
    if (status == ACSMTP_OK) {
        status = fetch_locked(ask, err);
        if (ask->token->slot)
            cache_unlock(ask->token->slot);
        return status;
    }
    if (old_one_will_do(ask, status))
        return keep_hand_out(ask, "from the cache", err);
    walk_copy_error(err, &problem);
    return status;
}

/* While this thread waited for the other one, that one may have brought what is needed. */
static int fly(struct ask *ask, struct acsmtp_error *err)
{
    int status = take_off(ask->chain, ask->walk.context, err);

    if (status != ACSMTP_OK)
        return status;
    if (keep_changed(ask))
        status = keep_hand_out(ask, "from memory", err);
    else
        status = fetch(ask, err);
    land(ask->chain);
    return status;
}

/* Once more when another thread's verdict voided the token just before it was copied. */
static int answer(struct ask *ask, struct acsmtp_error *err)
{
    struct acsmtp_error problem = ACSMTP_ERROR_INIT;
    int status = ACSMTP_OK;
    int tries;

    for (tries = 0; tries < VOIDED_TRIES; tries++) {
        acsmtp_error_clear(&problem);
        ask->voided = 0;
        if (!keep_answer(ask, &status, &problem))
            status = fly(ask, &problem);
        if (!ask->voided)
            break;
    }
    if (status != ACSMTP_OK)
        walk_copy_error(err, &problem);
    return status;
}

static int acquire_from(struct chain *chain, size_t from, struct acsmtp_context *context,
                        const struct acsmtp_credential_request *request,
                        struct acsmtp_credential *out, struct acsmtp_report *report,
                        struct acsmtp_error *err)
{
    struct ask ask = {.chain = chain,
                      .request = request,
                      .out = out,
                      .refresh = (request->flags & ACSMTP_REQUEST_REFRESH) != 0};
    char key[DIGEST_HEX];
    int status = ACSMTP_SYSTEM;

    if (!request->scope)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "a credential was asked for without a scope");
    ask.walk = (struct walk){
        .chain = chain, .context = context, .request = request, .report = report, .from = from};
    /* What the caller holds is what was refused: another thread may have a newer one by now. */
    if (ask.refresh && acsmtp_credential_kind(out) == ACSMTP_CREDENTIAL_TOKEN)
        ask.shown = acsmtp_secret_dup(acsmtp_credential_secret(out), NULL);
    credential_clear(out);
    token_key(chain, request, from, key);
    ask.token = token_pin(chain, key, err);
    if (ask.token) {
        status = answer(&ask, err);
        token_unpin(chain, ask.token);
        cache_inputs_release(&ask.walk.inputs);
    }
    acsmtp_secret_free(ask.old);
    acsmtp_secret_free(ask.shown);
    return status;
}

int chain_acquire(struct chain *chain, struct acsmtp_context *context,
                  const struct acsmtp_credential_request *request, struct acsmtp_credential *out,
                  struct acsmtp_report *report, struct acsmtp_error *err)
{
    return acquire_from(chain, 0, context, request, out, report, err);
}

int chain_acquire_next(struct chain *chain, struct acsmtp_context *context,
                       const struct acsmtp_credential_request *request,
                       struct acsmtp_credential *out, struct acsmtp_report *report,
                       struct acsmtp_error *err)
{
    size_t winner = chain_winner_of(chain, out);
    size_t from = winner == CHAIN_NOBODY ? 0 : winner + 1;

    if (from >= chain->count)
        return acsmtp_fail(err, ACSMTP_UNAVAILABLE, "no credential source is left to try");
    return acquire_from(chain, from, context, request, out, report, err);
}
