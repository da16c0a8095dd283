/* SPDX-License-Identifier: MIT */
/* The thread that keeps a token fresh; see keeper.h. */
#include "keeper.h"
#include "base/context_private.h"
#include "base/credential_private.h"
#include "chain_private.h"
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

struct keeper {
    struct chain *chain;
    const struct acsmtp_credential_request *request;
    struct acsmtp_context *context; /* of the thread; stop() cancels it */
    pthread_t thread;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t changed;
    int is_stopping;
    struct acsmtp_credential *newest;
    int is_news; /* nobody has taken it yet */
};

/*
 * When to ask for the next one, in seconds from now: when the source or the chain wants it renewed;
 * if that is past, halfway to the moment when a session would not take it any more.
 */
static int64_t seconds_until_due(const struct acsmtp_credential *credential)
{
    int64_t now = (int64_t)time(NULL);
    int64_t until = acsmtp_credential_refresh_on(credential) - now;
    int64_t left = acsmtp_credential_expires_on(credential) - now;

    if (until <= 0)
        until = (left > KEEPER_REUSE_SECONDS ? left - KEEPER_REUSE_SECONDS : left) / 2;
    return until > 1 ? until : 1;
}

/* Ask the chain, which knows whether it is time already; seconds until the next look. */
static int64_t renew(struct keeper *keeper)
{
    struct acsmtp_credential *fresh = acsmtp_credential_new(NULL);
    int64_t seconds = TOKEN_RETRY_SECONDS;

    if (fresh &&
        chain_acquire(keeper->chain, keeper->context, keeper->request, fresh, NULL, NULL) ==
            ACSMTP_OK &&
        acsmtp_credential_kind(fresh) == ACSMTP_CREDENTIAL_TOKEN) {
        seconds = seconds_until_due(fresh);
        (void)pthread_mutex_lock(&keeper->lock);
        credential_move(keeper->newest, fresh);
        keeper->is_news = 1;
        (void)pthread_mutex_unlock(&keeper->lock);
    }
    acsmtp_credential_free(fresh);
    return seconds;
}

/* 1 when the time is up, 0 when the keeper is to end. */
static int sleep_until_due(struct keeper *keeper, int64_t seconds)
{
    struct timespec until;
    int problem = 0;
    int is_stopping;

    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += (time_t)seconds;
    (void)pthread_mutex_lock(&keeper->lock);
    while (!keeper->is_stopping && problem == 0)
        problem = pthread_cond_timedwait(&keeper->changed, &keeper->lock, &until);
    is_stopping = keeper->is_stopping;
    (void)pthread_mutex_unlock(&keeper->lock);
    return !is_stopping;
}

static void *run(void *data)
{
    struct keeper *keeper = data;
    int64_t seconds = seconds_until_due(keeper->newest);

    while (sleep_until_due(keeper, seconds))
        seconds = renew(keeper);
    return NULL;
}

/* ---- start and stop ---- */

static int make_locks(struct keeper *keeper)
{
    pthread_condattr_t kind;
    int problem = pthread_mutex_init(&keeper->lock, NULL);

    if (problem == 0)
        problem = pthread_condattr_init(&kind);
    if (problem == 0)
        problem = pthread_condattr_setclock(&kind, CLOCK_MONOTONIC);
    if (problem == 0)
        problem = pthread_cond_init(&keeper->changed, &kind);
    return problem;
}

static void release(struct keeper *keeper)
{
    acsmtp_context_free(keeper->context);
    acsmtp_credential_free(keeper->newest);
    free(keeper);
}

/* The program's signal handlers run in the program's own threads. */
static int start_thread(struct keeper *keeper)
{
    sigset_t all, before;
    int problem;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    problem = pthread_create(&keeper->thread, NULL, run, keeper);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return problem;
}

struct keeper *keeper_start(struct chain *chain, const struct acsmtp_context *context,
                            const struct acsmtp_credential_request *request,
                            const struct acsmtp_credential *credential)
{
    struct keeper *keeper;

    if (acsmtp_credential_kind(credential) != ACSMTP_CREDENTIAL_TOKEN ||
        acsmtp_credential_expires_on(credential) <= 0)
        return NULL;
    keeper = calloc(1, sizeof *keeper);
    if (!keeper)
        return NULL;
    keeper->chain = chain;
    keeper->request = request;
    keeper->newest = acsmtp_credential_new(NULL);
    if (!keeper->newest || token_copy(credential, keeper->newest, NULL) != ACSMTP_OK ||
        context_branch(context, &keeper->context, NULL) != ACSMTP_OK || make_locks(keeper) != 0 ||
        start_thread(keeper) != 0) {
        release(keeper);
        return NULL;
    }
    return keeper;
}

void keeper_stop(struct keeper *keeper)
{
    if (!keeper)
        return;
    (void)pthread_mutex_lock(&keeper->lock);
    keeper->is_stopping = 1;
    (void)pthread_cond_signal(&keeper->changed);
    (void)pthread_mutex_unlock(&keeper->lock);
    acsmtp_context_cancel(keeper->context);
    (void)pthread_join(keeper->thread, NULL);
    (void)pthread_cond_destroy(&keeper->changed);
    (void)pthread_mutex_destroy(&keeper->lock);
    release(keeper);
}

int keeper_take(struct keeper *keeper, struct acsmtp_credential *credential)
{
    int taken = 0;

    if (!keeper)
        return 0;
    (void)pthread_mutex_lock(&keeper->lock);
    if (keeper->is_news) {
        credential_move(credential, keeper->newest);
        keeper->is_news = 0;
        taken = 1;
    }
    (void)pthread_mutex_unlock(&keeper->lock);
    return taken;
}
