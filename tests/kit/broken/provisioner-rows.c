/* SPDX-License-Identifier: MIT */
/* A plan whose rows do not say what would be done. */
#include "provisioner_operations.h"

OPERATION(plan)
{
    static const char text[] = "{\"changes\":[{\"id\":\"desk\",\"title\":\"desk\"}]}";

    (void)instance;
    (void)request;
    (void)observer;
    *result = acsmtp_json_parse(text, sizeof text - 1, err);
    return *result ? acsmtp_context_check(context, "the desk", err) : err->status;
}

PROVISIONER(.plan = plan);
