/* SPDX-License-Identifier: MIT */
/* --write-config: what was made becomes a profile that sends; see provision_store.h. */
#include "exitcode.h"
#include "file_save.h"
#include "provision_store.h"
#include <acsmtp/secret.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROFILE_DEFAULT "provisioned"

/* A config can hold secrets. */
static void wipe_text(char *text)
{
    if (text)
        acsmtp_wipe(text, strlen(text));
    free(text);
}

int provision_config_check(const struct provision_options *options, struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *config = NULL;
    char *text = NULL;

    if (file_save_check(options->write_config, err) != ACSMTP_OK ||
        file_read(options->write_config, &text, err) != ACSMTP_OK)
        return err->status;
    if (text) {
        config = acsmtp_json_parse_config(text, strlen(text), err);
        wipe_text(text);
        if (!config) {
            acsmtp_error_prefix(err, "%s", options->write_config);
            err->status = ACSMTP_CONFIG;
        }
    }
    return err->status;
}

static const char *profile_name(const struct provision_options *options,
                                const struct acsmtp_json *result)
{
    const char *name = acsmtp_json_string(result, "profile_name");

    if (options->write_profile)
        return options->write_profile;
    return name ? name : PROFILE_DEFAULT;
}

static int is_default(const char *text, const char *name)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *config =
        acsmtp_json_parse_config(text, strlen(text), NULL);
    const char *chosen = acsmtp_json_string(config, "default_profile");

    return chosen && strcmp(chosen, name) == 0;
}

static int save(const struct provision_options *options, const char *before, const char *after,
                const char *name, struct acsmtp_error *err)
{
    const char *path = options->write_config;
    int plain = is_default(after, name);

    if (!before || strcmp(before, after) != 0) {
        if (file_save(path, after, 0600, err) != ACSMTP_OK)
            return err->status;
        (void)fprintf(stderr, "Written: %s, profile '%s'\n", path, name);
    }
    (void)fprintf(stderr, "Send with: acsmtp --config %s%s%s send ...\n", path,
                  plain ? "" : " --profile ", plain ? "" : name);
    return ACSMTP_OK;
}

int provision_config_write(const struct provision_options *options,
                           const struct acsmtp_json *result, struct acsmtp_error *err)
{
    const struct acsmtp_json *profile = acsmtp_json_get(result, "profile");
    const char *name = profile_name(options, result);
    char *before = NULL, *after = NULL;

    if (acsmtp_json_type(profile) != ACSMTP_JSON_OBJECT)
        return acsmtp_fail(err, ACSMTP_SYSTEM,
                           "--write-config: the provisioner gave no profile to write");
    if (file_read(options->write_config, &before, err) != ACSMTP_OK)
        return err->status;
    after = acsmtp_config_insert(before, name, profile, err);
    if (after) {
        (void)save(options, before, after, name, err);
    } else {
        acsmtp_error_prefix(err, "%s", options->write_config);
        acsmtp_error_server(err, 0, EXITCODE_CANNOT_CREATE, NULL);
        (void)fprintf(stderr, "Nothing was lost: 'acsmtp provision show --write-config FILE "
                              "--write-profile NAME' writes it elsewhere.\n");
    }
    wipe_text(before);
    wipe_text(after);
    return err->status;
}
