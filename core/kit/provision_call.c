/* SPDX-License-Identifier: MIT */
/* Calling an operation of a provisioner, see provision_call.h. */
#include "provision_call.h"
#include "lent.h"
#include "provision_result.h"
#include "verdict.h"

enum { LENT_SIZE = 2048 };

void provision_call_release(struct provision_call *call)
{
    steps_free(call->steps);
    acsmtp_json_free(call->result);
}

/* Request and observer are gone when the call has returned. */
static int invoke(struct session *session, struct acsmtp_context *context,
                  struct provision_call *call, struct acsmtp_error *err)
{
    struct lent *lent = lent_new(LENT_SIZE);
    struct acsmtp_provision_request *request = lent ? lent_place(lent, sizeof *request) : NULL;
    struct acsmtp_provision_observer *observer = lent ? lent_place(lent, sizeof *observer) : NULL;
    int status;

    call->steps = call->is_watched ? steps_new(call->name) : NULL;
    if (!request || !observer || (call->is_watched && !call->steps)) {
        lent_take_back(lent);
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    }
    *request = (struct acsmtp_provision_request){.size = sizeof *request, .flags = call->flags};
    *observer = (struct acsmtp_provision_observer){
        .size = sizeof *observer, .data = call->steps, .step = steps_tell};
    status = call->operation(session->instance, context, request, call->steps ? observer : NULL,
                             &call->result, err);
    lent_take_back(lent);
    return status;
}

int provision_call_run(struct session *session, struct acsmtp_context *context,
                       struct provision_call *call, struct acsmtp_error *err)
{
    int status;

    session->probe.writes = 0;
    status = invoke(session, context, call, err);
    if (call->steps)
        steps_end(call->steps);
    provision_result_check(call->name, status, call->result);
    if (call->reads != RULE_NONE && session->probe.writes)
        (void)verdict_fail(call->reads, "%s()%s sent a request that is no read", call->name,
                           call->flags & ACSMTP_PROVISION_READ_ONLY ? " with READ_ONLY" : "");
    return status;
}
