/* SPDX-License-Identifier: MIT */
/*
 * The JSON Schema of config files, made from the tables that the config is checked by and from the
 * option tables of the plugins that are installed; see schema_private.h.
 */
#include "config_private.h"
#include "schema_private.h"
#include "settings_private.h"
#include <stdio.h>
#include <string.h>

/*
 * Definitions that are the same everywhere; control characters are refused in all texts. Where a
 * keyword narrows one that is referred to, "allOf" keeps the two apart: editors let the one that is
 * referred to win.
 */
static const struct {
    const char *name;
    const char *schema;
} texts[] = {
    {"text",
     "{'type': 'string', 'maxLength': 8192, 'pattern': '^[^\\\\u0000-\\\\u001f\\\\u007f]*$'}"},
    {"words", "{'$ref': '#/$defs/text', 'minLength': 1}"},
    {"duration", "{'type': ['integer', 'string'], 'minimum': 0, 'maximum': 31622400,"
                 " 'pattern': '^[0-9]+(ms|s|m|h)?$'}"},
    {"plugin-name", "{'type': 'string', 'maxLength': 64, 'pattern': '^[a-z0-9][a-z0-9-]*$'}"},
    {"profile-name", "{'allOf': [{'$ref': '#/$defs/words'}], 'maxLength': 127}"},
    {"folder", "{'allOf': [{'$ref': '#/$defs/words'}], 'pattern': '^/'}"},
    {"cache", "{'anyOf': [{'enum': ['files', 'none']}, {'$ref': '#/$defs/keyring-names'}]}"},
    {"secret",
     "{'anyOf': ["
     "{'type': 'string', 'minLength': 1, 'maxLength': 65536, 'description':"
     " 'The secret itself, where only its owner can read the file (chmod 600).'},"
     "{'type': 'object', 'minProperties': 1, 'maxProperties': 1, 'additionalProperties': false,"
     " 'properties': {"
     "'env': {'allOf': [{'$ref': '#/$defs/words'}], 'maxLength': 255, 'pattern': '^[^=]*$',"
     " 'description': 'The environment variable that holds it.'},"
     "'file': {'$ref': '#/$defs/words',"
     " 'description': 'The file that holds it, closed to others; relative to this one.'},"
     "'command': {'type': 'array', 'minItems': 1, 'maxItems': 256,"
     " 'prefixItems': [{'minLength': 1}], 'items': {'type': 'string', 'maxLength': 8192},"
     " 'description': 'A program that prints it, and its arguments; there is no shell.'},"
     "'keyring': {'$ref': '#/$defs/keyring-item'},"
     "'prompt': {'const': true, 'description': 'A person is asked.'}}}]}"},
    {"keyring-item",
     "{'description': 'The entry of a keyring that holds it.', 'anyOf': ["
     "{'$ref': '#/$defs/item-name'},"
     "{'type': 'object', 'required': ['name'], 'additionalProperties': false, 'properties': {"
     "'plugin': {'$ref': '#/$defs/keyring-names'}, 'name': {'$ref': '#/$defs/item-name'}}}]}"},
    {"isolation",
     "{'description': 'Run the plugin in a process of its own, without rights.', 'anyOf': ["
     "{'const': 'process'},"
     "{'type': 'object', 'required': ['mode'], 'additionalProperties': false, 'properties': {"
     "'mode': {'const': 'process'},"
     "'allow': {'type': 'array', 'items': {'enum': ['exec', 'keyring', 'sockets', 'stdin']}},"
     "'write': {'type': 'array', 'items': {'$ref': '#/$defs/folder'}},"
     "'environment': {'type': 'array', 'items': {'$ref': '#/$defs/text'}}}}]}"},
    {"item-name", "{'allOf': [{'$ref': '#/$defs/words'}], 'maxLength': 255}"},
};

/* ---- keys ---- */

/* What is said of a key, in the config and in a profile alike; without a schema it is a text. */
static const struct told_key {
    const char *name, *summary, *schema;
} told_keys[] = {
    {"$schema", "What 'acsmtp config schema' prints, in a file beside this one: for editors.",
     NULL},
    {"default_profile",
     "The profile that is used unless --profile or ACSMTP_PROFILE names another.", NULL},
    {"plugin_path", "Folders of plugins, searched before the one that acsmtp was installed with.",
     "{'anyOf': [{'$ref': '#/$defs/folder'},"
     " {'type': 'array', 'items': {'$ref': '#/$defs/folder'}}]}"},
    {"profiles", "Ways to send, by their names.",
     "{'type': 'object', 'propertyNames': {'$ref': '#/$defs/profile-name'},"
     " 'additionalProperties': {'anyOf': [{'$ref': '#/$defs/profile'}, {'type': 'null'}]}}"},
    {"cloud", "Where Azure is; default: \"public\".", "{'$ref': '#/$defs/cloud'}"},
    {"provision", "What 'acsmtp provision' makes at the provider.",
     "{'$ref': '#/$defs/provision'}"},
    {"keyring", "The keyring that secrets and sign-ins are kept in.",
     "{'$ref': '#/$defs/keyring'}"},
    {"cache", "Where tokens are kept between processes; default: \"files\".",
     "{'$ref': '#/$defs/cache'}"},
    {"from", "Envelope sender, and From of composed messages.", NULL},
    {"username", "User name for SMTP, unless the credential brings its own.", NULL},
    {"credentials", "The chain: sources of credentials in the order in which they are asked.",
     "{'type': 'array', 'items': {'$ref': '#/$defs/credential'}}"},
    {"transports", "Ways to the server; the first that accepts the credential is taken.",
     "{'type': 'array', 'items': {'$ref': '#/$defs/transport'}}"},
    {"scope", "Scope of the token that is asked for; default: that of ACS SMTP.", NULL},
    {"tenant", "Tenant that the token is asked from; default: each source's own.", NULL},
    {"sendmail", "How messages of programs that call sendmail are completed.",
     "{'type': 'object', 'additionalProperties': false, 'properties': {"
     "'domain': {'$ref': '#/$defs/words', 'description': 'What names without a domain get.'},"
     "'aliases': {'type': 'object', 'propertyNames': {'minLength': 1},"
     " 'additionalProperties': {'$ref': '#/$defs/words'},"
     " 'description': 'Names, and the addresses that they stand for.'},"
     "'set_from': {'type': 'boolean',"
     " 'description': 'Whether the From field becomes that of the profile.'}}}"},
    {"composer", "What makes a message from --subject, --text and the like.",
     "{'$ref': '#/$defs/composer'}"},
};

static const struct told_key *find_told(const char *name)
{
    for (size_t i = 0; i < sizeof told_keys / sizeof told_keys[0]; i++)
        if (strcmp(told_keys[i].name, name) == 0)
            return &told_keys[i];
    return NULL;
}

const char *schema_key_summary(const char *name)
{
    const struct told_key *told = find_told(name);

    return told ? told->summary : NULL;
}

/* What a layer may say with a key: also null, which takes back what one before it said. */
static struct acsmtp_json *key_schema(const struct config_key *key, struct acsmtp_error *err)
{
    const struct told_key *told = find_told(key->name);
    struct acsmtp_json *value, *schema;

    if (told && told->schema)
        value = schema_fragment(err, "%s", told->schema);
    else if (key->is_text)
        value = schema_reference("words", err);
    else
        value = acsmtp_json_new_object(err); /* anything */
    schema = schema_either(value, schema_fragment(err, "{'type': 'null'}"), err);
    schema_put_text(schema, "description", told ? told->summary : key->wanted, err);
    return schema;
}

/* "credentials+", whose elements are put behind what the layers below have in that list. */
static void put_addition(struct acsmtp_json *members, const char *key, int of_profile,
                         struct acsmtp_error *err)
{
    struct acsmtp_json *schema;
    char name[CONFIG_KEY_MAX];

    (void)snprintf(name, sizeof name, "%s+", key);
    if (!config_appends(name, of_profile))
        return;
    schema = schema_fragment(err, "%s", find_told(key)->schema);
    schema_put_text(schema, "type", "array", err);
    schema_put_text(schema, "description", "Put behind what the layers below have in this list.",
                    err);
    schema_put(members, name, schema, err);
}

static void put_keys(struct acsmtp_json *schema, int of_profile, struct acsmtp_error *err)
{
    struct acsmtp_json *members = acsmtp_json_new_object(err);
    struct config_key key;

    for (size_t i = 0; config_key(of_profile, i, &key); i++) {
        schema_put(members, key.name, key_schema(&key, err), err);
        put_addition(members, key.name, of_profile, err);
    }
    schema_put_text(schema, "type", "object", err);
    schema_put(schema, "additionalProperties", acsmtp_json_new_boolean(0, err), err);
    schema_put(schema, "properties", members, err);
}

/* ---- the document ---- */

static struct acsmtp_json *make(struct registry *registry, acsmtp_plugin_visitor problems,
                                void *data, struct acsmtp_error *err)
{
    struct acsmtp_json *schema = schema_fragment(
        err,
        "{'$schema': 'https://json-schema.org/draft/2020-12/schema', 'title': 'acsmtp config',"
        " 'description': 'A layer of the config of acsmtp %s, and the plugins found there.'}",
        acsmtp_version());
    struct acsmtp_json *definitions = acsmtp_json_new_object(err);
    struct acsmtp_json *profile = acsmtp_json_new_object(err);

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        schema_put(definitions, texts[i].name, schema_fragment(err, "%s", texts[i].schema), err);
    schema_put(definitions, "cloud", schema_cloud(err), err);
    put_keys(profile, 1, err);
    schema_put(definitions, "profile", profile, err);
    schema_plugins(registry, definitions, problems, data, err);
    put_keys(schema, 0, err);
    schema_put(schema, "$defs", definitions, err);
    return schema;
}

struct acsmtp_json *acsmtp_config_schema(const struct acsmtp_driver_options *options,
                                         acsmtp_plugin_visitor problems, void *data,
                                         struct acsmtp_error *err)
{
    struct acsmtp_error failure = ACSMTP_ERROR_INIT;
    struct acsmtp_json *schema = NULL;
    struct registry *registry = NULL;
    struct config *config = NULL;

    err = err ? err : &failure;
    if (config_load_whole(options, &config, err) == ACSMTP_OK &&
        registry_open(config, &registry, err) == ACSMTP_OK)
        schema = make(registry, problems, data, err);
    if (registry)
        registry_close(registry);
    config_free(config);
    if (err->status == ACSMTP_OK)
        return schema;
    acsmtp_json_free(schema);
    return NULL;
}
