/* SPDX-License-Identifier: MIT */
/* It promises something about threads that does not exist. */
#include "sound.h"

SOUND_OPERATIONS(.size = sizeof operations);
SOUND_DESCRIPTOR(.threads = 7);
