/* SPDX-License-Identifier: MIT */
/* It exports a function beside its entry. */
#include "sound.h"

__attribute__((visibility("default"))) int helper_of_mine(void);
int helper_of_mine(void)
{
    return 0;
}

SOUND_OPERATIONS(.size = sizeof operations);
SOUND_DESCRIPTOR(.threads = ACSMTP_THREADS_ANY);
