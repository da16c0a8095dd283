/* SPDX-License-Identifier: MIT */
/* Its entry function does something. */
#include "sound.h"

static const struct acsmtp_plugin broken_plugin;
static void *volatile block;

__attribute__((visibility("default"))) const struct acsmtp_plugin *
entry_allocates_LTX_acsmtp_plugin(void);
const struct acsmtp_plugin *entry_allocates_LTX_acsmtp_plugin(void)
{
    block = malloc(16);
    return &broken_plugin;
}

SOUND_OPERATIONS(.size = sizeof operations);
static const struct acsmtp_plugin broken_plugin = {
    ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_CREDENTIAL),
    .name = PLUGIN_NAME,
    .version = "1.0",
    .summary = "For the test of the check.",
    ACSMTP_PLUGIN_OPTIONS(sound_options),
    .credential = &operations,
};
