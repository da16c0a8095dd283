/* SPDX-License-Identifier: MIT */
/* It talks to the user past its host. */
#include "sound.h"

static int acquire(void *instance, struct acsmtp_context *context,
                   const struct acsmtp_credential_request *request, struct acsmtp_credential *out,
                   struct acsmtp_error *err)
{
    (void)fprintf(stderr, "asking\n");
    return sound_acquire(instance, context, request, out, err);
}

SOUND_OPERATIONS(.acquire = acquire);
SOUND_DESCRIPTOR(.threads = ACSMTP_THREADS_ANY);
