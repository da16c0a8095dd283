/* SPDX-License-Identifier: MIT */
/* Its summary has two lines. */
#include "sound.h"

SOUND_OPERATIONS(.size = sizeof operations);
SOUND_DESCRIPTOR(.summary = "One.\nTwo.");
