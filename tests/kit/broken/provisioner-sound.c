/* SPDX-License-Identifier: MIT */
/* A provisioner of which nothing is broken: every check passes. */
#include "provisioner_operations.h"

static int diagnose(void *instance, struct acsmtp_context *context,
                    const struct acsmtp_diagnose_request *request,
                    const struct acsmtp_finding_sink *sink, struct acsmtp_error *err)
{
    const struct acsmtp_finding finding = {
        .size = sizeof finding, .check = "desk", .subject = request->sender};

    acsmtp_tell(sink, &finding, "%s", is_there(instance, DESK) ? "it stands" : "there is none");
    return acsmtp_context_check(context, "the desk", err);
}

OPERATION(export_as)
{
    (void)instance;
    (void)request;
    (void)observer;
    *result = acsmtp_json_new_object(err);
    return *result ? acsmtp_context_check(context, "the desk", err) : ACSMTP_SYSTEM;
}

PROVISIONER(.export_as = export_as, .verify = provisioner_show, .rotate = provisioner_show,
            .diagnose = diagnose);
