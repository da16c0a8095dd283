/* SPDX-License-Identifier: MIT */
/* It has no operation that gives a credential. */
#include "sound.h"

SOUND_OPERATIONS(.acquire = NULL);
SOUND_DESCRIPTOR(.threads = ACSMTP_THREADS_ANY);
