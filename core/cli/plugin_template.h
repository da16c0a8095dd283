/* SPDX-License-Identifier: MIT */
/* What `acsmtp plugin new` writes: the templates of core/kit/template/ with a name put in. */
#ifndef PLUGIN_TEMPLATE_H
#define PLUGIN_TEMPLATE_H

#include <acsmtp/error.h>

enum { PLUGIN_TEMPLATE_PARTS = 2 };

/* A file: its name, in which @name@ may stand, and the texts that follow each other in it. */
struct plugin_template_file {
    const char *name;
    const char *parts[PLUGIN_TEMPLATE_PARTS]; /* the rest is NULL */
};

struct plugin_template {
    const char *kind;
    const struct plugin_template_file *files; /* ended by one without a name */
};

/* Ended by one without a kind. */
extern const struct plugin_template plugin_templates[];

/* NULL: there is none for that kind. */
const struct plugin_template *plugin_template_find(const char *kind);

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
