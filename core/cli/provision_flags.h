/* SPDX-License-Identifier: MIT */
/* The option table of a provisioner as options of the command line. */
#ifndef PROVISION_FLAGS_H
#define PROVISION_FLAGS_H

#include "options.h"
#include <acsmtp/error.h>
#include <acsmtp/plugin.h>

/*
 * A row for each option: resource_group is --resource-group; what is a list may be repeated, of
 * anything else the last one counts. A SECRET is refused by name. Options that share their name
 * with one of the program's own have no row: --set provision.NAME reaches them.
 */
struct provision_flags {
    const struct acsmtp_plugin *plugin;
    struct option_row *rows;
    size_t count;
    struct text_list *values; /* of each row */
    size_t *places;           /* of each row: of its option in the plugin's table */
    char title[96];           /* in the help */
};

/* `is_taken` tells the names that are the program's own. To be released in either case. */
int provision_flags_build(struct provision_flags *flags, const struct acsmtp_plugin *plugin,
                          int (*is_taken)(const char *name), struct acsmtp_error *err);
struct option_set provision_flags_set(struct provision_flags *flags);

/* What was given, as "name=value"; the texts are for the caller to free(3). */
int provision_flags_collect(const struct provision_flags *flags, struct text_list *given,
                            struct acsmtp_error *err);
void provision_flags_release(struct provision_flags *flags);

#endif
