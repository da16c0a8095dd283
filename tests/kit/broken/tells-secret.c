/* SPDX-License-Identifier: MIT */
/* It writes the secret into its error, past the functions for that. */
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
    (void)request;
    (void)out;
    status = acsmtp_fail(err, ACSMTP_DENIED, "refused");
    (void)snprintf(err->message, sizeof err->message, "key %s is refused", text);
    return status;
}

SOUND_OPERATIONS(.acquire = acquire);
SOUND_DESCRIPTOR(.threads = ACSMTP_THREADS_ANY);
