/* SPDX-License-Identifier: MIT */
/* Its descriptor is none. */
#include "sound.h"

SOUND_OPERATIONS(.size = sizeof operations);
SOUND_DESCRIPTOR(.magic = 17);
