/* SPDX-License-Identifier: MIT */
/* look() uses the network. */
#include "sound.h"

static int look(void *instance, struct acsmtp_context *context, const char **chain,
                struct acsmtp_error *err)
{
    ACSMTP_AUTO_HTTP struct acsmtp_http_response *response = NULL;

    (void)instance;
    *chain = NULL;
    return sound_post(context, SOUND_URL, NULL, &response, err);
}

SOUND_OPERATIONS(.look = look);
SOUND_DESCRIPTOR(.threads = ACSMTP_THREADS_ANY);
