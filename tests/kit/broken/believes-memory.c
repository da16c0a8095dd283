/* SPDX-License-Identifier: MIT */
/* It does not look whether there was memory. */
#include "sound.h"

static int acquire(void *instance, struct acsmtp_context *context,
                   const struct acsmtp_credential_request *request, struct acsmtp_credential *out,
                   struct acsmtp_error *err)
{
    char *copy = strdup(request->scope);
    size_t length = strlen(copy);

    free(copy);
    return length ? sound_acquire(instance, context, request, out, err) : ACSMTP_OK;
}

SOUND_OPERATIONS(.acquire = acquire);
SOUND_DESCRIPTOR(.threads = ACSMTP_THREADS_ANY);
