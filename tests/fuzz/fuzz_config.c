/* SPDX-License-Identifier: MIT */
/*
 * Config files and --set options, up to the settings of a plugin. Input: lines "key=value" for
 * --set, an empty line, and the text of a file or, with form feeds between them, of several, each
 * laid over those before it. Nothing here reads a file or runs a program.
 */
#include <driver/config_format.h>
#include <driver/config_private.h>
#include <driver/settings_build.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SETS 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const values[] = {"one", "two", NULL};

static const struct acsmtp_option options[] = {
    {"host", ACSMTP_STRING, ACSMTP_REQUIRED, "h", NULL, NULL, "", 0, 0},
    {"port", ACSMTP_INTEGER, 0, NULL, NULL, NULL, "", 1, 65535},
    {"verify", ACSMTP_BOOLEAN, 0, NULL, NULL, NULL, "", 0, 0},
    {"timeout", ACSMTP_DURATION, 0, "5s", NULL, NULL, "", 1, 60000},
    {"choice", ACSMTP_STRING, 0, NULL, NULL, values, "", 0, 0},
    {"scopes", ACSMTP_STRING, ACSMTP_LIST, NULL, NULL, NULL, "", 0, 0},
    {"secret", ACSMTP_STRING, ACSMTP_SECRET, NULL, NULL, NULL, "", 0, 0},
    {"credentials", ACSMTP_CHAIN, 0, NULL, NULL, NULL, "", 0, 0},
};

static const struct acsmtp_plugin plugin = {
    ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_TRANSPORT),
    .name = "example",
    .version = "1",
    .summary = "",
    ACSMTP_PLUGIN_OPTIONS(options),
};

/* A failure must say something, on one line, and not be a crash of ours. */
static void check_message(int status, const struct acsmtp_error *err)
{
    if (status == ACSMTP_OK)
        return;
    if (status != err->status || !err->message[0] || strchr(err->message, '\n'))
        abort();
    (void)acsmtp_hint(err);
}

static void build_entries(const struct config *config, const char *key)
{
    const struct acsmtp_json *entries = acsmtp_json_get(config_profile(config), key);
    size_t i;

    for (i = 0; i < acsmtp_json_length(entries) && i < 4; i++) {
        struct acsmtp_error err = ACSMTP_ERROR_INIT;
        struct acsmtp_settings *settings = NULL;
        char path[512], where[CONFIG_WHERE_MAX];
        int status;

        (void)snprintf(path, sizeof path, "profiles.%s.%s.%zu", config_profile_name(config), key,
                       i);
        config_where(config, path, where, sizeof where);
        if (!where[0])
            abort();
        status =
            settings_build(config, path, acsmtp_json_item(entries, i), &plugin, &settings, &err);
        check_message(status, &err);
        settings_free(settings);
    }
}

/* The lines up to the empty one; where the text behind it begins. */
static const char *split(char *text, const char *sets[SETS], size_t *count)
{
    char *end;

    for (*count = 0; *text && *text != '\n' && *count < SETS; text = end + 1) {
        end = strchr(text, '\n');
        if (!end)
            return "";
        *end = '\0';
        sets[(*count)++] = text;
    }
    return *text == '\n' ? text + 1 : text;
}

/* The files of the text, up to the first that is wrong. */
static int add_files(struct config *config, const char *text, struct acsmtp_error *err)
{
    int status = ACSMTP_OK;

    while (status == ACSMTP_OK) {
        size_t size = strcspn(text, "\f");
        struct config_file file = {.path = strdup("/x/c.json")};

        file.text = acsmtp_secret_new(text, size, err);
        status = config_add(config, &file, err);
        if (!text[size])
            break;
        text += size + 1;
    }
    return status;
}

static void use(const char *text, const char *const *sets, size_t count)
{
    struct acsmtp_driver_options said = {.size = sizeof said, .set = sets, .set_count = count};
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct config *config = config_new(&err);
    int status = add_files(config, text, &err);

    if (status == ACSMTP_OK)
        status = config_finish(config, &said, &err);
    check_message(status, &err);
    if (status == ACSMTP_OK) {
        free(config_format_dup(config, &err));
        build_entries(config, "transports");
        build_entries(config, "credentials");
    }
    config_free(config);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *sets[SETS];
    char *text = malloc(size + 1);
    const char *rest;
    size_t count;

    memcpy(text, data, size);
    text[size] = '\0';
    rest = split(text, sets, &count);
    use(rest, sets, count);
    free(text);
    return 0;
}
