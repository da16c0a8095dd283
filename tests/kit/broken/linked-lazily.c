/* SPDX-License-Identifier: MIT */
/* It is linked without -z now (in CMakeLists.txt). */
#include "sound.h"

SOUND_OPERATIONS(.size = sizeof operations);
SOUND_DESCRIPTOR(.threads = ACSMTP_THREADS_ANY);
