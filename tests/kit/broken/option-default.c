/* SPDX-License-Identifier: MIT */
/* A default is not of its type. */
#include "sound.h"

static const struct acsmtp_option table[] = {
    {.name = "key", .type = ACSMTP_STRING, .flags = ACSMTP_SECRET, .summary = "The key."},
    {.name = "tries", .type = ACSMTP_INTEGER, .default_value = "many", .summary = "How often."},
};

SOUND_OPERATIONS(.size = sizeof operations);
SOUND_DESCRIPTOR(ACSMTP_PLUGIN_OPTIONS(table));
