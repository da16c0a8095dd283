/* SPDX-License-Identifier: MIT */
/* It shows the secret that the provider has made for it. */
#include "provisioner_operations.h"

OPERATION(show)
{
    ACSMTP_AUTO_HTTP struct acsmtp_http_response *response = NULL;
    int status = provisioner_show(instance, context, request, observer, result, err);

    if (status == ACSMTP_OK)
        status = ask(instance, context, "GET", &response, err);
    if (status == ACSMTP_OK)
        status = acsmtp_json_set(
            *result, "text",
            acsmtp_json_new_string(acsmtp_secret_data(acsmtp_http_body(response)), err), err);
    return status;
}

PROVISIONER(.show = show);
