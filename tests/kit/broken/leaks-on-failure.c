/* SPDX-License-Identifier: MIT */
/* What it has allocated stays behind when something fails. */
#include "sound.h"

static int acquire(void *instance, struct acsmtp_context *context,
                   const struct acsmtp_credential_request *request, struct acsmtp_credential *out,
                   struct acsmtp_error *err)
{
    char *copy = strdup(request->scope);
    int status;

    if (!copy)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    status = sound_acquire(instance, context, request, out, err);
    if (status != ACSMTP_OK)
        return status;
    free(copy);
    return ACSMTP_OK;
}

SOUND_OPERATIONS(.acquire = acquire);
SOUND_DESCRIPTOR(.threads = ACSMTP_THREADS_ANY);
