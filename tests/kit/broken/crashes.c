/* SPDX-License-Identifier: MIT */
/* It reads what nobody has given it. */
#include "sound.h"

static int acquire(void *instance, struct acsmtp_context *context,
                   const struct acsmtp_credential_request *request, struct acsmtp_credential *out,
                   struct acsmtp_error *err)
{
    char *volatile nothing = NULL;

    (void)instance;
    (void)context;
    (void)request;
    (void)out;
    (void)err;
    return *nothing;
}

SOUND_OPERATIONS(.acquire = acquire);
SOUND_DESCRIPTOR(.threads = ACSMTP_THREADS_ANY);
