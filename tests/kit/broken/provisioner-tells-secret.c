/* SPDX-License-Identifier: MIT */
/* A plan that shows a secret of the settings. */
#include "provisioner_operations.h"

OPERATION(plan)
{
    ACSMTP_AUTO_SECRET struct acsmtp_secret *key = NULL;
    int status = provisioner_plan(instance, context, request, observer, result, err);

    if (status == ACSMTP_OK)
        status = acsmtp_settings_secret(instance, context, "key", &key, err);
    if (status == ACSMTP_OK)
        status = acsmtp_json_set(*result, "text",
                                 acsmtp_json_new_string(acsmtp_secret_data(key), err), err);
    return status;
}

PROVISIONER(.plan = plan);
