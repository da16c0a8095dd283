/* SPDX-License-Identifier: MIT */
/* It asks for an option that it has not told. */
#include "sound.h"

static int acquire(void *instance, struct acsmtp_context *context,
                   const struct acsmtp_credential_request *request, struct acsmtp_credential *out,
                   struct acsmtp_error *err)
{
    struct sound *sound = instance;

    return acsmtp_settings_string(sound->settings, "keys")
               ? ACSMTP_OK
               : sound_acquire(instance, context, request, out, err);
}

SOUND_OPERATIONS(.acquire = acquire);
SOUND_DESCRIPTOR(.threads = ACSMTP_THREADS_ANY);
