/* SPDX-License-Identifier: MIT */
/* The life of instances: whole, in every order, twice, and without a trace. */
#include "baseline.h"
#include "canary.h"
#include "checks.h"
#include "memory.h"
#include "verdict.h"
#include <acsmtp/secret.h>
#include <stdlib.h>

enum { DEPTH_MAX = 3 };

/* One whole life of an instance. Its last status, or -1 with the verdict when there is none. */
static int live_once(const struct subject *subject, unsigned instance)
{
    struct session session;
    int status = session_init(&session, subject, instance);

    if (status == 0)
        status = session_live(&session);
    session_release(&session);
    return status;
}

void check_life(struct subject *subject)
{
    struct session session;

    if (subject_take(subject) != 0)
        return;
    if (session_init(&session, subject, 0) == 0 && session_live(&session) != ACSMTP_OK)
        (void)verdict_skip("%s() ends with '%s': %.300s (to see a whole life, give options with "
                           "-o OPTION=VALUE or a reply with --reply FILE)",
                           session.last_name, acsmtp_status_name(session.last_status),
                           session.last_error.message);
    session_release(&session);
}

/* ---- every legal order ---- */

struct orders {
    const struct subject *subject;
    const struct kind_operations *kind;
    size_t path[DEPTH_MAX];
};

/* Walk a path on a new instance. 0 when every step of it was legal. */
static int walk(const struct orders *orders, size_t length)
{
    struct session session;
    int legal =
        session_init(&session, orders->subject, 0) == 0 && session_open(&session) == ACSMTP_OK;

    for (size_t i = 0; legal && i < length; i++) {
        const struct operation *operation = &orders->kind->operations[orders->path[i]];

        legal = session_may(&session, operation);
        if (legal)
            (void)session_run(&session, operation);
    }
    session_release(&session);
    return legal ? 0 : -1;
}

/* A path is continued only when it was legal itself. */
static void walk_from(struct orders *orders, size_t length)
{
    if (walk(orders, length) != 0 || length == orders->kind->depth || verdict_failed())
        return;
    for (size_t i = 0; orders->kind->operations[i].name; i++) {
        orders->path[length] = i;
        walk_from(orders, length + 1);
    }
}

void check_orders(struct subject *subject)
{
    struct orders orders = {.subject = subject};
    struct baseline baseline;

    if (subject_take(subject) != 0 || baseline_take(subject, &baseline) != 0)
        return;
    orders.kind = kind_operations(subject->plugin->kind);
    walk_from(&orders, 0);
}

/* ---- what stays behind ---- */

void check_release(struct subject *subject)
{
    enum { LIVES = 3 };
    struct baseline baseline;

    if (subject_take(subject) != 0 || baseline_take(subject, &baseline) != 0)
        return;
    for (int i = 0; i < LIVES; i++)
        if (live_once(subject, 0) < 0)
            return;
    if (memory_live() > baseline.live)
        (void)verdict_fail(RULE_CLOSE, "%zu of its blocks stay behind after each life",
                           (memory_live() - baseline.live + LIVES - 1) / LIVES);
}

/*
 * Static data may be set up once (types that a library is told of); what is different after the
 * life of another instance is state.
 */
void check_globals(struct subject *subject)
{
    size_t size, changed;
    unsigned char *before;
    struct baseline baseline;

    if (subject_take(subject) != 0 || baseline_take(subject, &baseline) != 0)
        return;
    size = subject->image.data_size;
    before = image_snapshot(&subject->image);
    if (!before)
        return;
    changed = live_once(subject, 1) >= 0 ? image_changed(&subject->image, before) : size;
    if (changed < size)
        (void)verdict_fail(RULE_GLOBALS,
                           "its static data changes with every life (byte %zu of %zu)", changed,
                           size);
    free(before);
}

/* ---- two at once ---- */

/* A credential that holds the other instance's secret. */
static void check_owner(const struct session *session)
{
    const struct acsmtp_secret *secret =
        session->credential ? acsmtp_credential_secret(session->credential) : NULL;
    int owner = secret ? canary_owner(acsmtp_secret_data(secret), acsmtp_secret_size(secret)) : -1;

    if (owner >= 0 && (unsigned)owner != session->probe.instance)
        (void)verdict_fail(RULE_GLOBALS, "an instance gave out the secret of another one");
}

static void step_both(struct session *sessions, const struct operation *operation)
{
    for (int i = 0; i < 2; i++)
        if (session_may(&sessions[i], operation)) {
            (void)session_run(&sessions[i], operation);
            check_owner(&sessions[i]);
        }
    if ((sessions[0].last_status == ACSMTP_OK) != (sessions[1].last_status == ACSMTP_OK))
        (void)verdict_fail(RULE_GLOBALS, "%s() of two equal instances gives '%s' and '%s'",
                           operation->name, acsmtp_status_name(sessions[0].last_status),
                           acsmtp_status_name(sessions[1].last_status));
}

void check_instances(struct subject *subject)
{
    struct session sessions[2];
    const struct kind_operations *kind;
    struct baseline baseline;

    if (subject_take(subject) != 0 || baseline_take(subject, &baseline) != 0)
        return;
    kind = kind_operations(subject->plugin->kind);
    if (session_init(&sessions[0], subject, 0) != 0 || session_init(&sessions[1], subject, 1) != 0)
        return;
    if (session_open(&sessions[0]) == session_open(&sessions[1]))
        for (const int *step = kind->life; *step >= 0; step++)
            step_both(sessions, &kind->operations[*step]);
    else
        (void)verdict_fail(RULE_GLOBALS, "open() of two equal instances gives two results");
    session_close(&sessions[0]);
    for (const struct operation *operation = kind->operations; operation->name; operation++)
        if (session_may(&sessions[1], operation)) { /* the other one lives on */
            (void)session_run(&sessions[1], operation);
            check_owner(&sessions[1]);
        }
    session_release(&sessions[1]);
    session_release(&sessions[0]);
}
