/* SPDX-License-Identifier: MIT */
/*
 * Keys and types of the config, as far as the host itself gives them a meaning. What stands in an
 * entry of a chain besides "plugin" is checked when the plugin's option table is at hand.
 */
#include "config_private.h"
#include "settings_build.h"
#include <acsmtp/text.h>
#include <stdio.h>
#include <string.h>

enum shape {
    SHAPE_TEXT = 1,
    SHAPE_OBJECT = 2,
    SHAPE_TEXTS = 4,    /* a list of texts */
    SHAPE_ENTRY = 8,    /* an object with a "plugin" */
    SHAPE_ENTRIES = 16, /* a list of plugin names and such objects */
    SHAPE_OPTIONS = 32, /* an object whose "plugin" may be absent: the default one's options */
    SHAPE_NAMES = 64,   /* an object of texts */
    SHAPE_BOOLEAN = 128
};

/* Wanted in the config and in a profile alike. */
#define KEYRING_KEYS                                                                               \
    {"keyring", SHAPE_TEXT | SHAPE_ENTRY, "a plugin's name or an object with its options"},        \
    {                                                                                              \
        "cache", SHAPE_TEXT, "\"files\", \"none\" or the name of a keyring plugin"                 \
    }

struct known_key {
    const char *name;
    unsigned shapes; /* enum shape, or-ed */
    const char *wanted;
};

static const struct known_key top_keys[] = {
    {"default_profile", SHAPE_TEXT, "the name of a profile"},
    {"cloud", SHAPE_TEXT | SHAPE_OBJECT, "a cloud's name, the path of its description, or one"},
    {"plugin_path", SHAPE_TEXT | SHAPE_TEXTS, "a folder or a list of folders"},
    {"provision", SHAPE_TEXT | SHAPE_OPTIONS, "a plugin's name or an object with its options"},
    KEYRING_KEYS,
    {"profiles", SHAPE_OBJECT, "an object of profiles"},
    {"$schema", SHAPE_TEXT, "where a JSON Schema is, for editors"},
};

static const struct known_key profile_keys[] = {
    {"from", SHAPE_TEXT, "an address"},
    {"username", SHAPE_TEXT, "the user name for SMTP"},
    {"scope", SHAPE_TEXT, "the scope of tokens"},
    {"tenant", SHAPE_TEXT, "a tenant's id or domain"},
    {"cloud", SHAPE_TEXT | SHAPE_OBJECT, "a cloud's name, the path of its description, or one"},
    {"composer", SHAPE_TEXT | SHAPE_ENTRY, "a plugin's name or an object with its options"},
    {"provision", SHAPE_TEXT | SHAPE_OPTIONS, "a plugin's name or an object with its options"},
    KEYRING_KEYS,
    {"credentials", SHAPE_ENTRIES, "a list of plugins: names, or objects with \"plugin\""},
    {"transports", SHAPE_ENTRIES, "a list of plugins: names, or objects with \"plugin\""},
    {"sendmail", SHAPE_OBJECT, "an object"},
};

static const struct known_key sendmail_keys[] = {
    {"domain", SHAPE_TEXT, "what names without a domain get"},
    {"aliases", SHAPE_NAMES, "an object of names and the addresses that they stand for"},
    {"set_from", SHAPE_BOOLEAN, "true or false"},
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

int config_key(int of_profile, size_t index, struct config_key *key)
{
    const struct known_key *keys = of_profile ? profile_keys : top_keys;

    if (index >= (of_profile ? COUNT(profile_keys) : COUNT(top_keys)))
        return 0;
    *key = (struct config_key){.name = keys[index].name,
                               .wanted = keys[index].wanted,
                               .is_text = keys[index].shapes == SHAPE_TEXT};
    return 1;
}

struct check {
    const struct config *config;
    const struct known_key *keys;
    size_t count;
    const char *prefix; /* path of the object, with a dot at its end, or "" */
    struct acsmtp_error *err;
};

static int is_text(const struct acsmtp_json *value)
{
    const char *text = acsmtp_json_text(value);

    return text && *text && config_text_clean(text);
}

static int is_entry(const struct acsmtp_json *value)
{
    return acsmtp_json_type(value) == ACSMTP_JSON_OBJECT &&
           is_text(acsmtp_json_get(value, "plugin"));
}

/* How many of the first elements are texts or, with `entries`, entries. */
static size_t good_elements(const struct acsmtp_json *list, int entries)
{
    size_t length = acsmtp_json_length(list), i;

    for (i = 0; i < length; i++) {
        const struct acsmtp_json *item = acsmtp_json_item(list, i);

        if (!is_text(item) && !(entries && is_entry(item)))
            break;
    }
    return i;
}

static int is_list(const struct acsmtp_json *value, int entries)
{
    return acsmtp_json_type(value) == ACSMTP_JSON_ARRAY &&
           good_elements(value, entries) == acsmtp_json_length(value);
}

static int is_options(const struct acsmtp_json *value)
{
    return acsmtp_json_type(value) == ACSMTP_JSON_OBJECT &&
           (!acsmtp_json_get(value, "plugin") || is_entry(value));
}

static int is_names(const struct acsmtp_json *value)
{
    const char *key;
    size_t i;

    if (acsmtp_json_type(value) != ACSMTP_JSON_OBJECT)
        return 0;
    for (i = 0; (key = acsmtp_json_key(value, i)); i++)
        if (!*key || !is_text(acsmtp_json_get(value, key)))
            return 0;
    return 1;
}

static int has_type(const struct acsmtp_json *value, unsigned shapes)
{
    int type = acsmtp_json_type(value);

    return ((shapes & SHAPE_TEXT) && is_text(value)) ||
           ((shapes & SHAPE_OBJECT) && type == ACSMTP_JSON_OBJECT) ||
           ((shapes & SHAPE_BOOLEAN) && type == ACSMTP_JSON_BOOLEAN);
}

static int has_shape(const struct acsmtp_json *value, unsigned shapes)
{
    return has_type(value, shapes) || ((shapes & SHAPE_TEXTS) && is_list(value, 0)) ||
           ((shapes & SHAPE_ENTRY) && is_entry(value)) ||
           ((shapes & SHAPE_ENTRIES) && is_list(value, 1)) ||
           ((shapes & SHAPE_OPTIONS) && is_options(value)) ||
           ((shapes & SHAPE_NAMES) && is_names(value));
}

static int unknown_key(const struct check *check, const char *where, const char *key)
{
    const char *names[COUNT(profile_keys)];
    char near[CONFIG_KEY_MAX + 32], all[256];
    size_t i;

    for (i = 0; i < check->count; i++)
        names[i] = check->keys[i].name;
    config_suggestion(key, names, check->count, near, sizeof near);
    config_join(names, check->count, all, sizeof all);
    return acsmtp_fail(check->err, ACSMTP_CONFIG, "%s: unknown key '%.60s'%s (known: %s)", where,
                       key, near, all);
}

/* Where the value is wrong: of a list, the first element that is. Layers may have added some. */
static void wrong_where(const struct check *check, const char *key, const struct acsmtp_json *value,
                        unsigned shapes, char *where, size_t capacity)
{
    size_t good = good_elements(value, (shapes & SHAPE_ENTRIES) != 0);
    char path[1200];

    if ((shapes & (SHAPE_TEXTS | SHAPE_ENTRIES)) && good < acsmtp_json_length(value))
        (void)snprintf(path, sizeof path, "%s%s.%zu", check->prefix, key, good);
    else
        (void)snprintf(path, sizeof path, "%s%s", check->prefix, key);
    config_where_exactly(check->config, path, where, capacity);
}

static int check_key(const struct check *check, const char *key, const struct acsmtp_json *value)
{
    char where[CONFIG_WHERE_MAX];
    const struct known_key *known = NULL;
    size_t i;

    for (i = 0; i < check->count && !known; i++)
        if (strcmp(key, check->keys[i].name) == 0)
            known = &check->keys[i];
    if (known && has_shape(value, known->shapes))
        return ACSMTP_OK;
    wrong_where(check, key, value, known ? known->shapes : 0, where, sizeof where);
    if (config_appends(key, *check->prefix != '\0'))
        return acsmtp_fail(check->err, ACSMTP_CONFIG,
                           "%s: '%s' must be a list: its elements are added to '%.*s'", where, key,
                           (int)strlen(key) - 1, key);
    if (!known)
        return unknown_key(check, where, key);
    return acsmtp_fail(check->err, ACSMTP_CONFIG, "%s: '%s' must be %s", where, key, known->wanted);
}

static int check_object(const struct check *check, const struct acsmtp_json *object)
{
    const char *key;
    int status = ACSMTP_OK;
    size_t i;

    for (i = 0; status == ACSMTP_OK && (key = acsmtp_json_key(object, i)); i++)
        status = check_key(check, key, acsmtp_json_get(object, key));
    return status;
}

/* "sendmail", in the profile that check->prefix leads to. */
static int check_sendmail(const struct check *profile, const struct acsmtp_json *section)
{
    char prefix[1100];
    struct check check = {profile->config, sendmail_keys, COUNT(sendmail_keys), prefix,
                          profile->err};

    (void)snprintf(prefix, sizeof prefix, "%ssendmail.", profile->prefix);
    return check_object(&check, section);
}

static int check_profile(const struct config *config, const char *name,
                         const struct acsmtp_json *profile, struct acsmtp_error *err)
{
    char prefix[1024], where[CONFIG_WHERE_MAX];
    struct check check = {config, profile_keys, COUNT(profile_keys), prefix, err};
    size_t size;
    int status;

    (void)snprintf(prefix, sizeof prefix, "profiles.%s.", name);
    if (!*name || !config_text_clean(name) || strlen(name) > CONFIG_KEY_MAX)
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "config: a profile's name must have 1 to %d characters, none of them a "
                           "control character",
                           CONFIG_KEY_MAX);
    if (acsmtp_json_type(profile) == ACSMTP_JSON_OBJECT) {
        status = check_object(&check, profile);
        return status == ACSMTP_OK ? check_sendmail(&check, acsmtp_json_get(profile, "sendmail"))
                                   : status;
    }
    size = strlen(prefix);
    prefix[size - 1] = '\0';
    config_where_exactly(config, prefix, where, sizeof where);
    return acsmtp_fail(err, ACSMTP_CONFIG, "%s: profile '%s' must be an object, { ... }", where,
                       name);
}

int config_check(const struct config *config, struct acsmtp_error *err)
{
    struct check check = {config, top_keys, COUNT(top_keys), "", err};
    const struct acsmtp_json *profiles;
    const char *name;
    int status = check_object(&check, config->root);
    size_t i;

    profiles = acsmtp_json_get(config->root, "profiles");
    for (i = 0; status == ACSMTP_OK && (name = acsmtp_json_key(profiles, i)); i++)
        status = check_profile(config, name, acsmtp_json_get(profiles, name), err);
    return status;
}

/* ---- texts of messages ---- */

void config_suggestion(const char *word, const char *const *candidates, size_t count, char *text,
                       size_t capacity)
{
    const char *near = acsmtp_suggest(word, candidates, count);

    (void)snprintf(text, capacity, "%s%s%s", near ? "; did you mean '" : "", near ? near : "",
                   near ? "'?" : "");
}

void config_join(const char *const *items, size_t count, char *text, size_t capacity)
{
    size_t used = 0, i;

    text[0] = '\0';
    for (i = 0; i < count && used < capacity; i++)
        used += (size_t)snprintf(text + used, capacity - used, "%s%s", i ? ", " : "", items[i]);
}
