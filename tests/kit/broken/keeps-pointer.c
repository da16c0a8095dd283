/* SPDX-License-Identifier: MIT */
/* It keeps what was lent for one call. */
#include "sound.h"

static const struct acsmtp_credential_request *last;

static int acquire(void *instance, struct acsmtp_context *context,
                   const struct acsmtp_credential_request *request, struct acsmtp_credential *out,
                   struct acsmtp_error *err)
{
    if (last && !last->scope)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "no scope");
    last = request;
    return sound_acquire(instance, context, request, out, err);
}

SOUND_OPERATIONS(.acquire = acquire);
SOUND_DESCRIPTOR(.threads = ACSMTP_THREADS_ANY);
