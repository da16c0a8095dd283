/* SPDX-License-Identifier: MIT */
/* A number is a secret. */
#include "sound.h"

static const struct acsmtp_option table[] = {
    {.name = "key", .type = ACSMTP_STRING, .flags = ACSMTP_SECRET, .summary = "The key."},
    {.name = "pin", .type = ACSMTP_INTEGER, .flags = ACSMTP_SECRET, .summary = "The PIN."},
};

SOUND_OPERATIONS(.size = sizeof operations);
SOUND_DESCRIPTOR(ACSMTP_PLUGIN_OPTIONS(table));
