/* SPDX-License-Identifier: MIT */
/* It prints the secret. */
#include "sound.h"

static int acquire(void *instance, struct acsmtp_context *context,
                   const struct acsmtp_credential_request *request, struct acsmtp_credential *out,
                   struct acsmtp_error *err)
{
    char text[128] = "";
    struct sound *sound = instance;
    struct acsmtp_secret *key = NULL;
    int status = acsmtp_settings_secret(sound->settings, context, "key", &key, err);

    if (status != ACSMTP_OK)
        return status;
    (void)snprintf(text, sizeof text, "%s", acsmtp_secret_data(key));
    acsmtp_secret_free(key);
    (void)fprintf(stderr, "%s\n", text);
    return sound_acquire(instance, context, request, out, err);
}

SOUND_OPERATIONS(.acquire = acquire);
SOUND_DESCRIPTOR(.threads = ACSMTP_THREADS_ANY);
