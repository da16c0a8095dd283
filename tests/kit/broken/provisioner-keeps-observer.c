/* SPDX-License-Identifier: MIT */
/* It tells the observer of the call before. */
#include "provisioner_operations.h"

static const struct acsmtp_provision_observer *_Atomic kept;

OPERATION(plan)
{
    const struct acsmtp_provision_observer *before = kept;

    if (!before)
        kept = observer;
    return provisioner_plan(instance, context, request, before ? before : observer, result, err);
}

PROVISIONER(.plan = plan);
