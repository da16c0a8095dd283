/* SPDX-License-Identifier: MIT */
/* A plan of which nothing is to be seen. */
#include "provisioner_operations.h"

OPERATION(plan)
{
    (void)instance;
    (void)request;
    (void)observer;
    (void)result;
    return acsmtp_context_check(context, "the desk", err);
}

PROVISIONER(.plan = plan);
