/* SPDX-License-Identifier: MIT */
/* A refused identity is told as something that passes. */
#include "sound.h"

static int acquire(void *instance, struct acsmtp_context *context,
                   const struct acsmtp_credential_request *request, struct acsmtp_credential *out,
                   struct acsmtp_error *err)
{
    struct acsmtp_error failure = ACSMTP_ERROR_INIT;
    int status = sound_acquire(instance, context, request, out, &failure);

    if (status == ACSMTP_DENIED)
        status = ACSMTP_TEMPORARY;
    return status == ACSMTP_OK ? status : acsmtp_fail(err, status, "%s", failure.message);
}

SOUND_OPERATIONS(.acquire = acquire);
SOUND_DESCRIPTOR(.threads = ACSMTP_THREADS_ANY);
