/* SPDX-License-Identifier: MIT */
/* It cannot be asked again after a refusal. */
#include "sound.h"

static void report(void *instance, struct acsmtp_context *context,
                   const struct acsmtp_verdict *verdict)
{
    struct sound *sound = instance;

    (void)context;
    if (verdict->status == ACSMTP_DENIED)
        sound->settings = NULL;
}

SOUND_OPERATIONS(.report = report);
SOUND_DESCRIPTOR(.threads = ACSMTP_THREADS_ANY);
