/* SPDX-License-Identifier: MIT */
/* An export that asks the provider. */
#include "provisioner_operations.h"

OPERATION(export_as)
{
    ACSMTP_AUTO_HTTP struct acsmtp_http_response *response = NULL;

    (void)request;
    (void)observer;
    *result = acsmtp_json_new_object(err);
    return *result ? ask(instance, context, "GET", &response, err) : ACSMTP_SYSTEM;
}

PROVISIONER(.export_as = export_as);
