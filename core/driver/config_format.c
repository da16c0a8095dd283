/* SPDX-License-Identifier: MIT */
/*
 * The config for people's eyes. When in doubt a text is hidden: a name shown as "<secret>" costs a
 * look into the file, a password shown costs the password.
 */
#include "config_format.h"
#include "config_private.h"
#include <string.h>

static int is_secret_name(const char *key)
{
    static const char *const words[] = {"secret", "pass", "token", "key", "assertion"};
    size_t i;

    /* These sound like secrets, and name a host and a plugin. */
    if (strcmp(key, "key_vault_domain") == 0 || strcmp(key, "keyring") == 0)
        return 0;
    for (i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcasestr(key, words[i]))
            return 1;
    return 0;
}

static int is_reference(const struct acsmtp_json *json)
{
    static const char *const sources[] = {"env", "file", "command", "prompt", "keyring"};
    const char *key = acsmtp_json_key(json, 0);
    size_t i;

    if (!key || acsmtp_json_key(json, 1))
        return 0;
    for (i = 0; i < sizeof sources / sizeof sources[0]; i++)
        if (strcmp(key, sources[i]) == 0)
            return 1;
    return 0;
}

static struct acsmtp_json *mask(const struct acsmtp_json *json, int hide,
                                const struct acsmtp_json *instead, struct acsmtp_error *err);

static struct acsmtp_json *mask_array(const struct acsmtp_json *array, int hide,
                                      const struct acsmtp_json *instead, struct acsmtp_error *err)
{
    struct acsmtp_json *made = acsmtp_json_new_array(err);
    size_t length = acsmtp_json_length(array), i;
    int status = made ? ACSMTP_OK : ACSMTP_SYSTEM;

    for (i = 0; status == ACSMTP_OK && i < length; i++)
        status =
            acsmtp_json_append(made, mask(acsmtp_json_item(array, i), hide, instead, err), err);
    if (status == ACSMTP_OK)
        return made;
    acsmtp_json_free(made);
    return NULL;
}

static struct acsmtp_json *mask_object(const struct acsmtp_json *object, int hide,
                                       const struct acsmtp_json *instead, struct acsmtp_error *err)
{
    struct acsmtp_json *made = acsmtp_json_new_object(err);
    int status = made ? ACSMTP_OK : ACSMTP_SYSTEM;
    const char *key;
    size_t i;

    for (i = 0; status == ACSMTP_OK && (key = acsmtp_json_key(object, i)); i++)
        status = acsmtp_json_set(
            made, key,
            mask(acsmtp_json_get(object, key), hide || is_secret_name(key), instead, err), err);
    if (status == ACSMTP_OK)
        return made;
    acsmtp_json_free(made);
    return NULL;
}

/* A copy with `instead` in the place of each literal secret. */
static struct acsmtp_json *mask(const struct acsmtp_json *json, int hide,
                                const struct acsmtp_json *instead, struct acsmtp_error *err)
{
    int type = acsmtp_json_type(json);

    if (type == ACSMTP_JSON_OBJECT && !is_reference(json))
        return mask_object(json, hide, instead, err);
    if (type == ACSMTP_JSON_ARRAY)
        return mask_array(json, hide, instead, err);
    if (hide && (type == ACSMTP_JSON_STRING || type == ACSMTP_JSON_NUMBER))
        return acsmtp_json_dup(instead, err);
    return acsmtp_json_dup(json, err);
}

char *config_format_dup(const struct config *config, struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *instead = acsmtp_json_new_string("<secret>", err);
    ACSMTP_AUTO_JSON struct acsmtp_json *shown =
        instead ? mask(config_root(config), 0, instead, err) : NULL;
    char *text = shown ? acsmtp_json_format_pretty(shown) : NULL;

    if (!text)
        (void)acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    return text;
}

struct acsmtp_json *config_format_share(const struct acsmtp_json *part, struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *instead = acsmtp_json_new_object(err);

    if (!instead ||
        acsmtp_json_set(instead, "prompt", acsmtp_json_new_boolean(1, err), err) != ACSMTP_OK)
        return NULL;
    return mask(part, 0, instead, err);
}
