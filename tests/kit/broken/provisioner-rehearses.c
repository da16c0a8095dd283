/* SPDX-License-Identifier: MIT */
/* An apply that does not ask whether it may. */
#include "provisioner_operations.h"

OPERATION(apply)
{
    int status = put(instance, context, err);

    return status == ACSMTP_OK
               ? provisioner_apply(instance, context, request, observer, result, err)
               : status;
}

PROVISIONER(.apply = apply);
