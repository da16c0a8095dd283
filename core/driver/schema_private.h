/* SPDX-License-Identifier: MIT */
/*
 * What the files of the config's JSON Schema share: schema.c has the document, schema_plugin.c what
 * stands for plugins in it, schema_option.c and schema_cloud.c single values, schema_json.c the
 * making of JSON.
 *
 * Everything here goes on after a failure: the first one is in `err`, and the caller of all of it
 * looks there once, at the end. NULL is passed through.
 *
 * The schema never refuses what the config's own checks take, and it refuses what they refuse as
 * far as one file shows it. Not expressible: that "default_profile" names a profile (it may stand
 * in another layer), the range of a duration with a unit, whether others can read a file.
 */
#ifndef SCHEMA_PRIVATE_H
#define SCHEMA_PRIVATE_H

#include "config.h"
#include "registry.h"
#include <acsmtp/json.h>

/* ---- JSON (schema_json.c) ---- */

/* From JSON in which ' stands for ", so that C can hold it; what is put in needs no escapes. */
struct acsmtp_json *schema_fragment(struct acsmtp_error *err, const char *format, ...)
    ACSMTP_PRINTF(2, 3);

/* {"$ref": "#/$defs/NAME"} */
struct acsmtp_json *schema_reference(const char *name, struct acsmtp_error *err);

/* `value` moves. */
void schema_put(struct acsmtp_json *object, const char *key, struct acsmtp_json *value,
                struct acsmtp_error *err);
void schema_put_text(struct acsmtp_json *object, const char *key, const char *text,
                     struct acsmtp_error *err);
void schema_put_integer(struct acsmtp_json *object, const char *key, int64_t number,
                        struct acsmtp_error *err);
void schema_add(struct acsmtp_json *array, struct acsmtp_json *value, struct acsmtp_error *err);

/* {"anyOf": [first, second]}; both move. */
struct acsmtp_json *schema_either(struct acsmtp_json *first, struct acsmtp_json *second,
                                  struct acsmtp_error *err);

/* ---- keys (schema.c) ---- */

/* One sentence about a key of the config; NULL when nothing is said of it. */
const char *schema_key_summary(const char *name);

/* ---- values ---- */

/* What may stand behind an option's name in an entry, with its description and default. */
struct acsmtp_json *schema_option(const struct acsmtp_option *option, struct acsmtp_error *err);

/* Whether only the config can give the option its value: no variable, no default does. */
int schema_option_needed(const struct acsmtp_option *option);

/* What a "cloud" may be: a name, a path, an object. */
struct acsmtp_json *schema_cloud(struct acsmtp_error *err);

/* ---- plugins ---- */

/*
 * Put a definition for each kind into `definitions`: what an entry of it may be ("credential",
 * "transport", ...), the names that are installed ("credential-names", ...), each plugin's options
 * ("credential.imds"), a chain ("chain") and the section "provision". `problems` hears of plugins
 * that cannot be used; they are left out.
 */
void schema_plugins(struct registry *registry, struct acsmtp_json *definitions,
                    acsmtp_plugin_visitor problems, void *data, struct acsmtp_error *err);

#endif
