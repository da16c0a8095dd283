/* SPDX-License-Identifier: MIT */
/*
 * Between the parts of the registry: search (registry_find.c), check (registry_check.c) and
 * loading (registry.c). What is loaded belongs to the process and stays until its end.
 */
#ifndef REGISTRY_PRIVATE_H
#define REGISTRY_PRIVATE_H

#include "registry.h"
#include <pthread.h>

/* A plugin as the host uses it: full-size copies of everything that a plugin may have shorter. */
struct loaded {
    struct acsmtp_plugin plugin; /* first: a plugin's pointer is also its loaded one's */
    struct acsmtp_credential_ops credential;
    struct acsmtp_transport_ops transport;
    struct acsmtp_composer_ops composer;
    struct acsmtp_provisioner_ops provisioner;
    struct acsmtp_keyring_ops keyring;
    struct acsmtp_option *options;
    char *path; /* real path, "(built in)" for a preloaded one */
    pthread_mutex_t one;
    struct loaded *next;
};

/*
 * Check the descriptor of the plugin `name` of that kind (0: of any) and copy it. The messages do
 * not tell the file: the caller prefixes it.
 */
int registry_check(const struct acsmtp_plugin *raw, int kind, const char *name,
                   struct loaded **loaded, struct acsmtp_error *err);

/* Load the file (any path) that holds this plugin, once; of any kind when `kind` is 0. SYSTEM with
 * the reason when it cannot be used. */
int registry_load(const char *path, int kind, const char *name, const struct acsmtp_plugin **plugin,
                  struct acsmtp_error *err);

/* The same for a plugin that is linked into the program; *plugin is NULL when there is none. */
int registry_load_preloaded(int kind, const char *name, const struct acsmtp_plugin **plugin,
                            struct acsmtp_error *err);

/* The index-th preloaded plugin's module name ('-' written as '_'), NULL beyond the end. */
const char *registry_preloaded(size_t index);

/* Whether it can be a plugin's name: [a-z0-9][a-z0-9-]*, at most 64 bytes. */
int registry_name_valid(const char *name);

#define REGISTRY_NAME_MAX 64

#endif
