/* SPDX-License-Identifier: MIT */
/*
 * --set key=value: one value at a dotted path of the chosen profile, with everything on the way
 * made as needed. "transports.0.port=2525" works on a transport that is only a plugin's name, too.
 */
#include "config_private.h"
#include <stdio.h>
#include <string.h>

struct assignment {
    const char *option; /* as given, up to '=' */
    struct acsmtp_json *value;
    int remove; /* the value is null: the key goes */
};

static struct acsmtp_json *put(const struct acsmtp_json *node, const char *parent, const char *path,
                               struct assignment *what, struct acsmtp_error *err);

/* Take the first segment off a path; NULL when it is none or too long. */
static const char *next_segment(const char *path, char key[CONFIG_KEY_MAX + 1])
{
    size_t size = strcspn(path, ".");

    if (size == 0 || size > CONFIG_KEY_MAX || (path[size] == '.' && !path[size + 1]))
        return NULL;
    memcpy(key, path, size);
    key[size] = '\0';
    return path + size + (path[size] == '.');
}

static int index_of(const char *segment, size_t *index)
{
    size_t value = 0;

    if (!*segment || strlen(segment) > 6 || strspn(segment, "0123456789") != strlen(segment) ||
        (segment[0] == '0' && segment[1]))
        return 0;
    for (; *segment; segment++)
        value = value * 10 + (size_t)(*segment - '0');
    *index = value;
    return 1;
}

static struct acsmtp_json *put_member(struct acsmtp_json *object, const char *key, const char *rest,
                                      struct assignment *what, struct acsmtp_error *err)
{
    if (!*rest && what->remove) {
        acsmtp_json_remove(object, key);
        return object;
    }
    if (acsmtp_json_set(object, key, put(acsmtp_json_get(object, key), key, rest, what, err),
                        err) == ACSMTP_OK)
        return object;
    acsmtp_json_free(object);
    return NULL;
}

static struct acsmtp_json *put_element(const struct acsmtp_json *array, const char *parent,
                                       const char *key, const char *rest, struct assignment *what,
                                       struct acsmtp_error *err)
{
    struct acsmtp_json *made = NULL;
    size_t length = acsmtp_json_length(array), index = 0, i;
    int status = ACSMTP_OK;

    if (!index_of(key, &index) || index > length)
        (void)acsmtp_fail(err, ACSMTP_CONFIG,
                          "--set %s: '%s' is no index of a list of %zu; use 0 to %zu", what->option,
                          key, length, length);
    else
        made = acsmtp_json_new_array(err);
    for (i = 0; made && status == ACSMTP_OK && (i < length || i == index); i++) {
        const struct acsmtp_json *old = acsmtp_json_item(array, i);

        if (i == index && !*rest && what->remove)
            continue;
        status = acsmtp_json_append(
            made, i == index ? put(old, parent, rest, what, err) : acsmtp_json_dup(old, err), err);
    }
    if (status == ACSMTP_OK)
        return made;
    acsmtp_json_free(made);
    return NULL;
}

static struct acsmtp_json *not_a_node(const struct assignment *what, struct acsmtp_error *err)
{
    (void)acsmtp_fail(err, ACSMTP_CONFIG,
                      "--set %s: a value on the way is neither an object nor a list", what->option);
    return NULL;
}

/* "smtp-login" where options are to be set becomes {"plugin": "smtp-login"}. */
static struct acsmtp_json *plugin_object(const struct acsmtp_json *name, const char *parent,
                                         struct assignment *what, struct acsmtp_error *err)
{
    struct acsmtp_json *object;

    if (strcmp(parent, "credentials") != 0 && strcmp(parent, "transports") != 0 &&
        strcmp(parent, "composer") != 0 && strcmp(parent, "provision") != 0)
        return not_a_node(what, err);
    object = acsmtp_json_new_object(err);
    if (object && acsmtp_json_set(object, "plugin", acsmtp_json_dup(name, err), err) != ACSMTP_OK) {
        acsmtp_json_free(object);
        return NULL;
    }
    return object;
}

/* A copy of `node` that has the value at `path`. `parent` is the nearest key above it. */
static struct acsmtp_json *put(const struct acsmtp_json *node, const char *parent, const char *path,
                               struct assignment *what, struct acsmtp_error *err)
{
    int type = acsmtp_json_type(node);
    char key[CONFIG_KEY_MAX + 1];
    struct acsmtp_json *object;
    const char *rest;

    if (!*path)
        return ACSMTP_STEAL(struct acsmtp_json, what->value);
    rest = next_segment(path, key);
    if (!rest) {
        (void)acsmtp_fail(err, ACSMTP_CONFIG, "--set %s: not a path of keys with dots between them",
                          what->option);
        return NULL;
    }
    if (type == ACSMTP_JSON_ARRAY || (type == ACSMTP_JSON_NULL && strcmp(key, "0") == 0))
        return put_element(node, parent, key, rest, what, err);
    if (type == ACSMTP_JSON_NULL)
        object = acsmtp_json_new_object(err);
    else if (type == ACSMTP_JSON_OBJECT)
        object = acsmtp_json_dup(node, err);
    else if (type == ACSMTP_JSON_STRING)
        object = plugin_object(node, parent, what, err);
    else
        object = not_a_node(what, err);
    return object ? put_member(object, key, rest, what, err) : NULL;
}

/* ---- the text of the value ---- */

/* Whether the config wants text here, so that --set tenant=1234 is not a number. */
static int is_text_key(const char *path)
{
    static const char *const keys[] = {"from", "username", "scope", "tenant"};
    size_t i;

    for (i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (strcmp(path, keys[i]) == 0)
            return 1;
    return 0;
}

/* JSON numbers are int64 or double: a text that would not come back the same stays a text. */
static int survives(const struct acsmtp_json *json, const char *text)
{
    CONFIG_AUTO_FREE char *back = NULL;

    if (acsmtp_json_type(json) != ACSMTP_JSON_NUMBER)
        return 1;
    back = acsmtp_json_format(json);
    return back && strcmp(back, text) == 0;
}

static int read_value(struct assignment *what, const char *text, struct acsmtp_error *err)
{
    struct acsmtp_error not_json = ACSMTP_ERROR_INIT;

    if (strcmp(text, "null") == 0) {
        what->remove = 1;
        return ACSMTP_OK;
    }
    if (!is_text_key(what->option) || text[0] == '"')
        what->value = acsmtp_json_parse(text, strlen(text), &not_json);
    if (what->value && !survives(what->value, text)) {
        acsmtp_json_free(what->value);
        what->value = NULL;
    }
    if (!what->value)
        what->value = acsmtp_json_new_string(text, err);
    return what->value ? ACSMTP_OK : acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
}

/* ---- into the config ---- */

static int remember(struct config *config, const char *key, struct acsmtp_error *err)
{
    char *path = NULL;

    if (config->set_count == CONFIG_SETS_MAX)
        return acsmtp_fail(err, ACSMTP_CONFIG, "more than %d --set options", CONFIG_SETS_MAX);
    if (asprintf(&path, "profiles.%s.%s", config->profile_name, key) < 0)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    config->sets[config->set_count++] = path;
    return ACSMTP_OK;
}

static int replace_profile(struct config *config, struct assignment *what, struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *profiles =
        acsmtp_json_dup(acsmtp_json_get(config->root, "profiles"), err);
    struct acsmtp_json *profile;
    int status;

    if (!profiles)
        return err->status;
    profile = put(config_profile(config), "", what->option, what, err);
    if (!profile)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    status = acsmtp_json_set(profiles, config->profile_name, profile, err);
    if (status != ACSMTP_OK)
        return status;
    return acsmtp_json_set(config->root, "profiles", ACSMTP_STEAL(struct acsmtp_json, profiles),
                           err);
}

static size_t depth_of(const char *path)
{
    size_t depth = 1;

    for (; *path; path++)
        depth += *path == '.';
    return depth;
}

static int assign(struct config *config, const char *key, const char *text,
                  struct acsmtp_error *err)
{
    struct assignment what = {.option = key};
    int status;

    if (depth_of(key) > CONFIG_DEPTH_MAX)
        return acsmtp_fail(err, ACSMTP_CONFIG, "--set: more than %d keys in the path",
                           CONFIG_DEPTH_MAX);
    status = read_value(&what, text, err);
    if (status == ACSMTP_OK)
        status = replace_profile(config, &what, err);
    if (status == ACSMTP_OK)
        status = remember(config, key, err);
    acsmtp_json_free(what.value);
    return status;
}

int config_set(struct config *config, const char *assignment, struct acsmtp_error *err)
{
    const char *equals = strchr(assignment, '=');
    char *key;
    int status;

    /* Without '=' the text may be a value alone, even a secret: it is not repeated. */
    if (!equals)
        return acsmtp_fail(err, ACSMTP_CONFIG, "--set needs KEY=VALUE");
    if (equals == assignment)
        return acsmtp_fail(err, ACSMTP_CONFIG, "--set needs a key before '='");
    key = strndup(assignment, (size_t)(equals - assignment));
    if (!key)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    status = assign(config, key, equals + 1, err);
    free(key);
    return status;
}
