/* SPDX-License-Identifier: MIT */
/* open() asks a server already. */
#include "sound.h"

static int open_and_ask(const struct acsmtp_settings *settings, void **instance,
                        struct acsmtp_error *err)
{
    ACSMTP_AUTO_HTTP struct acsmtp_http_response *response = NULL;
    struct acsmtp_context *context = NULL;
    int status = acsmtp_context_new(&context, err);

    if (status == ACSMTP_OK)
        status = sound_post(context, SOUND_URL, NULL, &response, err);
    acsmtp_context_free(context);
    return status == ACSMTP_OK ? sound_open(settings, instance, err) : status;
}

SOUND_OPERATIONS(.open = open_and_ask);
SOUND_DESCRIPTOR(.threads = ACSMTP_THREADS_ANY);
