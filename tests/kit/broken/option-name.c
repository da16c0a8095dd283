/* SPDX-License-Identifier: MIT */
/* An option has a name that nobody can write. */
#include "sound.h"

static const struct acsmtp_option table[] = {
    {.name = "key", .type = ACSMTP_STRING, .flags = ACSMTP_SECRET, .summary = "The key."},
    {.name = "Tries", .type = ACSMTP_INTEGER, .summary = "How often."},
};

SOUND_OPERATIONS(.size = sizeof operations);
SOUND_DESCRIPTOR(ACSMTP_PLUGIN_OPTIONS(table));
