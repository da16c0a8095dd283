/* SPDX-License-Identifier: MIT */
/*
 * Laying one document on another. Documents are small, so a merge makes a new one: nothing that
 * somebody still looks at is changed.
 */
#include "config_private.h"
#include <stdio.h>
#include <string.h>

/* Where in the document a merge is: paths of files are found by the keys around them. */
struct place {
    const char *file;
    const char *parent; /* the key of the object that is merged, NULL at the root */
    unsigned depth;     /* 0: root, 1: profiles, 2: one profile */
    int in_profile;
};

/* A cloud that is a file, or the CA file of a cloud: both are meant from where they are written. */
static int is_path(const struct place *place, const char *key, const char *text)
{
    if (strcmp(key, "cloud") == 0 && (place->depth == 0 || place->depth == 2))
        return strpbrk(text, "/.") != NULL;
    return *text && strcmp(key, "ca_file") == 0 && place->parent &&
           strcmp(place->parent, "cloud") == 0;
}

static struct acsmtp_json *merge(const struct acsmtp_json *base, const struct acsmtp_json *over,
                                 const struct place *place, struct acsmtp_error *err);

static struct acsmtp_json *merge_value(const struct acsmtp_json *base,
                                       const struct acsmtp_json *over, const struct place *place,
                                       const char *key, struct acsmtp_error *err)
{
    const char *text = acsmtp_json_text(over);

    if (acsmtp_json_type(over) == ACSMTP_JSON_OBJECT) {
        struct place below = {place->file, key, place->depth + 1, 0};

        below.in_profile = below.depth == 2 && strcmp(place->parent, "profiles") == 0;
        return merge(base, over, &below, err);
    }
    if (text && is_path(place, key, text)) {
        CONFIG_AUTO_FREE char *path = config_path_beside(place->file, text, err);

        return path ? acsmtp_json_new_string(path, err) : NULL;
    }
    return acsmtp_json_dup(over, err);
}

/* The document's own lists and a profile's. */
static int is_addition(const struct place *place, const char *key, const struct acsmtp_json *value)
{
    return (place->depth == 0 || place->in_profile) && config_appends(key, place->in_profile) &&
           acsmtp_json_type(value) == ACSMTP_JSON_ARRAY;
}

/* After the other members: a layer may write a list and add to it. */
static int merge_additions(struct acsmtp_json *made, const struct acsmtp_json *over,
                           const struct place *place, struct acsmtp_error *err)
{
    char list[CONFIG_KEY_MAX + 1];
    int status = ACSMTP_OK;
    const char *key;
    size_t i;

    for (i = 0; status == ACSMTP_OK && (key = acsmtp_json_key(over, i)); i++) {
        const struct acsmtp_json *added = acsmtp_json_get(over, key);

        if (!is_addition(place, key, added))
            continue;
        (void)snprintf(list, sizeof list, "%.*s", (int)strlen(key) - 1, key);
        status = acsmtp_json_set(made, list, config_append(acsmtp_json_get(made, list), added, err),
                                 err);
    }
    return status;
}

/* Lay `over` on `made`, which is a copy of `base` already. */
static int merge_members(struct acsmtp_json *made, const struct acsmtp_json *base,
                         const struct acsmtp_json *over, const struct place *place,
                         struct acsmtp_error *err)
{
    const char *key;
    size_t i;

    for (i = 0; (key = acsmtp_json_key(over, i)); i++) {
        const struct acsmtp_json *value = acsmtp_json_get(over, key);
        int status;

        if (acsmtp_json_type(value) == ACSMTP_JSON_NULL) {
            acsmtp_json_remove(made, key);
            continue;
        }
        if (is_addition(place, key, value))
            continue;
        status = acsmtp_json_set(
            made, key, merge_value(acsmtp_json_get(base, key), value, place, key, err), err);
        if (status != ACSMTP_OK)
            return status;
    }
    return merge_additions(made, over, place, err);
}

static struct acsmtp_json *merge(const struct acsmtp_json *base, const struct acsmtp_json *over,
                                 const struct place *place, struct acsmtp_error *err)
{
    struct acsmtp_json *made = acsmtp_json_type(base) == ACSMTP_JSON_OBJECT
                                   ? acsmtp_json_dup(base, err)
                                   : acsmtp_json_new_object(err);

    if (made && merge_members(made, base, over, place, err) != ACSMTP_OK) {
        acsmtp_json_free(made);
        return NULL;
    }
    return made;
}

struct acsmtp_json *config_merge(const struct acsmtp_json *base, const struct acsmtp_json *over,
                                 const char *file, struct acsmtp_error *err)
{
    struct place root = {.file = file};

    return merge(base, over, &root, err);
}
