/* SPDX-License-Identifier: MIT */
/*
 * A diagnosis from end to end: plugins, the way to the server, the sources of credentials, the
 * token, the login, what the provider has, and the clock, which every HTTP reply on the way has
 * told.
 */
#include "chain_private.h"
#include "clock.h"
#include "delivery_private.h"
#include "diagnose_private.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int64_t milliseconds(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- plugins ---- */

static void look_at_plugin(const struct diagnosis *diagnosis, struct entry *entry)
{
    struct acsmtp_finding finding = {.check = "plugin", .subject = entry->name, .elapsed_ms = -1};
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    int status = entry_load(entry, &err);

    if (status == ACSMTP_OK) {
        acsmtp_tell(diagnosis->sink, &finding, "%s, version %s; its settings are right",
                    registry_kind_name(entry->kind), entry->plugin->version);
        return;
    }
    if (!entry_is_absent(entry, &err)) {
        acsmtp_tell_error(diagnosis->sink, "plugin", entry->name, &err);
        return;
    }
    finding.grade = ACSMTP_GRADE_UNKNOWN;
    acsmtp_tell(diagnosis->sink, &finding, "not installed, and need not be");
}

static void look_at_plugins(const struct diagnosis *diagnosis)
{
    size_t i;

    for (i = 0; diagnosis->chain && i < diagnosis->chain->count; i++)
        look_at_plugin(diagnosis, &diagnosis->chain->members[i].entry);
    for (i = 0; i < diagnosis->delivery->count; i++)
        look_at_plugin(diagnosis, &diagnosis->delivery->transports[i]);
}

/* ---- the way to the server ---- */

static int call_diagnose(const struct diagnosis *diagnosis, const struct entry *entry,
                         struct acsmtp_error *err)
{
    const struct acsmtp_transport_ops *ops = entry->plugin->transport;
    void *instance = NULL;
    int status;

    entry_enter(entry);
    status = ops->open(entry->settings, &instance, err);
    if (status == ACSMTP_OK) {
        status = ops->diagnose(instance, diagnosis->context, diagnosis->sink, err);
        ops->close(instance);
    }
    entry_leave(entry);
    return entry_result(entry, status, err);
}

static void look_at_transports(const struct diagnosis *diagnosis)
{
    struct delivery *delivery = diagnosis->delivery;
    size_t i;

    if (delivery->count == 0) {
        struct acsmtp_error err = ACSMTP_ERROR_INIT;

        (void)acsmtp_fail(&err, ACSMTP_CONFIG, "profile '%s' has no \"transports\"",
                          config_profile_name(diagnosis->host->config));
        acsmtp_tell_error(diagnosis->sink, "transport", NULL, &err);
    }
    for (i = 0; i < delivery->count; i++) {
        struct entry *entry = &delivery->transports[i];
        struct acsmtp_error err = ACSMTP_ERROR_INIT;

        /* What cannot be loaded has been told. */
        if (entry_load(entry, NULL) != ACSMTP_OK || !entry->plugin->transport->diagnose)
            continue;
        if (call_diagnose(diagnosis, entry, &err) != ACSMTP_OK)
            acsmtp_tell_error(diagnosis->sink, "transport", entry->name, &err);
    }
}

/* ---- the login ---- */

static void tell_login(const struct diagnosis *diagnosis, const struct session *session,
                       int64_t elapsed_ms)
{
    const char *source =
        diagnosis->chain ? chain_name_of(diagnosis->chain, session->credential) : NULL;
    const char *own = acsmtp_credential_username(session->credential);
    const char *username = own ? own : diagnosis->request->username;
    const struct acsmtp_finding finding = {
        .check = "login", .subject = session->transport->name, .elapsed_ms = elapsed_ms};

    if (!source || !session->credential ||
        acsmtp_credential_kind(session->credential) == ACSMTP_CREDENTIAL_NONE)
        acsmtp_tell(diagnosis->sink, &finding, "needs no login");
    else
        acsmtp_tell(diagnosis->sink, &finding, "the server took the credential of %s as %s", source,
                    username ? username : "itself");
}

static void look_at_login(const struct diagnosis *diagnosis)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct session session = {.delivery = diagnosis->delivery,
                              .context = diagnosis->context,
                              .request = *diagnosis->request,
                              .credential = acsmtp_credential_new(&err)};
    int64_t began = milliseconds();
    int status = session.credential ? session_login(&session, &err) : ACSMTP_SYSTEM;

    if (status == ACSMTP_OK)
        tell_login(diagnosis, &session, milliseconds() - began);
    else
        acsmtp_tell_error(diagnosis->sink, "login",
                          session.transport ? session.transport->name : NULL, &err);
    session_end(&session);
    acsmtp_credential_free(session.credential);
}

static void tell_no_login(const struct diagnosis *diagnosis)
{
    const struct acsmtp_finding finding = {
        .grade = ACSMTP_GRADE_UNKNOWN, .check = "login", .elapsed_ms = -1};

    acsmtp_tell(diagnosis->sink, &finding, "not tried without a credential");
}

/* ---- the clock ---- */

static void look_at_clock(const struct diagnosis *diagnosis)
{
    struct acsmtp_finding finding = {.check = "clock", .elapsed_ms = -1};
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    int known = 0;
    char text[80];

    (void)acsmtp_context_clock_skew(diagnosis->context, &known);
    clock_text(diagnosis->context, text, sizeof text);
    if (!known) {
        finding.grade = ACSMTP_GRADE_UNKNOWN;
        acsmtp_tell(diagnosis->sink, &finding, "no server has told the time (Date)");
    } else if (!text[0]) {
        acsmtp_tell(diagnosis->sink, &finding, "within %d s of the servers' (Date)",
                    CLOCK_TOLERANCE);
    } else {
        (void)acsmtp_fail(&err, ACSMTP_CONFIG, "%s by what servers tell (Date)", text);
        finding.grade = ACSMTP_GRADE_BAD;
        finding.hint = "Tokens and assertions are not valid by a wrong clock: set it (timedatectl "
                       "set-ntp true).";
        finding.error = &err;
        acsmtp_tell(diagnosis->sink, &finding, "%s", err.message);
    }
}

/* ---- all of it ---- */

static int walk_the_way(const struct diagnosis *diagnosis, struct acsmtp_credential *credential)
{
    struct diagnose_identity identity = {"", ""};
    const char *own;

    look_at_plugins(diagnosis);
    look_at_transports(diagnosis);
    if (!diagnosis->chain) {
        look_at_login(diagnosis);
    } else if (diagnose_chain(diagnosis, credential)) {
        diagnose_token(diagnosis, credential, &identity);
        look_at_login(diagnosis);
    } else {
        tell_no_login(diagnosis);
    }
    own = acsmtp_credential_username(credential);
    diagnose_provider(diagnosis, own ? own : diagnosis->request->username, &identity);
    look_at_clock(diagnosis);
    return ACSMTP_OK;
}

int diagnose_run(const struct diagnosis *diagnosis, struct acsmtp_error *err)
{
    struct acsmtp_credential *credential = acsmtp_credential_new(err);
    int status = credential ? walk_the_way(diagnosis, credential) : ACSMTP_SYSTEM;

    acsmtp_credential_free(credential);
    if (status == ACSMTP_OK && acsmtp_context_cancelled(diagnosis->context))
        status = acsmtp_context_check(diagnosis->context, "diagnosis", err);
    return status;
}
