/* SPDX-License-Identifier: MIT */
/* Whatever the server says is a token. */
#include "sound.h"

static int acquire(void *instance, struct acsmtp_context *context,
                   const struct acsmtp_credential_request *request, struct acsmtp_credential *out,
                   struct acsmtp_error *err)
{
    ACSMTP_AUTO_HTTP struct acsmtp_http_response *response = NULL;
    struct acsmtp_secret *token;
    int status = sound_post(context, SOUND_URL, NULL, &response, err);

    (void)instance;
    (void)request;
    if (status != ACSMTP_OK)
        return status;
    token = acsmtp_secret_new("token", 5, err);
    return token ? acsmtp_credential_set_token(out, token, (int64_t)time(NULL) + 60, 0, err)
                 : ACSMTP_SYSTEM;
}

SOUND_OPERATIONS(.acquire = acquire);
SOUND_DESCRIPTOR(.threads = ACSMTP_THREADS_ANY);
