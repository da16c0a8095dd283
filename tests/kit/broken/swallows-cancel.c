/* SPDX-License-Identifier: MIT */
/* Whatever goes wrong, it says that the source does not exist. */
#include "sound.h"

static int acquire(void *instance, struct acsmtp_context *context,
                   const struct acsmtp_credential_request *request, struct acsmtp_credential *out,
                   struct acsmtp_error *err)
{
    struct acsmtp_error failure = ACSMTP_ERROR_INIT;
    int status = sound_acquire(instance, context, request, out, &failure);

    return status == ACSMTP_OK ? status
                               : acsmtp_fail(err, ACSMTP_UNAVAILABLE, "%s", failure.message);
}

SOUND_OPERATIONS(.acquire = acquire);
SOUND_DESCRIPTOR(.threads = ACSMTP_THREADS_ANY);
