/* SPDX-License-Identifier: MIT */
/* Between the parts of the provisioner: its settings (provisioner.c), its calls
 * (provisioner_run.c). */
#ifndef PROVISIONER_PRIVATE_H
#define PROVISIONER_PRIVATE_H

#include "entry.h"
#include "provisioner.h"
#include <pthread.h>

#define PROVISIONER_LAYERS 4 /* the caller, the profile, the top level, the profile's chain */

struct provisioner {
    const struct chain_host *host;
    struct acsmtp_json *name; /* of the plugin, as an entry of the config has it */
    char *path;               /* where somebody would write its options */
    char *profile_path;
    struct settings_layer layers[PROVISIONER_LAYERS]; /* the first is the caller's: empty here */
    size_t layer_count;
    int configured; /* the config says something about it */
    int named;      /* the config says which plugin */
    pthread_mutex_t lock;
    const struct acsmtp_plugin *plugin; /* NULL until it is wanted */
    struct entry holder; /* of the plugin's process, if it is isolated: for all operations */
};

/*
 * Loads the plugin, and gives an entry of its own for one operation, with the caller's options
 * ({name: value}, NULL: none) laid over the config's. Borrows `caller`. To be released with
 * entry_release().
 */
int provisioner_entry(struct provisioner *provisioner, const struct acsmtp_json *caller,
                      struct settings_layer layers[PROVISIONER_LAYERS], uint32_t flags,
                      struct entry *entry, struct acsmtp_error *err);

/* Put the chain in the place of "@credentials" in the profile that came back, if one did. */
int provisioner_complete_profile(const struct entry *entry, struct acsmtp_json *result,
                                 struct acsmtp_error *err);

#endif
