/* SPDX-License-Identifier: MIT */
/* Its last token lies in a global variable. */
#include "sound.h"

static char last[64];

static int acquire(void *instance, struct acsmtp_context *context,
                   const struct acsmtp_credential_request *request, struct acsmtp_credential *out,
                   struct acsmtp_error *err)
{
    int status = sound_acquire(instance, context, request, out, err);

    if (status == ACSMTP_OK)
        (void)snprintf(last, sizeof last, "%.8s",
                       acsmtp_secret_data(acsmtp_credential_secret(out)));
    return status;
}

SOUND_OPERATIONS(.acquire = acquire);
SOUND_DESCRIPTOR(.threads = ACSMTP_THREADS_ANY);
