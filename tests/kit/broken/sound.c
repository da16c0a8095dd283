/* SPDX-License-Identifier: MIT */
/* Nothing is broken: every check passes. */
#include "sound.h"

SOUND_OPERATIONS(.size = sizeof operations);
SOUND_DESCRIPTOR(.threads = ACSMTP_THREADS_ANY);
