/* SPDX-License-Identifier: MIT */
/* An environment variable cannot be set. */
#include "sound.h"

static const struct acsmtp_option table[] = {
    {.name = "key", .type = ACSMTP_STRING, .flags = ACSMTP_SECRET, .summary = "The key."},
    {.name = "tries", .type = ACSMTP_INTEGER, .environment = "MY-TRIES", .summary = "How often."},
};

SOUND_OPERATIONS(.size = sizeof operations);
SOUND_DESCRIPTOR(ACSMTP_PLUGIN_OPTIONS(table));
