/* SPDX-License-Identifier: MIT */
/*
 * The promise about threads, under threads: as many calls at once as it allows, made to meet inside
 * the host's functions. Who keeps it gives the same result as alone, and each instance its own.
 */
#include "baseline.h"
#include "canary.h"
#include "checks.h"
#include "provider.h"
#include "verdict.h"
#include <acsmtp/secret.h>
#include <pthread.h>

enum { THREADS = 4, ROUNDS = 4 };

struct worker {
    struct session session;
    const struct baseline *alone; /* an undisturbed life */
    pthread_t thread;
    enum contract_rule rule;
    int shares; /* the instance is another worker's */
    int runs;   /* the thread was made */
};

static void judge_worker(const struct worker *worker)
{
    const struct session *session = &worker->session;
    const struct acsmtp_secret *secret =
        session->credential ? acsmtp_credential_secret(session->credential) : NULL;
    int owner = secret ? canary_owner(acsmtp_secret_data(secret), acsmtp_secret_size(secret)) : -1;

    if (!baseline_allows(worker->alone, session->last_status))
        (void)verdict_fail(worker->rule,
                           "%s() beside other threads ended with '%s', alone with '%s': %.300s",
                           session->last_name, acsmtp_status_name(session->last_status),
                           acsmtp_status_name(worker->alone->status), session->last_error.message);
    if (owner >= 0 && (unsigned)owner != session->probe.instance)
        (void)verdict_fail(worker->rule, "one thread got the secret of another one's instance");
}

/* The steps of a life on an instance that others use at the same time. */
static void live_inside(struct session *session)
{
    const struct kind_operations *kind = kind_operations(session->subject->plugin->kind);
    int status = ACSMTP_OK;

    for (const int *step = kind->together; status == ACSMTP_OK && *step >= 0; step++)
        if (session_may(session, &kind->operations[*step]))
            status = session_run(session, &kind->operations[*step]);
}

static void *work(void *data)
{
    struct worker *worker = data;

    /* A provider's deployments take their time. */
    for (int i = 0; i < (provider_is_there() ? 1 : ROUNDS) && !verdict_failed(); i++) {
        if (worker->shares)
            live_inside(&worker->session);
        else
            (void)session_live(&worker->session);
        judge_worker(worker);
    }
    return NULL;
}

static void run_all(struct worker *workers, int at_once)
{
    probe_meet(at_once ? THREADS : 0);
    for (int i = 0; i < THREADS; i++) {
        workers[i].runs = pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0;
        if (!at_once && workers[i].runs)
            (void)pthread_join(workers[i].thread, NULL);
    }
    for (int i = 0; at_once && i < THREADS; i++)
        if (workers[i].runs)
            (void)pthread_join(workers[i].thread, NULL);
    probe_meet(0);
}

/* Each thread with an instance of its own, together or one after the other. */
static void run_apart(const struct subject *subject, const struct baseline *alone,
                      enum contract_rule rule, int at_once)
{
    struct worker workers[THREADS];

    for (unsigned i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.alone = alone, .rule = rule};
        if (session_init(&workers[i].session, subject, i) != 0)
            return;
        workers[i].session.probe.instance = i % 2;
    }
    run_all(workers, at_once);
    for (int i = 0; i < THREADS; i++)
        session_release(&workers[i].session);
}

/* All threads inside one instance. */
static void run_together(const struct subject *subject, const struct baseline *alone)
{
    struct worker workers[THREADS];
    struct session owner;

    if (session_init(&owner, subject, 0) == 0 && session_open(&owner) == ACSMTP_OK) {
        owner.state |= STATE_PROBED;
        for (unsigned i = 0; i < THREADS; i++) {
            workers[i] = (struct worker){
                .session = owner, .shares = 1, .alone = alone, .rule = RULE_THREADS_ANY};
            workers[i].session.number += (i + 1) << 16; /* entries of a keyring of their own */
        }
        run_all(workers, 1);
        for (int i = 0; i < THREADS; i++)
            session_forget(&workers[i].session);
    }
    session_release(&owner);
}

void check_threads(struct subject *subject)
{
    struct baseline baseline;

    if (subject_take(subject) != 0 || baseline_take(subject, &baseline) != 0)
        return;
    switch (subject->plugin->threads) {
    case ACSMTP_THREADS_ONE:
        run_apart(subject, &baseline, RULE_THREADS_ONE, 0);
        break;
    case ACSMTP_THREADS_INSTANCE:
        run_apart(subject, &baseline, RULE_THREADS_INSTANCE, 1);
        break;
    default:
        run_apart(subject, &baseline, RULE_THREADS_ANY, 1);
        if (kind_operations(subject->plugin->kind)->together)
            run_together(subject, &baseline);
        break;
    }
}
