/* SPDX-License-Identifier: MIT */
/* It shows its secret without TLS. */
#include "sound.h"

static int acquire(void *instance, struct acsmtp_context *context,
                   const struct acsmtp_credential_request *request, struct acsmtp_credential *out,
                   struct acsmtp_error *err)
{
    ACSMTP_AUTO_HTTP struct acsmtp_http_response *response = NULL;
    int status = sound_post(context, "http://login.example.com/token", NULL, &response, err);

    return status == ACSMTP_OK ? sound_acquire(instance, context, request, out, err) : status;
}

SOUND_OPERATIONS(.acquire = acquire);
SOUND_DESCRIPTOR(.threads = ACSMTP_THREADS_ANY);
