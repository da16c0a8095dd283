/* SPDX-License-Identifier: MIT */
/*
 * For the tests of settings: one plugin with an option of every type, and its settings from text.
 */
#ifndef SETTINGS_FIXTURE_H
#define SETTINGS_FIXTURE_H

#include "config_fixture.h"
#include <driver/settings_private.h>

static const char *const tls_values[] = {"starttls", "implicit", NULL};

static const struct acsmtp_option options[] = {
    {"host", ACSMTP_STRING, ACSMTP_REQUIRED, NULL, "ACSMTP_TEST_HOST", NULL, "server's name", 0, 0},
    {"port", ACSMTP_INTEGER, 0, "587", "ACSMTP_TEST_PORT", NULL, "port", 1, 65535},
    {"offset", ACSMTP_INTEGER, 0, NULL, NULL, NULL, "any number", 0, 0},
    {"tls", ACSMTP_STRING, 0, "starttls", NULL, tls_values, "how", 0, 0},
    {"verify", ACSMTP_BOOLEAN, 0, "true", NULL, NULL, "whether", 0, 0},
    {"wait", ACSMTP_DURATION, 0, NULL, NULL, NULL, "how long", 100, 3600000},
    {"scopes", ACSMTP_STRING, ACSMTP_LIST, NULL, NULL, NULL, "many", 0, 0},
    {"secret", ACSMTP_STRING, ACSMTP_SECRET, NULL, "ACSMTP_TEST_SECRET", NULL, "hidden", 0, 0},
    {"credentials", ACSMTP_CHAIN, 0, NULL, NULL, NULL, "nested", 0, 0},
};

static const struct acsmtp_plugin plugin = {
    ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_CREDENTIAL),
    .name = "example",
    .version = "1",
    .summary = "for tests",
    ACSMTP_PLUGIN_OPTIONS(options),
};

static struct acsmtp_error err;
static struct config *config;

#define ENTRY "profiles.p.credentials.0"

/* Settings from the members of one entry, after `set` (NULL: none), in a file that `exposed` says
 * others can read. NULL and `err` when they are refused. */
static inline struct acsmtp_settings *build_with(const struct acsmtp_plugin *with,
                                                 const char *members, const char *set, int exposed)
{
    struct acsmtp_settings *settings = NULL;
    char text[4096];

    (void)snprintf(text, sizeof text,
                   "{\"profiles\":{\"p\":{\"credentials\":[\n{\"plugin\":\"example\"%s%s}]}}}",
                   *members ? ",\n" : "", members);
    err = (struct acsmtp_error)ACSMTP_ERROR_INIT;
    config_free(config);
    config = fixture_config("/x/c.json", text, exposed, &set, set != NULL, &err);
    if (config)
        (void)!settings_build(config, ENTRY, config_at(config_root(config), ENTRY), with, &settings,
                              &err);
    return settings;
}

static inline struct acsmtp_settings *build(const char *members)
{
    return build_with(&plugin, members, NULL, 0);
}

static inline void refuse_with(const char *members, const char *set, int exposed, const char *why)
{
    struct acsmtp_settings *settings = build_with(&plugin, members, set, exposed);

    if (settings)
        printf("\n    taken: %s\n", members);
    CU_ASSERT_PTR_NULL(settings);
    CU_ASSERT_EQUAL(err.status, ACSMTP_CONFIG);
    ASSERT_HAS(err.message, why);
    settings_free(settings);
}

static inline void refuse(const char *members, const char *why)
{
    refuse_with(members, NULL, 0, why);
}

#endif
