/* SPDX-License-Identifier: MIT */
/* A range has no values. */
#include "sound.h"

static const struct acsmtp_option table[] = {
    {.name = "key", .type = ACSMTP_STRING, .flags = ACSMTP_SECRET, .summary = "The key."},
    {.name = "tries", .type = ACSMTP_INTEGER, .summary = "How often.", .minimum = 9, .maximum = 1},
};

SOUND_OPERATIONS(.size = sizeof operations);
SOUND_DESCRIPTOR(ACSMTP_PLUGIN_OPTIONS(table));
