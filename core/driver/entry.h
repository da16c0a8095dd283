/* SPDX-License-Identifier: MIT */
/*
 * One entry of a config's list of plugins: a name, or an object with "plugin" and options. From
 * there to the plugin and its checked settings, nested chains included, when they are first needed.
 */
#ifndef ENTRY_H
#define ENTRY_H

#include "chain.h"
#include "settings_build.h"
#include <pthread.h>

struct entry {
    const struct chain_host *host;
    const struct acsmtp_json *json;      /* borrowed from the config */
    char *path;                          /* where it stands in the config */
    const struct settings_layer *layers; /* borrowed; NULL: `json` alone has the options */
    size_t layer_count;
    uint32_t flags;   /* enum settings_flag, or-ed */
    const char *name; /* the plugin's, borrowed from the config */
    int kind;
    int is_optional; /* of a chain or of the transports: the others do without it, see below */
    int depth;       /* 0 in a profile, 1 in the chain of a plugin of a profile, ... */
    pthread_mutex_t lock;
    const struct acsmtp_plugin *plugin; /* NULL until loaded */
    struct isolate *isolate;            /* the process that the plugin is in; NULL: this one */
    struct isolate *lent;               /* the same, of somebody else: loaded already */
    struct acsmtp_settings *settings;
    struct chain **nested; /* belong to the settings */
    size_t nested_count;
};

/* The key "optional", described as a plugin describes its options. */
extern const struct acsmtp_option entry_optional;

/* CONFIG when it is neither a name nor an object that has one. Loads nothing. */
int entry_init(struct entry *entry, const struct chain_host *host, int kind,
               const struct acsmtp_json *json, const char *path, int depth,
               struct acsmtp_error *err);
void entry_release(struct entry *entry);

/*
 * The plugin alone: loaded, or in a process that is the entry's until its release. Once, by one
 * thread.
 */
int entry_load_plugin(struct entry *entry, const struct acsmtp_plugin **plugin,
                      struct acsmtp_error *err);

/* Load the plugin and build its settings, once; any thread. */
int entry_load(struct entry *entry, struct acsmtp_error *err);

/* Whether `problem`, of loading or checking it, is that it is not installed and need not be. */
int entry_is_absent(const struct entry *entry, const struct acsmtp_error *problem);

/* Load it, and everything in its nested chains; plugins that only the defaults of its options name
 * may be missing. */
int entry_check(struct entry *entry, struct acsmtp_error *err);

/* Whether the plugin's option table has that name. */
int entry_has_option(const struct acsmtp_plugin *plugin, const char *name);

/* CONFIG with "FILE:LINE: " of a key of the entry (NULL: of the entry itself) before the text. */
int entry_fail(const struct entry *entry, const char *key, struct acsmtp_error *err,
               const char *format, ...) ACSMTP_PRINTF(4, 5);

/* A lock around one call into the plugin, as it promised (ACSMTP_THREADS_ONE). */
void entry_enter(const struct entry *entry);
void entry_leave(const struct entry *entry);

/* What a plugin returned, made trustworthy: a known status, and a message if it is a failure. */
int entry_result(const struct entry *entry, int status, struct acsmtp_error *err);

#endif
