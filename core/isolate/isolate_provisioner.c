/* SPDX-License-Identifier: MIT */
/*
 * The operations of a provisioner in another process. What it has made at the provider stands
 * whatever becomes of its process: the next operation starts another and looks.
 */
#include "isolate_call.h"
#include "wire_provision.h"
#include "wire_value.h"

/*
 * In the program's own process only a second ^C ends a provisioner that goes on after the first.
 * One that lets its last request come to its end, so as to know what became of it, takes as long as
 * that: Resource Manager gives up on one after 60 s. acs drops it, and takes milliseconds.
 */
#define GOOD_END_MS 60000

/* A failed operation may give a result as well. */
static int take_result(struct isolate_call *call, int status, struct wire_reader *answer,
                       struct acsmtp_json **result, struct acsmtp_error *err)
{
    struct acsmtp_error problem = ACSMTP_ERROR_INIT;

    if (wire_get_result(answer, result, &problem) == ACSMTP_OK)
        return status;
    acsmtp_error_clear(err);
    return isolate_call_end(call, &problem, err);
}

static int operate(struct isolate_instance *instance, struct acsmtp_context *context, uint32_t type,
                   const struct acsmtp_provision_request *request,
                   const struct acsmtp_provision_observer *observer, struct acsmtp_json **result,
                   struct acsmtp_error *err)
{
    struct isolate_call call = isolate_instance_call(instance, context);
    struct wire_writer writer;
    struct wire_reader answer;
    int status = isolate_instance_revive(instance, err);

    if (status != ACSMTP_OK)
        return status;
    call.observer = observer;
    if (!(request->flags & ACSMTP_PROVISION_READ_ONLY))
        call.grace_ms = GOOD_END_MS;
    writer = isolate_call_begin(&call, 1);
    wire_put_provision_request(&writer, request);
    wire_put_u32(&writer, observer != NULL);
    status = isolate_call_run(&call, type, &writer, &answer, err);
    if (!*call.child || answer.failed)
        return status;
    return take_result(&call, status, &answer, result, err);
}

#define OPERATION(name, type)                                                                      \
    static int name(void *instance, struct acsmtp_context *context,                                \
                    const struct acsmtp_provision_request *request,                                \
                    const struct acsmtp_provision_observer *observer, struct acsmtp_json **result, \
                    struct acsmtp_error *err)                                                      \
    {                                                                                              \
        return operate(instance, context, type, request, observer, result, err);                   \
    }

OPERATION(plan, CALL_PLAN)
OPERATION(apply, CALL_APPLY)
OPERATION(show, CALL_SHOW)
OPERATION(verify, CALL_VERIFY)
OPERATION(rotate, CALL_ROTATE)
OPERATION(destroy, CALL_DESTROY)
OPERATION(export_as, CALL_EXPORT)

static int diagnose(void *instance, struct acsmtp_context *context,
                    const struct acsmtp_diagnose_request *request,
                    const struct acsmtp_finding_sink *sink, struct acsmtp_error *err)
{
    struct isolate_call call = isolate_instance_call(instance, context);
    struct wire_writer writer;
    struct wire_reader answer;
    int status = isolate_instance_revive(instance, err);

    if (status != ACSMTP_OK)
        return status;
    call.sink = sink;
    writer = isolate_call_begin(&call, 1);
    wire_put_diagnose_request(&writer, request);
    return isolate_call_run(&call, CALL_DIAGNOSE_PROVIDER, &writer, &answer, err);
}

void isolate_provisioner_ops(uint32_t has, struct acsmtp_provisioner_ops *ops)
{
    *ops = (struct acsmtp_provisioner_ops){
        .size = sizeof *ops,
        .open = isolate_instance_open,
        .plan = plan,
        .apply = apply,
        .show = show,
        .verify = has & HAS_VERIFY ? verify : NULL,
        .rotate = has & HAS_ROTATE ? rotate : NULL,
        .destroy = has & HAS_DESTROY ? destroy : NULL,
        .export_as = has & HAS_EXPORT ? export_as : NULL,
        .close = isolate_instance_close,
        .diagnose = has & HAS_DIAGNOSE ? diagnose : NULL,
    };
}
