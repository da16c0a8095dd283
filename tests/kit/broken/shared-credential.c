/* SPDX-License-Identifier: MIT */
/* The first token is given out to everybody. */
#include "sound.h"

static struct acsmtp_secret *first;

static int acquire(void *instance, struct acsmtp_context *context,
                   const struct acsmtp_credential_request *request, struct acsmtp_credential *out,
                   struct acsmtp_error *err)
{
    int status = sound_acquire(instance, context, request, out, err);

    if (status != ACSMTP_OK)
        return status;
    if (!first)
        first = acsmtp_secret_dup(acsmtp_credential_secret(out), err);
    return acsmtp_credential_set_token(out, acsmtp_secret_dup(first, err), (int64_t)time(NULL) + 60,
                                       0, err);
}

SOUND_OPERATIONS(.acquire = acquire);
SOUND_DESCRIPTOR(.threads = ACSMTP_THREADS_ANY);
