/* SPDX-License-Identifier: MIT */
/*
 * Operations of provisioners, see provision_operations.h. The scripted server has no memory, so
 * what an operation has to find of an earlier one is judged where there is a stand-in for the
 * provider (provider.h).
 */
#include "provision_operations.h"
#include "findings.h"
#include "host.h"
#include "provider.h"
#include "provision_call.h"
#include "provision_result.h"
#include "verdict.h"
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static const struct acsmtp_provisioner_ops *offered(const struct session *session)
{
    return session->subject->plugin->provisioner;
}

/* ---- what reads ---- */

int provision_export(struct session *session, struct acsmtp_context *context,
                     struct acsmtp_error *err)
{
    struct provision_call call = {.name = "export",
                                  .operation = offered(session)->export_as,
                                  .flags = ACSMTP_PROVISION_READ_ONLY,
                                  .is_watched = 1};
    int status = provision_call_run(session, context, &call, err);

    provision_call_release(&call);
    return status;
}

/* A plan reads only, also when nobody says so. */
int provision_plan(struct session *session, struct acsmtp_context *context,
                   struct acsmtp_error *err)
{
    struct provision_call call = {.name = "plan",
                                  .operation = offered(session)->plan,
                                  .is_watched = 1,
                                  .reads = RULE_PROVISION_PLAN};
    int status = provision_call_run(session, context, &call, err);
    const char *left = status == ACSMTP_OK ? provision_result_difference(call.result) : NULL;

    if (left && (session->state & STATE_MADE) && provider_is_there())
        (void)verdict_fail(RULE_PROVISION_TWICE,
                           "plan() after apply() has something to do for '%s'", left);
    provision_call_release(&call);
    return status;
}

int provision_plan_destroy(struct session *session, struct acsmtp_context *context,
                           struct acsmtp_error *err)
{
    struct provision_call call = {.name = "plan",
                                  .operation = offered(session)->plan,
                                  .flags = ACSMTP_PROVISION_READ_ONLY | ACSMTP_PROVISION_DESTROY |
                                           ACSMTP_PROVISION_PURGE,
                                  .is_watched = 1,
                                  .reads = RULE_PROVISION_READS};
    int status = provision_call_run(session, context, &call, err);
    const char *left = status == ACSMTP_OK ? provision_result_difference(call.result) : NULL;

    if (left && (session->state & STATE_GONE) && provider_is_there())
        (void)verdict_fail(RULE_PROVISION_REMOVES,
                           "plan() with DESTROY has something to do for '%s' after destroy()",
                           left);
    provision_call_release(&call);
    return status;
}

/* Keep what show() tells, or compare it with what was kept. */
static void compare(char **kept, const struct acsmtp_json *shown, enum contract_rule rule,
                    const char *when)
{
    char *text = acsmtp_json_format(shown);

    if (!*kept) {
        *kept = text;
        return;
    }
    if (text && strcmp(text, *kept) != 0 && provider_is_there())
        (void)verdict_fail(rule, "show() %s tells something else: %.220s, before %.220s", when,
                           text, *kept);
    free(text);
}

int provision_show(struct session *session, struct acsmtp_context *context,
                   struct acsmtp_error *err)
{
    struct provision_call call = {.name = "show",
                                  .operation = offered(session)->show,
                                  .flags = ACSMTP_PROVISION_READ_ONLY,
                                  .is_watched = 1,
                                  .reads = RULE_PROVISION_READS};
    int status = provision_call_run(session, context, &call, err);

    if (status == ACSMTP_OK && (session->state & STATE_MADE))
        compare(&session->shown_made, call.result, RULE_PROVISION_TWICE, "after a second apply()");
    else if (status == ACSMTP_OK && !(session->state & STATE_TOUCHED))
        compare(&session->shown_empty, call.result, RULE_PROVISION_REMOVES, "after destroy()");
    provision_call_release(&call);
    return status;
}

int provision_diagnose(struct session *session, struct acsmtp_context *context,
                       struct acsmtp_error *err)
{
    const struct acsmtp_finding_sink sink = {.size = sizeof sink, .tell = findings_tell};
    const struct acsmtp_diagnose_request request = {
        .size = sizeof request,
        .sender = "kit@mail.kit.example.com",
        .username = "kit@mail.kit.example.com",
        .client_id = "11111111-2222-3333-4444-555555555555",
        .object_id = "11111111-2222-3333-4444-555555555555"};
    int status;

    session->probe.writes = 0;
    status = offered(session)->diagnose(session->instance, context, &request, &sink, err);
    if (session->probe.writes)
        (void)verdict_fail(RULE_PROVISION_DIAGNOSE, "diagnose() sent a request that is no read");
    return status;
}

/* ---- what changes ---- */

/* An apply() has succeeded in this process: at this provider, with these settings, it can. */
static atomic_int can_apply;

/* What there was to see is another thing from now on. */
static void forget_shown(struct session *session)
{
    free(session->shown_made);
    session->shown_made = NULL;
}

int provision_apply(struct session *session, struct acsmtp_context *context,
                    struct acsmtp_error *err)
{
    struct provision_call call = {
        .name = "apply", .operation = offered(session)->apply, .is_watched = 1};
    int status = provision_call_run(session, context, &call, err);
    const char *changed = call.steps ? steps_changed(call.steps) : NULL;

    if (!(session->state & STATE_MADE))
        forget_shown(session);
    if (changed && (session->state & STATE_MADE) && provider_is_there())
        (void)verdict_fail(RULE_PROVISION_TWICE, "a second apply() changed '%s'", changed);
    if (status == ACSMTP_OK)
        can_apply = 1;
    provision_call_release(&call);
    return status;
}

int provision_verify(struct session *session, struct acsmtp_context *context,
                     struct acsmtp_error *err)
{
    struct provision_call call = {
        .name = "verify", .operation = offered(session)->verify, .is_watched = 1};
    int status = provision_call_run(session, context, &call, err);

    provision_call_release(&call);
    return status;
}

int provision_rotate(struct session *session, struct acsmtp_context *context,
                     struct acsmtp_error *err)
{
    struct provision_call call = {
        .name = "rotate", .operation = offered(session)->rotate, .is_watched = 1};
    int status = provision_call_run(session, context, &call, err);

    forget_shown(session);
    provision_call_release(&call);
    return status;
}

int provision_destroy(struct session *session, struct acsmtp_context *context,
                      struct acsmtp_error *err)
{
    struct provision_call call = {.name = "destroy",
                                  .operation = offered(session)->destroy,
                                  .flags = ACSMTP_PROVISION_PURGE,
                                  .is_watched = 1};
    int status = provision_call_run(session, context, &call, err);

    provision_call_release(&call);
    return status;
}

/* ---- what would change: without an observer, for there need not be one ---- */

static int rehearse(struct session *session, struct acsmtp_context *context,
                    struct provision_call *call, struct acsmtp_error *err)
{
    int status;

    call->flags |= ACSMTP_PROVISION_READ_ONLY;
    call->reads = RULE_PROVISION_READS;
    status = provision_call_run(session, context, call, err);
    provision_call_release(call);
    return status;
}

int provision_rehearse_apply(struct session *session, struct acsmtp_context *context,
                             struct acsmtp_error *err)
{
    struct provision_call call = {.name = "apply", .operation = offered(session)->apply};

    return rehearse(session, context, &call, err);
}

int provision_rehearse_rotate(struct session *session, struct acsmtp_context *context,
                              struct acsmtp_error *err)
{
    struct provision_call call = {.name = "rotate", .operation = offered(session)->rotate};

    return rehearse(session, context, &call, err);
}

int provision_rehearse_destroy(struct session *session, struct acsmtp_context *context,
                               struct acsmtp_error *err)
{
    struct provision_call call = {
        .name = "destroy", .operation = offered(session)->destroy, .flags = ACSMTP_PROVISION_PURGE};

    return rehearse(session, context, &call, err);
}

/* ---- after a disturbed life ---- */

/* The same operation with nothing in its way, and time. */
static int undisturbed(struct session *session, provision_operation *operation,
                       struct acsmtp_error *err)
{
    struct acsmtp_context *context = host_context(SESSION_TIMEOUT_MS);
    int status = ACSMTP_SYSTEM;

    session->probe.cancel_at = session->probe.fail_at = 0;
    session->probe.script = SCRIPT_GOOD;
    session->probe.context = context;
    if (context)
        status = operation(session, context, err);
    session->probe.context = NULL;
    acsmtp_context_free(context);
    return status;
}

int provision_resume(struct session *session, struct acsmtp_context *context,
                     struct acsmtp_error *err)
{
    (void)context;
    if (can_apply && provider_is_there() && undisturbed(session, provision_apply, err) != ACSMTP_OK)
        (void)verdict_fail(
            RULE_PROVISION_RESUME, "apply() after one that failed (%.200s) ends with '%s': %.300s",
            session->last_error.message, acsmtp_status_name(err->status), err->message);
    return ACSMTP_OK;
}

/* The next life begins with nothing, too. */
int provision_clean_up(struct session *session, struct acsmtp_context *context,
                       struct acsmtp_error *err)
{
    (void)context;
    if (provider_is_there() && offered(session)->destroy)
        (void)undisturbed(session, provision_destroy, err);
    return ACSMTP_OK;
}
