/* SPDX-License-Identifier: MIT */
/*
 * Where a secret comes from: a literal, or one of {"env"|"file"|"command"|"prompt"|"keyring": ...}.
 * Here the reference is only read and checked; the secret itself is fetched when a plugin asks for
 * it.
 */
#include "settings_private.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define REFERENCES                                                                                 \
    "{\"env\": NAME}, {\"file\": PATH}, {\"command\": [PROGRAM, ...]}, {\"keyring\": NAME} or "    \
    "{\"prompt\": true}"

static void path_of(const struct setting_input *input, const struct setting *setting, char *path,
                    size_t capacity)
{
    (void)snprintf(path, capacity, "%s.%s", input->path, setting->option.name);
}

/* ---- a literal ---- */

static int make_literal(const struct setting_input *input, struct setting *setting,
                        const char *text)
{
    size_t size = strlen(text);

    if (size == 0 || size > SETTINGS_FILE_MAX)
        return settings_fail(input, setting->option.name,
                             "option '%s' must have 1 to %d bytes; without one, leave it out",
                             setting->option.name, SETTINGS_FILE_MAX);
    setting->source = SECRET_LITERAL;
    setting->literal = acsmtp_secret_new(text, size, input->err);
    return setting->literal ? ACSMTP_OK : input->err->status;
}

static int read_literal(const struct setting_input *input, struct setting *setting,
                        const char *text)
{
    const char *name = setting->option.name;
    const struct config_file *file;
    char path[1024];

    if (!input->path)
        return settings_fail(input, name,
                             "option '%s' is a secret, and everybody on this machine can read a "
                             "command line; write a reference into the config: " REFERENCES,
                             name);
    path_of(input, setting, path, sizeof path);
    if (config_set_of(input->config, path))
        return settings_fail(input, name,
                             "option '%s' is a secret, and everybody on this machine can read a "
                             "command line; give a reference: --set '%s=%s'",
                             name, config_set_of(input->config, path),
                             "{\"env\":\"NAME\"}' or '{\"file\":\"PATH\"}");
    file = config_file_of(input->config, path, NULL);
    if (file && file->exposed)
        return settings_fail(input, name,
                             "option '%s' is a secret, and others can read this file; "
                             "chmod 600 %s, or give a reference: " REFERENCES,
                             name, file->path);
    return make_literal(input, setting, text);
}

/* ---- references ---- */

static int read_env(const struct setting_input *input, struct setting *setting,
                    const struct acsmtp_json *value)
{
    const char *text = acsmtp_json_text(value);

    if (!text || !*text || strchr(text, '=') || !config_text_clean(text) || strlen(text) > 255)
        return settings_fail(input, setting->option.name,
                             "option '%s': \"env\" must be the name of an environment variable",
                             setting->option.name);
    setting->source = SECRET_ENV;
    return setting_add_item(setting, text, input->err);
}

/* Relative to the file that says it; from the command line, to the working directory. */
static int read_file(const struct setting_input *input, struct setting *setting,
                     const struct acsmtp_json *value)
{
    const char *text = acsmtp_json_text(value);
    const struct config_file *file;
    CONFIG_AUTO_FREE char *beside = NULL;
    CONFIG_AUTO_FREE char *here = NULL;
    char path[1024], full[PATH_MAX];

    if (!text || !*text || !config_text_clean(text))
        return settings_fail(input, setting->option.name,
                             "option '%s': \"file\" must be the path of a file",
                             setting->option.name);
    path_of(input, setting, path, sizeof path);
    file = config_file_of(input->config, path, NULL);
    beside = config_path_beside(file ? file->path : NULL, text, input->err);
    if (!beside)
        return input->err->status;
    if (beside[0] != '/' && !(here = getcwd(NULL, 0)))
        return acsmtp_fail_errno(input->err, errno, "the working directory");
    if (snprintf(full, sizeof full, "%s%s%s", here ? here : "", here ? "/" : "", beside) >=
        (int)sizeof full)
        return settings_fail(input, setting->option.name, "option '%s': the path is too long",
                             setting->option.name);
    setting->source = SECRET_FILE;
    return setting_add_item(setting, full, input->err);
}

static int read_command(const struct setting_input *input, struct setting *setting,
                        const struct acsmtp_json *value)
{
    size_t length = acsmtp_json_length(value), i;
    int status = ACSMTP_OK;

    setting->source = SECRET_COMMAND;
    if (length > SETTINGS_ITEMS_MAX)
        length = 0;
    for (i = 0; status == ACSMTP_OK && i < length; i++) {
        const char *text = acsmtp_json_text(acsmtp_json_item(value, i));

        if (!text || strlen(text) > SETTINGS_TEXT_MAX || (i == 0 && !*text))
            length = 0;
        else
            status = setting_add_item(setting, text, input->err);
    }
    if (length == 0)
        return settings_fail(input, setting->option.name,
                             "option '%s': \"command\" must be a list of texts, the program and "
                             "its arguments (there is no shell)",
                             setting->option.name);
    return status;
}

static int read_prompt(const struct setting_input *input, struct setting *setting,
                       const struct acsmtp_json *value)
{
    CONFIG_AUTO_FREE char *text = acsmtp_json_format(value);

    if (!text || strcmp(text, "true") != 0)
        return settings_fail(input, setting->option.name, "option '%s': \"prompt\" must be true",
                             setting->option.name);
    setting->source = SECRET_PROMPT;
    return ACSMTP_OK;
}

static int is_entry_name(const char *text)
{
    return text && *text && strlen(text) <= 255 && config_text_clean(text);
}

/* A name, or an object that also says which keyring. */
static int read_keyring(const struct setting_input *input, struct setting *setting,
                        const struct acsmtp_json *value)
{
    int is_object = acsmtp_json_type(value) == ACSMTP_JSON_OBJECT;
    const char *name = is_object ? acsmtp_json_string(value, "name") : acsmtp_json_text(value);
    const char *plugin = acsmtp_json_string(value, "plugin");
    size_t members = (name != NULL) + (plugin != NULL);
    int status;

    if (!is_entry_name(name) || (is_object && acsmtp_json_key(value, members)) ||
        (plugin && !is_entry_name(plugin)))
        return settings_fail(input, setting->option.name,
                             "option '%s': \"keyring\" must be the name of an entry, or "
                             "{\"plugin\": KEYRING, \"name\": ENTRY}",
                             setting->option.name);
    setting->source = SECRET_KEYRING;
    status = setting_add_item(setting, name, input->err);
    return status == ACSMTP_OK && plugin ? setting_add_item(setting, plugin, input->err) : status;
}

static const struct {
    const char *name;
    int (*read)(const struct setting_input *input, struct setting *setting,
                const struct acsmtp_json *value);
} references[] = {{"env", read_env},
                  {"file", read_file},
                  {"command", read_command},
                  {"keyring", read_keyring},
                  {"prompt", read_prompt}};

#define COUNT (sizeof references / sizeof references[0])

static int read_reference(const struct setting_input *input, struct setting *setting,
                          const struct acsmtp_json *object)
{
    const char *key = acsmtp_json_key(object, 0);
    const char *names[COUNT];
    char near[64];
    size_t i;

    if (!key || acsmtp_json_key(object, 1))
        return settings_fail(input, setting->option.name,
                             "option '%s' must have exactly one source: " REFERENCES,
                             setting->option.name);
    for (i = 0; i < COUNT; i++) {
        names[i] = references[i].name;
        if (strcmp(key, names[i]) == 0)
            return references[i].read(input, setting, acsmtp_json_get(object, key));
    }
    config_suggestion(key, names, COUNT, near, sizeof near);
    return settings_fail(input, setting->option.name,
                         "option '%s': '%.60s' is no source of secrets%s; use " REFERENCES,
                         setting->option.name, key, near);
}

int settings_read_source(const struct setting_input *input, struct setting *setting,
                         const struct acsmtp_json *value)
{
    if (acsmtp_json_type(value) == ACSMTP_JSON_OBJECT)
        return read_reference(input, setting, value);
    if (acsmtp_json_text(value))
        return read_literal(input, setting, acsmtp_json_text(value));
    return settings_fail(input, setting->option.name,
                         "option '%s' must be a text without NUL, or " REFERENCES,
                         setting->option.name);
}

int settings_read_source_text(const struct setting_input *input, struct setting *setting,
                              const char *text, int is_variable)
{
    if (!is_variable)
        return make_literal(input, setting, text);
    setting->source = SECRET_ENV;
    return setting_add_item(setting, text, input->err);
}
