/* SPDX-License-Identifier: MIT */
/* It promises any call at any time and keeps a state between them. */
#include "sound.h"

static int acquire(void *instance, struct acsmtp_context *context,
                   const struct acsmtp_credential_request *request, struct acsmtp_credential *out,
                   struct acsmtp_error *err)
{
    struct sound *sound = instance;
    int status;

    if (sound->busy)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "somebody else is asking");
    sound->busy = 1;
    status = sound_acquire(instance, context, request, out, err);
    sound->busy = 0;
    return status;
}

SOUND_OPERATIONS(.acquire = acquire);
SOUND_DESCRIPTOR(.threads = ACSMTP_THREADS_ANY);
