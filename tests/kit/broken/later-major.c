/* SPDX-License-Identifier: MIT */
/* It is built for another major ABI. */
#include "sound.h"

SOUND_OPERATIONS(.size = sizeof operations);
SOUND_DESCRIPTOR(.abi_major = ACSMTP_ABI_MAJOR + 1);
