/* SPDX-License-Identifier: MIT */
/*
 * One more profile in a config that a person wrote: text is put in behind an opening brace, and
 * nothing else changes. The outcome is parsed again before it is believed.
 */
#include "config_private.h"
#include "locate.h"
#include <stdio.h>
#include <string.h>

/* Where something goes into the text: behind the '{' of an object, with a comma if it had members.
 */
struct gap {
    size_t offset;
    int comma;
};

/* ---- finding the braces ---- */

static const char *skip_comment(const char *at)
{
    const char *end = at[1] == '/' ? strchr(at, '\n') : strstr(at + 2, "*/");

    if (!end)
        return at + strlen(at);
    return at[1] == '/' ? end : end + 2;
}

static const char *skip_blank(const char *at)
{
    for (;;) {
        at += strspn(at, " \t\r\n");
        if (at[0] != '/' || (at[1] != '/' && at[1] != '*'))
            return at;
        at = skip_comment(at);
    }
}

static const char *skip_string(const char *at)
{
    if (*at != '"')
        return at;
    for (at++; *at && *at != '"'; at++)
        if (*at == '\\' && at[1])
            at++;
    return *at ? at + 1 : at;
}

/* `path` "": the whole; else a member of the root. 0 when there is no object. */
static int find_gap(const char *text, const char *path, const struct acsmtp_json *object,
                    struct gap *gap)
{
    const char *at;
    size_t offset;

    if (!locate_path(text, strlen(text), path, &offset))
        return 0;
    at = text + offset;
    if (*path) {
        at = skip_blank(skip_string(at));
        at = *at == ':' ? skip_blank(at + 1) : at;
    } else {
        at = skip_blank(at);
    }
    gap->offset = (size_t)(at - text) + 1;
    gap->comma = acsmtp_json_key(object, 0) != NULL;
    return *at == '{';
}

/* ---- making the text ---- */

/* The value over several lines, each but the first indented by so many spaces. */
static int put_value(FILE *out, const struct acsmtp_json *value, int indent)
{
    char *text = acsmtp_json_format_pretty(value);
    const char *line = text;

    while (line && *line) {
        size_t size = strcspn(line, "\n");

        (void)fprintf(out, "%.*s", (int)size, line);
        line += size;
        if (*line)
            (void)fprintf(out, "\n%*s", indent, "");
        line += *line != '\0';
    }
    free(text);
    return text != NULL;
}

static int put_string(FILE *out, const char *text, struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *json = acsmtp_json_new_string(text, err);
    CONFIG_AUTO_FREE char *quoted = json ? acsmtp_json_format(json) : NULL;

    return quoted && fputs(quoted, out) >= 0;
}

/* What is to be put in. */
struct insertion {
    const char *text, *name;
    const struct acsmtp_json *root, *profiles, *profile;
    const char *default_profile; /* NULL: says it already, or says it on purpose not */
};

static int put_profile(const struct insertion *in, FILE *out, struct acsmtp_error *err)
{
    (void)fputs("\n    ", out);
    if (!put_string(out, in->name, err))
        return 0;
    (void)fputs(": ", out);
    return put_value(out, in->profile, 4);
}

static int put_default(const struct insertion *in, FILE *out, struct acsmtp_error *err)
{
    if (!in->default_profile)
        return 1;
    (void)fputs("\n  \"default_profile\": ", out);
    if (!put_string(out, in->default_profile, err))
        return 0;
    return fputc(',', out) >= 0;
}

static int put_all(const struct insertion *in, FILE *out, struct acsmtp_error *err)
{
    struct gap root, profiles;
    const char *text = in->text;

    if (!find_gap(text, "", in->root, &root))
        return 0;
    (void)fwrite(text, 1, root.offset, out);
    if (!put_default(in, out, err))
        return 0;
    if (!in->profiles) {
        (void)fputs("\n  \"profiles\": {", out);
        if (!put_profile(in, out, err))
            return 0;
        (void)fprintf(out, "\n  }%s%s", root.comma ? "," : "\n", text + root.offset);
        return 1;
    }
    if (!find_gap(text, "profiles", in->profiles, &profiles) || profiles.offset < root.offset)
        return 0;
    (void)fwrite(text + root.offset, 1, profiles.offset - root.offset, out);
    if (!put_profile(in, out, err))
        return 0;
    (void)fprintf(out, "%s%s", profiles.comma ? "," : "\n  ", text + profiles.offset);
    return 1;
}

/* ---- what is there, what has come out ---- */

static int same(const struct acsmtp_json *one, const struct acsmtp_json *other)
{
    CONFIG_AUTO_FREE char *a = acsmtp_json_format(one);
    CONFIG_AUTO_FREE char *b = acsmtp_json_format(other);

    return a && b && strcmp(a, b) == 0;
}

static int holds(const char *text, const struct insertion *in, struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *root = acsmtp_json_parse_config(text, strlen(text), err);
    const struct acsmtp_json *profiles = acsmtp_json_get(root, "profiles");
    const char *key;

    for (size_t i = 0; (key = acsmtp_json_key(in->profiles, i)); i++)
        if (!same(acsmtp_json_get(profiles, key), acsmtp_json_get(in->profiles, key)))
            return 0;
    return same(acsmtp_json_get(profiles, in->name), in->profile);
}

static char *insert(const struct insertion *in, struct acsmtp_error *err)
{
    struct acsmtp_error problem = ACSMTP_ERROR_INIT;
    char *made = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&made, &size);
    int put = out && put_all(in, out, &problem);

    if (out && fclose(out) == 0 && put && holds(made, in, &problem))
        return made;
    (void)acsmtp_fail(err, ACSMTP_CONFIG, "profile '%.60s' cannot be put in; write it by hand",
                      in->name);
    if (made)
        acsmtp_wipe(made, size);
    free(made);
    return NULL;
}

/* The profile that a send without --profile means; NULL when that need not be said. */
static const char *default_for(const struct insertion *in)
{
    const char *first = acsmtp_json_key(in->profiles, 0);

    if (acsmtp_json_get(in->root, "default_profile") || acsmtp_json_key(in->profiles, 1))
        return NULL;
    return first ? first : in->name;
}

char *acsmtp_config_insert(const char *text, const char *name, const struct acsmtp_json *profile,
                           struct acsmtp_error *err)
{
    struct insertion in = {.text = text ? text : "{}\n", .name = name, .profile = profile};
    ACSMTP_AUTO_JSON struct acsmtp_json *root = NULL;
    const struct acsmtp_json *there;

    if (!*name || strlen(name) > CONFIG_KEY_MAX || !config_text_clean(name)) {
        (void)acsmtp_fail(err, ACSMTP_CONFIG, "'%.60s' cannot be a profile's name", name);
        return NULL;
    }
    root = acsmtp_json_parse_config(in.text, strlen(in.text), err);
    if (!root)
        return NULL;
    in.root = root;
    in.profiles = acsmtp_json_get(root, "profiles");
    in.default_profile = default_for(&in);
    there = acsmtp_json_get(in.profiles, name);
    if (there && same(there, profile))
        return strdup(in.text);
    if (there) {
        (void)acsmtp_fail(err, ACSMTP_CONFIG, "there is a profile '%.60s' already, and it differs",
                          name);
        return NULL;
    }
    return insert(&in, err);
}
