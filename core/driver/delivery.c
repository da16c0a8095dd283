/* SPDX-License-Identifier: MIT */
/*
 * From a list of mails to a result for each: which transport, and what happens when a session ends
 * before all were tried. A mail whose fate is unknown is never sent again.
 */
#include "acsmtp-defaults.h"
#include "chain_private.h"
#include "delivery_private.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRANSPORTS_MAX 64

/* ---- open and close ---- */

static int add_transports(struct delivery *delivery, const struct acsmtp_json *entries,
                          struct acsmtp_error *err)
{
    const char *profile = config_profile_name(delivery->host->config);
    size_t count = acsmtp_json_length(entries);
    int status = ACSMTP_OK;
    char path[512];

    if (count > TRANSPORTS_MAX)
        return acsmtp_fail(err, ACSMTP_CONFIG, "profile '%s' has more than %d transports", profile,
                           TRANSPORTS_MAX);
    delivery->transports = calloc(count + 1, sizeof *delivery->transports);
    if (!delivery->transports)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    while (status == ACSMTP_OK && delivery->count < count) {
        struct entry *entry = &delivery->transports[delivery->count++];

        (void)snprintf(path, sizeof path, "profiles.%s.transports.%zu", profile,
                       delivery->count - 1);
        status = entry_init(entry, delivery->host, ACSMTP_KIND_TRANSPORT,
                            acsmtp_json_item(entries, delivery->count - 1), path, 0, err);
    }
    return status;
}

int delivery_open(const struct chain_host *host, struct chain *chain, struct delivery **delivery,
                  struct acsmtp_error *err)
{
    struct delivery *made = calloc(1, sizeof *made);
    int status;

    if (!made)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    made->host = host;
    made->chain = chain;
    status = add_transports(made, acsmtp_json_get(config_profile(host->config), "transports"), err);
    if (status == ACSMTP_OK)
        *delivery = made;
    else
        delivery_close(made);
    return status;
}

static void end_dry_run(struct delivery *delivery)
{
    if (delivery->dry_run)
        entry_release(delivery->dry_run);
    free(delivery->dry_run);
    acsmtp_json_free(delivery->dry_run_json);
    delivery->dry_run = NULL;
    delivery->dry_run_json = NULL;
}

void delivery_close(struct delivery *delivery)
{
    if (!delivery)
        return;
    end_dry_run(delivery);
    while (delivery->count > 0)
        entry_release(&delivery->transports[--delivery->count]);
    free(delivery->transports);
    free(delivery);
}

int delivery_check(struct delivery *delivery, struct acsmtp_error *err)
{
    size_t i;

    for (i = 0; i < delivery->count; i++) {
        struct acsmtp_error problem = ACSMTP_ERROR_INIT;
        int status = entry_check(&delivery->transports[i], &problem);

        if (status == ACSMTP_OK || entry_is_absent(&delivery->transports[i], &problem))
            continue;
        walk_copy_error(err, &problem);
        return status;
    }
    return ACSMTP_OK;
}

int delivery_set_dry_run(struct delivery *delivery, const char *folder, struct acsmtp_error *err)
{
    int status = ACSMTP_OK;

    end_dry_run(delivery);
    if (!folder)
        return ACSMTP_OK;
    delivery->dry_run_json = acsmtp_json_new_object(err);
    delivery->dry_run = calloc(1, sizeof *delivery->dry_run);
    if (!delivery->dry_run_json || !delivery->dry_run)
        status = acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    if (status == ACSMTP_OK)
        status = acsmtp_json_set(delivery->dry_run_json, "plugin",
                                 acsmtp_json_new_string(ACSMTP_DRY_RUN_TRANSPORT, err), err);
    if (status == ACSMTP_OK)
        status = acsmtp_json_set(delivery->dry_run_json, "path",
                                 acsmtp_json_new_string(folder, err), err);
    if (status == ACSMTP_OK)
        status = entry_init(delivery->dry_run, delivery->host, ACSMTP_KIND_TRANSPORT,
                            delivery->dry_run_json, "dry_run", 0, err);
    if (status != ACSMTP_OK)
        end_dry_run(delivery);
    return status;
}

/* ---- which transport ---- */

/* The first one that accepts the kind, or none. With `first_decides` the others are not asked. */
static int find_accepting(struct delivery *delivery, uint32_t kind, int first_decides,
                          struct entry **transport, struct acsmtp_error *err)
{
    size_t i;

    *transport = NULL;
    for (i = 0; i < delivery->count && !*transport; i++) {
        struct entry *entry = &delivery->transports[i];
        struct acsmtp_error problem = ACSMTP_ERROR_INIT;

        if (entry_load(entry, &problem) == ACSMTP_OK) {
            if (entry->plugin->transport->accepts & kind)
                *transport = entry;
            else if (first_decides)
                break;
        } else if (!entry_is_absent(entry, &problem)) {
            walk_copy_error(err, &problem);
            return problem.status;
        }
    }
    return ACSMTP_OK;
}

/* After find_accepting(): a transport that is installed, or NULL. */
static const struct entry *find_installed(const struct delivery *delivery)
{
    size_t i;

    for (i = 0; i < delivery->count; i++)
        if (delivery->transports[i].plugin)
            return &delivery->transports[i];
    return NULL;
}

static int nothing_installed(const struct delivery *delivery, struct acsmtp_error *err)
{
    return acsmtp_fail(err, ACSMTP_CONFIG,
                       "none of the \"transports\" of profile '%s' is installed (first %s)",
                       config_profile_name(delivery->host->config), delivery->transports[0].name);
}

int delivery_without_credential(struct delivery *delivery, struct entry **transport,
                                struct acsmtp_error *err)
{
    const char *profile = config_profile_name(delivery->host->config);
    const struct entry *installed;
    int status;

    *transport = delivery->dry_run;
    if (delivery->dry_run)
        return entry_load(delivery->dry_run, err);
    if (delivery->count == 0)
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "profile '%s' has no \"transports\": where should mail go?", profile);
    status =
        find_accepting(delivery, ACSMTP_CREDENTIAL_NONE, delivery->chain != NULL, transport, err);
    if (status != ACSMTP_OK || *transport)
        return status;
    installed = find_installed(delivery);
    if (!installed)
        return nothing_installed(delivery, err);
    if (!delivery->chain)
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "profile '%s' has no \"credentials\", but transport %s needs one",
                           profile, installed->name);
    return ACSMTP_OK;
}

static const char *kinds_text(uint32_t kinds)
{
    if ((kinds & ACSMTP_CREDENTIAL_TOKEN) && (kinds & ACSMTP_CREDENTIAL_PASSWORD))
        return "a token or a password";
    return kinds & ACSMTP_CREDENTIAL_TOKEN ? "a token" : "a password";
}

static int nobody_accepts(const struct session *session, uint32_t kind, struct acsmtp_error *err)
{
    const struct delivery *delivery = session->delivery;
    char takers[512] = "";
    size_t used = 0;
    size_t i;

    for (i = 0; i < delivery->count && used < sizeof takers; i++)
        if (delivery->transports[i].plugin)
            used +=
                (size_t)snprintf(takers + used, sizeof takers - used, "%s%s takes %s",
                                 used ? ", " : "", delivery->transports[i].name,
                                 kinds_text(delivery->transports[i].plugin->transport->accepts));
    return acsmtp_fail(err, ACSMTP_CONFIG,
                       "the credentials of profile '%s' gave %s, but no transport takes one: %s",
                       config_profile_name(delivery->host->config), kinds_text(kind), takers);
}

int delivery_choose(struct session *session, struct acsmtp_error *err)
{
    uint32_t kind = (uint32_t)acsmtp_credential_kind(session->credential);
    struct entry *transport = NULL;
    int status = find_accepting(session->delivery, kind, 0, &transport, err);

    if (status != ACSMTP_OK)
        return status;
    if (!transport)
        return nobody_accepts(session, kind, err);
    if (transport != session->transport)
        session_end(session);
    session->transport = transport;
    return ACSMTP_OK;
}

/* ---- mails ---- */

/*
 * Nothing that matters was said about it. A server that refused every recipient has decided, even
 * if the message itself was never offered; one that refused some before the connection was lost has
 * not.
 */
static int is_untried(const struct acsmtp_result *result)
{
    size_t i;

    if (acsmtp_result_message(result)->delivery != ACSMTP_NOT_TRIED)
        return 0;
    for (i = 0; i < acsmtp_result_recipients(result); i++)
        if (acsmtp_result_recipient(result, i)->delivery == ACSMTP_NOT_TRIED)
            return 1;
    return 0;
}

static size_t pick_untried(const struct acsmtp_mail *mails, size_t count, struct acsmtp_mail *rest)
{
    size_t left = 0;
    size_t i;

    for (i = 0; i < count; i++) {
        if (!is_untried(mails[i].result))
            continue;
        if (rest)
            rest[left] = mails[i];
        left++;
    }
    return left;
}

static int send_session(struct session *session, const struct acsmtp_mail *rest, size_t count,
                        struct acsmtp_error *err)
{
    struct entry *entry = session->transport;
    int status;

    entry_enter(entry);
    status = entry->plugin->transport->send(session->instance, session->context, rest, count, err);
    entry_leave(entry);
    status = entry_result(entry, status, err);
    if (status == ACSMTP_OK && pick_untried(rest, count, NULL) > 0)
        status = acsmtp_fail(err, ACSMTP_SYSTEM, "it left mails without a result");
    if (status != ACSMTP_OK)
        acsmtp_error_prefix(err, "transport %s", entry->name);
    return status;
}

/*
 * Session after session, as long as each one gets something done; one that did nothing is repeated
 * once.
 */
static int send_all(struct session *session, const struct acsmtp_mail *mails, size_t count,
                    struct acsmtp_mail *rest, struct acsmtp_error *err)
{
    size_t left = pick_untried(mails, count, rest);
    int fruitless = 0;

    while (left > 0) {
        struct acsmtp_error problem = ACSMTP_ERROR_INIT;
        size_t before = left;
        int status = session_login(session, err);

        if (status != ACSMTP_OK)
            return status;
        status = send_session(session, rest, before, &problem);
        if (delivery_forgive(session, rest, before) > 0 && status == ACSMTP_OK)
            status = acsmtp_fail(&problem, ACSMTP_TEMPORARY, "the token of the session has ended");
        left = pick_untried(mails, count, rest);
        fruitless += left == before;
        session_disconnect(session);
        if (left == 0)
            break;
        if (status != ACSMTP_TEMPORARY || fruitless > 1 ||
            acsmtp_context_check(session->context, "sending", NULL) != ACSMTP_OK) {
            walk_copy_error(err, &problem);
            return problem.status;
        }
        acsmtp_log(session->context, ACSMTP_LOG_INFO, "connecting again for %zu mails: %s", left,
                   problem.message);
    }
    return ACSMTP_OK;
}

int delivery_run(struct delivery *delivery, struct acsmtp_context *context,
                 const struct acsmtp_credential_request *request, const struct acsmtp_mail *mails,
                 size_t count, struct acsmtp_report *report, struct acsmtp_error *err)
{
    struct session session = {.delivery = delivery,
                              .context = context,
                              .request = *request,
                              .report = report,
                              .is_long = count > 1};
    struct acsmtp_mail *rest = calloc(count + 1, sizeof *rest);
    int status;

    session.credential = rest ? acsmtp_credential_new(err) : NULL;
    if (session.credential)
        status = send_all(&session, mails, count, rest, err);
    else
        status = acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    session_end(&session);
    keeper_stop(session.keeper);
    free(session.claims);
    acsmtp_credential_free(session.credential);
    free(rest);
    return status;
}
