/* SPDX-License-Identifier: MIT */
/* It fails and does not say why. */
#include "sound.h"

static int acquire(void *instance, struct acsmtp_context *context,
                   const struct acsmtp_credential_request *request, struct acsmtp_credential *out,
                   struct acsmtp_error *err)
{
    (void)instance;
    (void)context;
    (void)request;
    (void)out;
    (void)err;
    return ACSMTP_TEMPORARY;
}

SOUND_OPERATIONS(.acquire = acquire);
SOUND_DESCRIPTOR(.threads = ACSMTP_THREADS_ANY);
