/* SPDX-License-Identifier: MIT */
/*
 * Getting in: a credential, the transport that takes it, the connection. A refused credential is
 * reported to its source and asked for once more; then the entry's policy decides.
 */
#include "base/context_private.h"
#include "base/credential_private.h"
#include "chain_private.h"
#include "clock.h"
#include "delivery_private.h"
#include "report_private.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* However a chain behaves, a server is not asked more often: accounts may be locked. */
#define LOGINS_MAX 16

/* ---- the transport's instance ---- */

static int open_transport(struct session *session, struct acsmtp_error *err)
{
    struct entry *entry = session->transport;
    int status;

    if (session->opened)
        return ACSMTP_OK;
    entry_enter(entry);
    status = entry->plugin->transport->open(entry->settings, &session->instance, err);
    entry_leave(entry);
    status = entry_result(entry, status, err);
    session->opened = status == ACSMTP_OK;
    return status;
}

void session_disconnect(struct session *session)
{
    struct entry *entry = session->transport;

    if (!session->connected)
        return;
    entry_enter(entry);
    entry->plugin->transport->disconnect(session->instance, session->context);
    entry_leave(entry);
    session->connected = 0;
}

void session_end(struct session *session)
{
    struct entry *entry = session->transport;

    session_disconnect(session);
    if (session->opened) {
        entry_enter(entry);
        entry->plugin->transport->close(session->instance);
        entry_leave(entry);
    }
    session->opened = 0;
    session->instance = NULL;
    session->transport = NULL;
}

static int connect_transport(struct session *session, struct acsmtp_error *err)
{
    struct entry *entry = session->transport;
    const char *username = acsmtp_credential_username(session->credential);
    int status = open_transport(session, err);

    if (status == ACSMTP_OK) {
        session->connected = 1;
        entry_enter(entry);
        status = entry->plugin->transport->connect(session->instance, session->context,
                                                   username ? username : session->request.username,
                                                   session->credential, err);
        entry_leave(entry);
        status = entry_result(entry, status, err);
    }
    if (status != ACSMTP_OK) {
        session_disconnect(session);
        acsmtp_error_prefix(err, "transport %s", entry->name);
        return status;
    }
    report_set_transport(session->report, entry->name);
    return ACSMTP_OK;
}

/* ---- one try ---- */

static int try_credential(struct session *session, int *hopeless, struct acsmtp_error *err)
{
    int status = delivery_choose(session, err);

    if (status == ACSMTP_OK)
        status = delivery_inspect(session->credential, session->context, &session->request,
                                  hopeless, err);
    clock_tell(session->context, err);
    return status == ACSMTP_OK ? connect_transport(session, err) : status;
}

/* Else the source that is asked again would stand twice in the report, and nobody knew why. */
static void note_refusal(const struct session *session, const struct acsmtp_error *problem)
{
    const char *name = chain_name_of(session->delivery->chain, session->credential);
    char text[sizeof problem->message + 32];

    (void)snprintf(text, sizeof text, "its credential was refused: %s", problem->message);
    report_add(session->report, name ? name : "", problem->status, text, NULL, 0);
}

static void report(struct session *session, int status, const struct acsmtp_error *problem)
{
    struct acsmtp_verdict verdict = {
        .size = sizeof verdict, .status = status, .credential = session->credential};

    if (problem) {
        verdict.server_code = problem->server_code;
        verdict.text = problem->server_text[0] ? problem->server_text : problem->message;
    }
    chain_report(session->delivery->chain, session->context, &verdict);
}

/* ---- another credential ---- */

/*
 * What the server asked for goes with every further request of this delivery. The keeper, which
 * asks as before, ends; another one begins with the next login.
 */
static void adopt_claims(struct session *session)
{
    char *claims = context_take_claims(session->context);

    if (!claims)
        return;
    keeper_stop(session->keeper);
    session->keeper = NULL;
    free(session->claims);
    session->claims = claims;
    session->request.claims = claims;
    acsmtp_log(session->context, ACSMTP_LOG_INFO, "the server asks for further claims");
}

/*
 * Ask the same source for a fresh one. A source that has no other than the refused one is not shown
 * to the server again. When the source itself now says why it cannot, that tells more than the
 * server's refusal; otherwise *problem stays.
 */
static int refresh(struct session *session, struct acsmtp_error *problem)
{
    struct acsmtp_credential_request request;
    struct acsmtp_error reason = ACSMTP_ERROR_INIT;
    struct acsmtp_credential *fresh = acsmtp_credential_new(&reason);
    int is_other = 0;
    int status = fresh ? ACSMTP_OK : ACSMTP_SYSTEM;

    acsmtp_log(session->context, session->report ? ACSMTP_LOG_DEBUG : ACSMTP_LOG_INFO,
               "the credential was refused: %s", problem->message);
    adopt_claims(session);
    request = session->request;
    request.flags |= ACSMTP_REQUEST_REFRESH;
    /* So that the chain knows which one: another thread may have brought a newer one by now. */
    if (status == ACSMTP_OK &&
        acsmtp_credential_kind(session->credential) == ACSMTP_CREDENTIAL_TOKEN)
        status = token_copy(session->credential, fresh, &reason);
    if (status == ACSMTP_OK)
        status = chain_acquire(session->delivery->chain, session->context, &request, fresh,
                               session->report, &reason);
    if (status == ACSMTP_OK) {
        is_other = !token_same(acsmtp_credential_secret(session->credential),
                               acsmtp_credential_secret(fresh));
        credential_move(session->credential, fresh);
    } else if (status == ACSMTP_DENIED || status == ACSMTP_CONFIG || status == ACSMTP_CANCELLED) {
        *problem = reason;
    }
    acsmtp_credential_free(fresh);
    return is_other;
}

static int go_on(struct session *session)
{
    return chain_next_on_denied(session->delivery->chain, session->credential) &&
           chain_acquire_next(session->delivery->chain, session->context, &session->request,
                              session->credential, session->report, NULL) == ACSMTP_OK;
}

/* Until a login succeeds, or there is no other credential to try. */
static int login_with_credential(struct session *session, struct acsmtp_error *err)
{
    struct acsmtp_error problem = ACSMTP_ERROR_INIT;
    int refreshed = 0;
    int logins;

    for (logins = 0; logins < LOGINS_MAX; logins++) {
        int hopeless = 0;

        acsmtp_error_clear(&problem);
        if (try_credential(session, &hopeless, &problem) == ACSMTP_OK) {
            report(session, ACSMTP_OK, NULL);
            return ACSMTP_OK;
        }
        if (problem.status != ACSMTP_DENIED)
            break;
        report(session, ACSMTP_DENIED, &problem);
        note_refusal(session, &problem);
        if (!hopeless && !refreshed && refresh(session, &problem))
            refreshed = 1;
        else if (problem.status == ACSMTP_DENIED && go_on(session))
            refreshed = 0;
        else
            break;
    }
    walk_copy_error(err, &problem);
    return problem.status;
}

/* ---- all of it ---- */

static int still_usable(const struct acsmtp_credential *credential)
{
    int64_t expires_on = acsmtp_credential_expires_on(credential);

    return acsmtp_credential_kind(credential) != ACSMTP_CREDENTIAL_NONE &&
           (expires_on == 0 || expires_on > (int64_t)time(NULL) + KEEPER_REUSE_SECONDS);
}

int session_login(struct session *session, struct acsmtp_error *err)
{
    struct entry *transport = NULL;
    int status = delivery_without_credential(session->delivery, &transport, err);

    if (status == ACSMTP_OK && transport) {
        session->transport = transport;
        return connect_transport(session, err);
    }
    if (status == ACSMTP_OK && keeper_take(session->keeper, session->credential))
        acsmtp_log(session->context, ACSMTP_LOG_INFO,
                   "the token was renewed while mails were being sent");
    if (status == ACSMTP_OK && !still_usable(session->credential))
        status = chain_acquire(session->delivery->chain, session->context, &session->request,
                               session->credential, session->report, err);
    if (status == ACSMTP_OK)
        status = login_with_credential(session, err);
    if (status == ACSMTP_OK && session->is_long && !session->keeper)
        session->keeper = keeper_start(session->delivery->chain, session->context,
                                       &session->request, session->credential);
    return status;
}
