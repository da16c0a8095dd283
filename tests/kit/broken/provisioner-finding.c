/* SPDX-License-Identifier: MIT */
/* A finding of two lines. */
#include "provisioner_operations.h"

static int diagnose(void *instance, struct acsmtp_context *context,
                    const struct acsmtp_diagnose_request *request,
                    const struct acsmtp_finding_sink *sink, struct acsmtp_error *err)
{
    const struct acsmtp_finding finding = {
        .size = sizeof finding, .check = "desk", .detail = "one\ntwo"};

    (void)instance;
    (void)request;
    sink->tell(sink->data, &finding);
    return acsmtp_context_check(context, "the desk", err);
}

PROVISIONER(.diagnose = diagnose);
