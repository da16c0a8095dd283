/* SPDX-License-Identifier: MIT */
/*
 * The part of the schema that is made from what is installed: for each plugin its option table, for
 * each kind the choice among its plugins. The choice is made by "if" and "then" on the plugin's
 * name, so that an editor complains about one plugin's options and not about all of them.
 */
#include "chain_private.h"
#include "schema_private.h"
#include "settings_private.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_TEXT 64

enum { KINDS = ACSMTP_KIND_KEYRING };

/* What is collected of a kind. */
struct kind {
    struct acsmtp_json *names;    /* [{"const", "description"}] */
    struct acsmtp_json *bare;     /* those of them that need no options */
    struct acsmtp_json *branches; /* [{"if": it is that one, "then": its options}] */
};

struct collection {
    struct acsmtp_json *definitions;
    struct kind kinds[KINDS + 1];
    acsmtp_plugin_visitor problems;
    void *data;
    struct acsmtp_error *err;
};

/* ---- one plugin ---- */

static void definition_name(const struct acsmtp_plugin *plugin, char *name, size_t capacity)
{
    (void)snprintf(name, capacity, "%s.%.*s", registry_kind_name(plugin->kind), NAME_MAX_TEXT,
                   plugin->name);
}

/* Entries of these kinds stand in lists, of which one may do for another. */
static int is_listed(int kind)
{
    return kind == ACSMTP_KIND_CREDENTIAL || kind == ACSMTP_KIND_TRANSPORT;
}

/* The keys of an entry that are the host's; a plugin's own option of that name comes before. */
static void put_host_keys(struct acsmtp_json *members, int kind, struct acsmtp_error *err)
{
    const struct acsmtp_option *option;
    struct acsmtp_json *optional;

    for (size_t i = 0; kind == ACSMTP_KIND_CREDENTIAL && (option = policy_option(i)); i++)
        schema_put(members, option->name, schema_option(option, err), err);
    schema_put(members, "isolation", schema_reference("isolation", err), err);
    if (!is_listed(kind))
        return;
    optional = schema_option(&entry_optional, err);
    schema_put_text(optional, "type", "boolean", err); /* here one in quotes is none */
    acsmtp_json_remove(optional, "pattern");
    schema_put(members, entry_optional.name, optional, err);
}

/* The options that have to stand in the entry; a provisioner's may come with the command line. */
static struct acsmtp_json *needed_options(const struct acsmtp_plugin *plugin,
                                          struct acsmtp_error *err)
{
    struct acsmtp_json *list = acsmtp_json_new_array(err);

    if (plugin->kind == ACSMTP_KIND_PROVISIONER)
        return list;
    for (uint32_t i = 0; i < plugin->option_count; i++)
        if (schema_option_needed(&plugin->options[i]))
            schema_add(list, acsmtp_json_new_string(plugin->options[i].name, err), err);
    return list;
}

static struct acsmtp_json *plugin_schema(const struct acsmtp_plugin *plugin,
                                         struct acsmtp_error *err)
{
    struct acsmtp_json *schema =
        schema_fragment(err, "{'type': 'object', 'additionalProperties': false}");
    struct acsmtp_json *members = acsmtp_json_new_object(err);

    schema_put(members, "plugin", acsmtp_json_new_object(err), err);
    put_host_keys(members, plugin->kind, err);
    for (uint32_t i = 0; i < plugin->option_count; i++)
        schema_put(members, plugin->options[i].name, schema_option(&plugin->options[i], err), err);
    if (plugin->summary)
        schema_put_text(schema, "description", plugin->summary, err);
    schema_put(schema, "properties", members, err);
    schema_put(schema, "required", needed_options(plugin, err), err);
    return schema;
}

static struct acsmtp_json *name_schema(const struct acsmtp_plugin *plugin, struct acsmtp_error *err)
{
    struct acsmtp_json *schema = acsmtp_json_new_object(err);

    schema_put_text(schema, "const", plugin->name, err);
    if (plugin->summary)
        schema_put_text(schema, "description", plugin->summary, err);
    return schema;
}

static struct acsmtp_json *branch_schema(const struct acsmtp_plugin *plugin, const char *definition,
                                         struct acsmtp_error *err)
{
    return schema_fragment(err,
                           "{'if': {'properties': {'plugin': {'const': '%s'}},"
                           " 'required': ['plugin']}, 'then': {'$ref': '#/$defs/%s'}}",
                           plugin->name, definition);
}

/* The first file of a name is the one that is used. */
static int collect(void *data, const char *path, const struct acsmtp_plugin *plugin,
                   const char *problem)
{
    struct collection *collection = data;
    struct acsmtp_error *err = collection->err;
    struct acsmtp_json *schema;
    struct kind *kind;
    char name[NAME_MAX_TEXT + 32];

    if (!plugin)
        return collection->problems ? collection->problems(collection->data, path, NULL, problem)
                                    : 0;
    definition_name(plugin, name, sizeof name);
    if (acsmtp_json_get(collection->definitions, name))
        return 0;
    kind = &collection->kinds[plugin->kind];
    schema = plugin_schema(plugin, err);
    schema_add(kind->names, name_schema(plugin, err), err);
    if (!acsmtp_json_length(acsmtp_json_get(schema, "required")))
        schema_add(kind->bare, name_schema(plugin, err), err);
    schema_add(kind->branches, branch_schema(plugin, name, err), err);
    schema_put(collection->definitions, name, schema, err);
    return 0;
}

/* ---- the choice ---- */

/* One of them, or nothing at all where there are none: an empty "anyOf" is not allowed. */
static struct acsmtp_json *any_of(const struct acsmtp_json *choices, struct acsmtp_error *err)
{
    struct acsmtp_json *schema;

    if (!acsmtp_json_length(choices))
        return schema_fragment(err, "{'not': {}}");
    schema = acsmtp_json_new_object(err);
    schema_put(schema, "anyOf", acsmtp_json_dup(choices, err), err);
    return schema;
}

/* An object with "plugin"; of one that is "optional" nobody needs to know the name. */
static struct acsmtp_json *object_schema(int number, const struct kind *kind,
                                         struct acsmtp_error *err)
{
    const char *name = registry_kind_name(number);
    struct acsmtp_json *schema;

    if (is_listed(number))
        schema = schema_fragment(
            err,
            "{'type': 'object', 'required': ['plugin'],"
            " 'if': {'properties': {'optional': {'const': true}}, 'required': ['optional']},"
            " 'then': {'properties': {'plugin': {'$ref': '#/$defs/plugin-name'}}},"
            " 'else': {'properties': {'plugin': {'$ref': '#/$defs/%s-names'}}}}",
            name);
    else
        schema = schema_fragment(err,
                                 "{'type': 'object', 'required': ['plugin'],"
                                 " 'properties': {'plugin': {'$ref': '#/$defs/%s-names'}}}",
                                 name);
    if (acsmtp_json_length(kind->branches))
        schema_put(schema, "allOf", acsmtp_json_dup(kind->branches, err), err);
    return schema;
}

/*
 * The section "provision": an entry whose plugin may be left open, because the default is meant or
 * another layer says it. Where none is installed it may be there all the same: a config is shared
 * by machines that only send.
 */
static struct acsmtp_json *provision_schema(const struct kind *kind, struct acsmtp_error *err)
{
    struct acsmtp_json *object = object_schema(ACSMTP_KIND_PROVISIONER, kind, err);
    struct acsmtp_json *open = acsmtp_json_new_array(err);

    for (size_t i = 0; i < acsmtp_json_length(kind->branches); i++)
        schema_add(
            open,
            acsmtp_json_dup(acsmtp_json_get(acsmtp_json_item(kind->branches, i), "then"), err),
            err);
    acsmtp_json_remove(object, "required");
    if (acsmtp_json_length(open)) {
        schema_put(object, "if", schema_fragment(err, "{'not': {'required': ['plugin']}}"), err);
        schema_put(object, "then", any_of(open, err), err);
    }
    acsmtp_json_free(open);
    return schema_either(any_of(kind->bare, err), object, err);
}

/* A chain as text, "imds,azcli?": names of sources that need no options, or that may be absent. */
static struct acsmtp_json *chain_text_schema(const struct kind *kind, struct acsmtp_error *err)
{
    struct acsmtp_json *schema = NULL;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    if (!out) {
        (void)acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
        return NULL;
    }
    for (size_t i = 0; i < acsmtp_json_length(kind->bare); i++)
        (void)fprintf(out, "%s|", acsmtp_json_string(acsmtp_json_item(kind->bare, i), "const"));
    (void)fputs("[a-z0-9][a-z0-9-]*[?]", out);
    if (fclose(out) == 0)
        schema = schema_fragment(err, "{'type': 'string', 'pattern': '^,*(%s)(,+(%s))*,*$'}", text,
                                 text);
    free(text);
    return schema;
}

static struct acsmtp_json *chain_schema(const struct kind *kind, struct acsmtp_error *err)
{
    return schema_either(schema_fragment(err,
                                         "{'type': 'array', 'minItems': 1, 'maxItems': %d,"
                                         " 'items': {'$ref': '#/$defs/credential'}}",
                                         SETTINGS_ITEMS_MAX),
                         chain_text_schema(kind, err), err);
}

/* ---- all of it ---- */

static void put_kind(struct collection *collection, int number)
{
    const struct kind *kind = &collection->kinds[number];
    struct acsmtp_error *err = collection->err;
    const char *name = registry_kind_name(number);
    char names[NAME_MAX_TEXT];

    (void)snprintf(names, sizeof names, "%s-names", name);
    schema_put(collection->definitions, names, any_of(kind->names, err), err);
    if (number == ACSMTP_KIND_PROVISIONER)
        schema_put(collection->definitions, "provision", provision_schema(kind, err), err);
    else
        schema_put(collection->definitions, name,
                   schema_either(any_of(kind->bare, err), object_schema(number, kind, err), err),
                   err);
    if (number == ACSMTP_KIND_CREDENTIAL)
        schema_put(collection->definitions, "chain", chain_schema(kind, err), err);
}

void schema_plugins(struct registry *registry, struct acsmtp_json *definitions,
                    acsmtp_plugin_visitor problems, void *data, struct acsmtp_error *err)
{
    struct collection collection = {
        .definitions = definitions, .problems = problems, .data = data, .err = err};

    for (int i = 1; i <= KINDS; i++) {
        collection.kinds[i].names = acsmtp_json_new_array(err);
        collection.kinds[i].bare = acsmtp_json_new_array(err);
        collection.kinds[i].branches = acsmtp_json_new_array(err);
    }
    (void)registry_visit(registry, NULL, collect, &collection, err);
    for (int i = 1; i <= KINDS; i++) {
        put_kind(&collection, i);
        acsmtp_json_free(collection.kinds[i].names);
        acsmtp_json_free(collection.kinds[i].bare);
        acsmtp_json_free(collection.kinds[i].branches);
    }
}
