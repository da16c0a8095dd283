/* SPDX-License-Identifier: MIT */
/*
 * From a config entry and a plugin's option table to checked settings: the only reader of options.
 */
#ifndef SETTINGS_BUILD_H
#define SETTINGS_BUILD_H

#include "config.h"
#include <acsmtp/plugin.h>
#include <acsmtp/settings.h>

/*
 * `entry` is a plugin name (JSON string) or an object {"plugin": name, option: value, ...}; `path`
 * is where it stands in the config. Keys that the host itself understands in an entry ("plugin"
 * and those of chain_policy.c) are skipped here unless the plugin has an option of that name.
 * CONFIG with file, line, the plugin's name and the nearest known key for anything that is wrong.
 */
int settings_build(const struct config *config, const char *path, const struct acsmtp_json *entry,
                   const struct acsmtp_plugin *plugin, struct acsmtp_settings **settings,
                   struct acsmtp_error *err);

/* An object that values are taken from. */
struct settings_layer {
    const struct acsmtp_json *values; /* anything but an object has none */
    const char *path; /* where it stands in the config; NULL: the caller's words, "--option" */
    const char *only; /* the one key of it that counts, NULL: every one */
};

enum settings_flag {
    SETTINGS_PARTIAL = 1, /* what is missing may still come from somewhere: no failure */
    SETTINGS_CALLER = 2   /* the caller can give options, too: say so where one is missing */
};

/*
 * The same from several layers: each option from the first that has it. Something that is missing
 * is missing at the path of the layer `home`. `flags` is enum settings_flag, or-ed.
 */
int settings_build_layers(const struct config *config, const struct settings_layer *layers,
                          size_t count, const struct settings_layer *home, uint32_t flags,
                          const struct acsmtp_plugin *plugin, struct acsmtp_settings **settings,
                          struct acsmtp_error *err);
void settings_free(struct acsmtp_settings *settings);

/* The value of an ACSMTP_CHAIN option, NULL when not set, and its path; borrowed from the settings.
 */
const struct acsmtp_json *settings_chain_entries(const struct acsmtp_settings *settings,
                                                 const char *name, const char **path);

/* What acsmtp_settings_credential() and acsmtp_settings_report() call for an ACSMTP_CHAIN option.
 */
struct settings_chain_ops {
    int (*acquire)(void *chain, struct acsmtp_context *context,
                   const struct acsmtp_credential_request *request, struct acsmtp_credential *out,
                   struct acsmtp_error *err);
    void (*report)(void *chain, struct acsmtp_context *context,
                   const struct acsmtp_verdict *verdict);
    void (*close)(void *chain);
};
/* The chain is closed with the settings. */
int settings_attach_chain(struct acsmtp_settings *settings, const char *name, void *chain,
                          const struct settings_chain_ops *ops, struct acsmtp_error *err);

/* Where keyrings and what plugins keep are found; borrowed. */
struct chain_host;
void settings_attach_host(struct acsmtp_settings *settings, const struct chain_host *host);

/*
 * Settings of a plugin in a process of its own, which has neither config nor keyrings nor store:
 * the host that started it answers. `data` is the first argument of all.
 */
struct settings_remote {
    void *data;
    int (*secret)(void *data, struct acsmtp_context *context, const char *option,
                  struct acsmtp_secret **secret, struct acsmtp_error *err);
    int (*store_open)(void *data, struct acsmtp_context *context, const char *key, uint32_t *handle,
                      struct acsmtp_error *err);
    int (*store_get)(void *data, uint32_t handle, struct acsmtp_secret **secret,
                     struct acsmtp_error *err);
    int (*store_set)(void *data, uint32_t handle, const struct acsmtp_secret *secret,
                     struct acsmtp_error *err);
    int (*store_remove)(void *data, uint32_t handle, struct acsmtp_error *err);
    void (*store_close)(void *data, uint32_t handle);
};
void settings_attach_remote(struct acsmtp_settings *settings, const struct settings_remote *remote);
/* NULL when the config is in this process. */
const struct settings_remote *settings_remote(const struct acsmtp_settings *settings);

/* The process that runs the plugin of these settings, NULL when it is this one; borrowed. */
struct isolate;
void settings_attach_isolate(struct acsmtp_settings *settings, struct isolate *isolate);
struct isolate *settings_isolate(const struct acsmtp_settings *settings);

/* NULL when there is none. */
const struct chain_host *settings_host(const struct acsmtp_settings *settings);

/* Load and open every keyring that a SECRET option refers to. */
int settings_check_keyrings(const struct acsmtp_settings *settings, struct acsmtp_error *err);

/*
 * What outside the config these settings were read from, for the cache to notice a change: every
 * environment variable that the option table or a SECRET reference names (also unset ones), and the
 * absolute path of every file that a SECRET reference names.
 */
typedef int (*settings_input_visitor)(void *data, const char *variable, const char *file,
                                      struct acsmtp_error *err);
int settings_inputs(const struct acsmtp_settings *settings, settings_input_visitor visit,
                    void *data, struct acsmtp_error *err);

#endif
