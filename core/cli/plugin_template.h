/* SPDX-License-Identifier: MIT */
/* What `acsmtp plugin new` writes: the templates of core/kit/template/ with a name put in. */
#ifndef PLUGIN_TEMPLATE_H
#define PLUGIN_TEMPLATE_H

#include <acsmtp/error.h>

enum { PLUGIN_TEMPLATE_PARTS = 2, PLUGIN_TEMPLATE_FILES = 8 };

/* A file: its name, in which @name@ may stand, and the texts that follow each other in it. */
struct plugin_template_file {
    const char *name;
    const char *parts[PLUGIN_TEMPLATE_PARTS]; /* the rest is NULL */
};

/* The texts of a kind alone; what all kinds have is added by plugin_template_files(). */
struct plugin_template {
    const char *kind, *source, *readme, *test;
    const char *server; /* the other side, of kinds that speak HTTP; or NULL */
};

/* Ended by one without a kind. */
extern const struct plugin_template plugin_templates[];

/* NULL: there is none for that kind. */
const struct plugin_template *plugin_template_find(const char *kind);

/* All files of a folder, ended by one without a name. */
void plugin_template_files(const struct plugin_template *found,
                           struct plugin_template_file files[PLUGIN_TEMPLATE_FILES]);

/*
 * Whether a plugin can have that name: what the registry loads, and what can stand in an identifier
 * of C. CONFIG with what to do otherwise.
 */
int plugin_template_check_name(const char *name, struct acsmtp_error *err);

/*
 * `text` with @name@, @module@ (the name as an identifier) and @kind@ replaced, for the caller to
 * free(3). NULL and `err` when memory fails.
 */
char *plugin_template_expand(const char *text, const char *kind, const char *name,
                             struct acsmtp_error *err);

#endif
