/* SPDX-License-Identifier: MIT */
/*
 * Finding and loading plugins: the only user of libltdl, and only of the safe part of it.
 */
#ifndef REGISTRY_H
#define REGISTRY_H

#include "config.h"
#include <acsmtp/plugin.h>

struct registry;

int registry_open(const struct config *config, struct registry **registry,
                  struct acsmtp_error *err);
void registry_close(struct registry *registry);

#define REGISTRY_MISSING "plugin_missing" /* err->code when there is no such plugin */

/* Load (once) the plugin of that kind and name. CONFIG when there is none (with the nearest name),
 * SYSTEM with the real reason when it cannot be loaded. The descriptor is a full-size copy,
 * borrowed. */
int registry_get(struct registry *registry, int kind, const char *name,
                 const struct acsmtp_plugin **plugin, struct acsmtp_error *err);

/*
 * The real path of that plugin's file, checked as for loading but not loaded, for the caller to
 * free(3). CONFIG when there is none, or when the plugin is no file but a part of the program.
 */
int registry_locate(struct registry *registry, int kind, const char *name, char **path,
                    struct acsmtp_error *err);

/* As acsmtp_driver_plugins(). */
int registry_visit(struct registry *registry, const char *name, acsmtp_plugin_visitor visit,
                   void *data, struct acsmtp_error *err);

/* The names of all of them, without a look into any. */
typedef int (*registry_name_visitor)(void *data, int kind, const char *name);
int registry_names(struct registry *registry, registry_name_visitor visit, void *data,
                   struct acsmtp_error *err);

/* The lock that a call into this plugin needs (ACSMTP_THREADS_ONE), taken and released. */
void registry_enter(struct registry *registry, const struct acsmtp_plugin *plugin);
void registry_leave(struct registry *registry, const struct acsmtp_plugin *plugin);

/* "credential", "transport", "composer", "provisioner", "keyring". */
const char *registry_kind_name(int kind);

#endif
