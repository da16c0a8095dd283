/* SPDX-License-Identifier: MIT */
/* An option stands twice in its table. */
#include "sound.h"

static const struct acsmtp_option table[] = {
    {.name = "key", .type = ACSMTP_STRING, .flags = ACSMTP_SECRET, .summary = "The key."},
    {.name = "key", .type = ACSMTP_STRING, .flags = ACSMTP_SECRET, .summary = "The key."},
};

SOUND_OPERATIONS(.size = sizeof operations);
SOUND_DESCRIPTOR(ACSMTP_PLUGIN_OPTIONS(table));
