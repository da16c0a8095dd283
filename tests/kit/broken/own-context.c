/* SPDX-License-Identifier: MIT */
/* It hands a context of its own to the services. */
#include "sound.h"

static int acquire(void *instance, struct acsmtp_context *context,
                   const struct acsmtp_credential_request *request, struct acsmtp_credential *out,
                   struct acsmtp_error *err)
{
    struct acsmtp_context *own = NULL;
    int status = acsmtp_context_new(&own, err);

    (void)context;
    if (status == ACSMTP_OK)
        status = sound_acquire(instance, own, request, out, err);
    acsmtp_context_free(own);
    return status;
}

SOUND_OPERATIONS(.acquire = acquire);
SOUND_DESCRIPTOR(.threads = ACSMTP_THREADS_ANY);
