/* SPDX-License-Identifier: MIT */
/*
 * The exports of the provisioner acs without Azure: parameters as a JSON object on standard input,
 * the files as a JSON object on standard output.
 *
 *	acs_export bicep|terraform
 */
#include "export.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    size_t offset;
} texts[] = {{"subscription", offsetof(struct parameters, subscription)},
             {"resource_group", offsetof(struct parameters, resource_group)},
             {"location", offsetof(struct parameters, location)},
             {"data_location", offsetof(struct parameters, data_location)},
             {"communication_name", offsetof(struct parameters, communication_name)},
             {"email_name", offsetof(struct parameters, email_name)},
             {"key_vault_name", offsetof(struct parameters, key_vault_name)},
             {"identity_name", offsetof(struct parameters, identity_name)},
             {"legacy_username", offsetof(struct parameters, legacy_username)},
             {"modern_username", offsetof(struct parameters, modern_username)},
             {"identity_username", offsetof(struct parameters, identity_username)},
             {"custom_domain", offsetof(struct parameters, custom_domain)}};

static void fill(struct parameters *parameters, const struct acsmtp_json *json)
{
    *parameters = (struct parameters){.subscription = ""};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const char *text = acsmtp_json_string(json, texts[i].name);

        memcpy((char *)parameters + texts[i].offset, &text, sizeof text);
    }
    (void)acsmtp_json_integer(json, "secret_lifetime_ms", &parameters->secret_lifetime_ms);
    (void)acsmtp_json_integer(json, "renew_before_ms", &parameters->renew_before_ms);
    parameters->purge_protection = acsmtp_json_true(json, "purge_protection");
    parameters->recover_key_vault = acsmtp_json_true(json, "recover_key_vault");
}

int main(int argc, char **argv)
{
    static char text[1 << 16];
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    ACSMTP_AUTO_JSON struct acsmtp_json *json =
        acsmtp_json_parse(text, fread(text, 1, sizeof text, stdin), &err);
    ACSMTP_AUTO_JSON struct acsmtp_json *files = NULL;
    struct parameters parameters;
    char *out = NULL;

    if (json && argc == 2) {
        fill(&parameters, json);
        files = strcmp(argv[1], "bicep") == 0 ? export_bicep(&parameters, &err)
                                              : export_terraform(&parameters, &err);
        out = acsmtp_json_format(files);
    }
    if (!files || !out) {
        (void)fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    (void)puts(out);
    free(out);
    return 0;
}
