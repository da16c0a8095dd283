/* SPDX-License-Identifier: MIT */
/* Running operations and judging each of them, see session.h. */
#include "session.h"
#include "canary.h"
#include "host.h"
#include "verdict.h"
#include <ctype.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

const struct kind_operations *kind_operations(int kind)
{
    switch (kind) {
    case ACSMTP_KIND_CREDENTIAL:
        return &credential_operations;
    case ACSMTP_KIND_TRANSPORT:
        return &transport_operations;
    case ACSMTP_KIND_COMPOSER:
        return &composer_operations;
    case ACSMTP_KIND_KEYRING:
        return &keyring_operations;
    default:
        return &provisioner_operations;
    }
}

static const struct kind_operations *kind_of(const struct session *session)
{
    return kind_operations(session->subject->plugin->kind);
}

int session_init(struct session *session, const struct subject *subject, unsigned instance)
{
    static atomic_uint sessions;

    *session = (struct session){.subject = subject,
                                .number = atomic_fetch_add(&sessions, 1),
                                .probe.instance = instance,
                                .probe.script_from = 1,
                                .timeout_ms = SESSION_TIMEOUT_MS};
    return host_settings(subject, instance, &session->settings);
}

/* ---- judging ---- */

static int is_printable(const char *text, size_t capacity)
{
    size_t length = strnlen(text, capacity);

    for (size_t i = 0; i < length; i++)
        if (iscntrl((unsigned char)text[i]))
            return 0;
    return length < capacity;
}

static void judge_texts(const char *name, const struct acsmtp_error *err)
{
    const char *found = canary_find(err, sizeof *err);

    if (found)
        (void)verdict_fail(RULE_SECRET_MESSAGE, "%s stands in the error of %s()", found, name);
    if (!is_printable(err->message, sizeof err->message) ||
        !is_printable(err->code, sizeof err->code) ||
        !is_printable(err->server_text, sizeof err->server_text))
        (void)verdict_fail(RULE_MESSAGE, "the error of %s() holds control characters", name);
}

static void judge(const char *name, int status, const struct acsmtp_error *err)
{
    if (status < ACSMTP_OK || status > ACSMTP_SYSTEM)
        (void)verdict_fail(RULE_STATUS, "%s() returned %d", name, status);
    else if (status != err->status)
        (void)verdict_fail(RULE_STATUS, "%s() returned '%s' and its error says '%s'", name,
                           acsmtp_status_name(status), acsmtp_status_name(err->status));
    else if (status != ACSMTP_OK && !err->message[0])
        (void)verdict_fail(RULE_STATUS, "%s() returned '%s' and no message", name,
                           acsmtp_status_name(status));
    judge_texts(name, err);
}

static void settle(struct session *session, const char *name, int status,
                   const struct acsmtp_error *err)
{
    session->last_status = status;
    session->last_name = name;
    session->last_error = *err;
    judge(name, status, err);
}

/* ---- calls ---- */

int session_open(struct session *session)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    int status;

    verdict_step("in open()");
    session->probe.context = NULL;
    session->probe.may_wait = 0;
    session->probe.waited = NULL;
    probe_enter(&session->probe);
    status = kind_of(session)->open(session->subject->plugin, session->settings, &session->instance,
                                    &err);
    probe_leave();
    settle(session, "open", status, &err);
    if (session->probe.waited)
        (void)verdict_fail(RULE_OPEN, "open() called %s()", session->probe.waited);
    if (status == ACSMTP_OK)
        session->state = STATE_OPEN | (session->without_probe ? STATE_PROBED : 0);
    session->was_open = status == ACSMTP_OK;
    return status;
}

int session_may(const struct session *session, const struct operation *operation)
{
    if (operation->offered && !operation->offered(session->subject->plugin))
        return 0;
    return (session->state & operation->needs) == operation->needs &&
           !(session->state & operation->forbids);
}

static void move(struct session *session, const struct operation *operation, int status)
{
    session->state |= operation->sets;
    session->state &= ~operation->clears;
    if (status == ACSMTP_OK)
        session->state = (session->state | operation->sets_ok) & ~operation->clears_ok;
    else
        session->state &= ~operation->clears_failed;
}

int session_run(struct session *session, const struct operation *operation)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct acsmtp_context *context = host_context(session->timeout_ms);
    int status;

    if (!context)
        return ACSMTP_SYSTEM;
    if (session->cancelled)
        acsmtp_context_cancel(context);
    verdict_step("in %s()", operation->name);
    session->probe.context = context;
    session->probe.may_wait = operation->stays == RULE_NONE;
    session->probe.waited = NULL;
    probe_enter(&session->probe);
    status = operation->run(session, context, &err);
    probe_leave();
    session->probe.context = NULL;
    if (!operation->is_silent)
        settle(session, operation->name, status, &err);
    if (session->probe.waited)
        (void)verdict_fail(operation->stays, "%s() called %s()", operation->name,
                           session->probe.waited);
    move(session, operation, status);
    acsmtp_context_free(context);
    return status;
}

/* What the life has left; how it ended stays what counts. */
static void undo(struct session *session)
{
    const struct session ended = *session;

    for (const struct operation *operation = kind_of(session)->operations; operation->name;
         operation++)
        if ((session->state & operation->undoes) && session_may(session, operation))
            (void)session_run(session, operation);
    session->last_status = ended.last_status;
    session->last_name = ended.last_name;
    session->last_error = ended.last_error;
}

void session_close(struct session *session)
{
    if (!(session->state & STATE_OPEN))
        return;
    undo(session);
    verdict_step("in close()");
    session->probe.may_wait = 1;
    probe_enter(&session->probe);
    kind_of(session)->close(session->subject->plugin, session->instance);
    probe_leave();
    session->state = 0;
    session->instance = NULL;
}

void session_forget(struct session *session)
{
    acsmtp_credential_free(session->credential);
    free(session->shown_empty);
    free(session->shown_made);
    session->credential = NULL;
    session->shown_empty = session->shown_made = NULL;
}

void session_release(struct session *session)
{
    session_close(session);
    session_forget(session);
    host_settings_free(session->settings);
    session->settings = NULL;
}

int session_live(struct session *session)
{
    const struct kind_operations *kind = kind_of(session);
    int status = session_open(session);

    for (const int *step = kind->life; status == ACSMTP_OK && *step >= 0; step++)
        if (session_may(session, &kind->operations[*step]))
            status = session_run(session, &kind->operations[*step]);
    session_close(session);
    return status;
}
