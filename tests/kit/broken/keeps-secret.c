/* SPDX-License-Identifier: MIT */
/* A copy of the secret goes back to the heap as it was. */
#include "sound.h"

static int acquire(void *instance, struct acsmtp_context *context,
                   const struct acsmtp_credential_request *request, struct acsmtp_credential *out,
                   struct acsmtp_error *err)
{
    struct sound *sound = instance;
    ACSMTP_AUTO_SECRET struct acsmtp_secret *key = NULL;
    int status = acsmtp_settings_secret(sound->settings, context, "key", &key, err);
    char *copy = status == ACSMTP_OK ? strdup(acsmtp_secret_data(key)) : NULL;

    if (!copy)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    status = copy[0] ? sound_acquire(instance, context, request, out, err) : ACSMTP_OK;
    free(copy);
    return status;
}

SOUND_OPERATIONS(.acquire = acquire);
SOUND_DESCRIPTOR(.threads = ACSMTP_THREADS_ANY);
