/* SPDX-License-Identifier: MIT */
/* It calls itself otherwise than its file. */
#include "sound.h"

SOUND_OPERATIONS(.size = sizeof operations);
SOUND_DESCRIPTOR(.name = "somebody");
