/* SPDX-License-Identifier: MIT */
/*
 * Calls of provisioners. Steps come from any thread of the plugin, and are told at once.
 */
#include "protocol.h"
#include "serve.h"
#include "wire_provision.h"

static void tell_step(void *data, const struct acsmtp_step *step)
{
    struct serve *serve = data;
    struct wire_writer writer = serve_begin(serve);

    wire_put_step(&writer, step);
    serve_tell(serve, HOST_STEP, &writer);
    serve_end(serve);
}

static acsmtp_provision_operation *operation_of(const struct acsmtp_provisioner_ops *ops,
                                                uint32_t type)
{
    switch (type) {
    case CALL_PLAN:
        return ops->plan;
    case CALL_APPLY:
        return ops->apply;
    case CALL_SHOW:
        return ops->show;
    case CALL_VERIFY:
        return ops->verify;
    case CALL_ROTATE:
        return ops->rotate;
    case CALL_DESTROY:
        return ops->destroy;
    default:
        return ops->export_as;
    }
}

/* What a failure gives goes back with it, unless that fails itself. */
static int operate(struct call *call, const struct acsmtp_provision_request *request,
                   const struct acsmtp_provision_observer *observer, struct acsmtp_error *err)
{
    acsmtp_provision_operation *operation =
        operation_of(call->serve->plugin->provisioner, call->type);
    struct acsmtp_error problem = ACSMTP_ERROR_INIT;
    ACSMTP_AUTO_JSON struct acsmtp_json *result = NULL;
    int status, put;

    if (!operation)
        return acsmtp_fail(err, ACSMTP_PROTOCOL, "the host asks for an operation that is not here");
    status = operation(call->serve->instance, call->context, request, observer, &result, err);
    put = wire_put_result(&call->out, result, status == ACSMTP_OK ? err : &problem);
    return status == ACSMTP_OK ? put : status;
}

int serve_provision(struct call *call, struct acsmtp_error *err)
{
    const struct acsmtp_provision_observer observer = {
        .size = sizeof observer, .data = call->serve, .step = tell_step};
    struct acsmtp_provision_request request;
    uint32_t is_watched;
    int status;

    wire_get_provision_request(&call->in, &request);
    is_watched = wire_get_count(&call->in, 1);
    status = wire_check(&call->in, "request", err);
    return status == ACSMTP_OK ? operate(call, &request, is_watched ? &observer : NULL, err)
                               : status;
}

int serve_diagnose_provider(struct call *call, struct acsmtp_error *err)
{
    const struct acsmtp_provisioner_ops *ops = call->serve->plugin->provisioner;
    const struct acsmtp_finding_sink sink = serve_sink(call->serve);
    struct acsmtp_diagnose_request request;
    int status;

    wire_get_diagnose_request(&call->in, &request);
    status = wire_check(&call->in, "request", err);
    if (status == ACSMTP_OK && !ops->diagnose)
        return acsmtp_fail(err, ACSMTP_PROTOCOL, "the host asks for an operation that is not here");
    return status == ACSMTP_OK
               ? ops->diagnose(call->serve->instance, call->context, &request, &sink, err)
               : status;
}
