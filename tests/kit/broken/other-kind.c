/* SPDX-License-Identifier: MIT */
/* It has the operations of another kind as well. */
#include "sound.h"

static const struct acsmtp_composer_ops composer = {.size = sizeof composer};

SOUND_OPERATIONS(.size = sizeof operations);
SOUND_DESCRIPTOR(.composer = &composer);
