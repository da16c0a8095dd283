/* SPDX-License-Identifier: MIT */
/* close() frees nothing. */
#include "sound.h"

static void close_nothing(void *instance)
{
    (void)instance;
}

SOUND_OPERATIONS(.close = close_nothing);
SOUND_DESCRIPTOR(.threads = ACSMTP_THREADS_ANY);
