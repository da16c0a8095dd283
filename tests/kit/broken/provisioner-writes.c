/* SPDX-License-Identifier: MIT */
/* A plan that changes something, since nobody has said that it must not. */
#include "provisioner_operations.h"

OPERATION(plan)
{
    int status =
        request->flags & ACSMTP_PROVISION_READ_ONLY ? ACSMTP_OK : put(instance, context, err);

    return status == ACSMTP_OK ? provisioner_plan(instance, context, request, observer, result, err)
                               : status;
}

PROVISIONER(.plan = plan);
