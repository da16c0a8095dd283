/* SPDX-License-Identifier: MIT */
/*
 * The profile that a provisioner gives back, made complete: "@credentials" in it stands for the
 * chain that the provisioner was given, which no plugin can see as text.
 */
#include "config_format.h"
#include "provisioner_private.h"
#include "settings_build.h"
#include <string.h>

#define OWN_CHAIN "@credentials"

static struct acsmtp_json *fill(const struct acsmtp_json *json, const struct acsmtp_json *chain,
                                struct acsmtp_error *err);

static struct acsmtp_json *fill_array(const struct acsmtp_json *array,
                                      const struct acsmtp_json *chain, struct acsmtp_error *err)
{
    struct acsmtp_json *made = acsmtp_json_new_array(err);
    int status = made ? ACSMTP_OK : ACSMTP_SYSTEM;
    size_t i;

    for (i = 0; status == ACSMTP_OK && i < acsmtp_json_length(array); i++)
        status = acsmtp_json_append(made, fill(acsmtp_json_item(array, i), chain, err), err);
    if (status == ACSMTP_OK)
        return made;
    acsmtp_json_free(made);
    return NULL;
}

static struct acsmtp_json *fill_object(const struct acsmtp_json *object,
                                       const struct acsmtp_json *chain, struct acsmtp_error *err)
{
    struct acsmtp_json *made = acsmtp_json_new_object(err);
    int status = made ? ACSMTP_OK : ACSMTP_SYSTEM;
    const char *key;
    size_t i;

    for (i = 0; status == ACSMTP_OK && (key = acsmtp_json_key(object, i)); i++)
        status = acsmtp_json_set(made, key, fill(acsmtp_json_get(object, key), chain, err), err);
    if (status == ACSMTP_OK)
        return made;
    acsmtp_json_free(made);
    return NULL;
}

/* A copy with the chain in the place of the word for it. Nesting is bounded: the plugin made it. */
static struct acsmtp_json *fill(const struct acsmtp_json *json, const struct acsmtp_json *chain,
                                struct acsmtp_error *err)
{
    const char *text = acsmtp_json_text(json);

    if (acsmtp_json_type(json) == ACSMTP_JSON_OBJECT)
        return fill_object(json, chain, err);
    if (acsmtp_json_type(json) == ACSMTP_JSON_ARRAY)
        return fill_array(json, chain, err);
    return acsmtp_json_dup(text && strcmp(text, OWN_CHAIN) == 0 ? chain : json, err);
}

int provisioner_complete_profile(const struct entry *entry, struct acsmtp_json *result,
                                 struct acsmtp_error *err)
{
    const struct acsmtp_json *profile = acsmtp_json_get(result, "profile");
    ACSMTP_AUTO_JSON struct acsmtp_json *chain = NULL;
    const struct acsmtp_json *entries;
    const char *path = NULL;

    if (acsmtp_json_type(profile) != ACSMTP_JSON_OBJECT ||
        !entry_has_option(entry->plugin, "credentials"))
        return ACSMTP_OK;
    entries = settings_chain_entries(entry->settings, "credentials", &path);
    chain = entries ? config_format_share(entries, err) : acsmtp_json_new_array(err);
    if (!chain)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    return acsmtp_json_set(result, "profile", fill(profile, chain, err), err);
}
