/* SPDX-License-Identifier: MIT */
/*
 * Which profile: --profile, ACSMTP_PROFILE, "default_profile", or the only one there is.
 */
#include "config_private.h"
#include <stdio.h>
#include <string.h>

#define SHOWN_MAX 32 /* profiles that a message lists */

static size_t profile_names(const struct config *config, const char *names[SHOWN_MAX])
{
    const struct acsmtp_json *profiles = acsmtp_json_get(config->root, "profiles");
    size_t count = 0;

    while (count < SHOWN_MAX && (names[count] = acsmtp_json_key(profiles, count)))
        count++;
    return count;
}

/* The name that somebody asked for and, for messages, who; NULL when nobody did. */
static const char *wanted_profile(const struct config *config,
                                  const struct acsmtp_driver_options *options, char *who,
                                  size_t capacity)
{
    const char *environment = secure_getenv("ACSMTP_PROFILE");

    if (options->profile) {
        (void)snprintf(who, capacity, "--profile");
        return options->profile;
    }
    if (environment && *environment) {
        (void)snprintf(who, capacity, "ACSMTP_PROFILE");
        return environment;
    }
    config_where_exactly(config, "default_profile", who, capacity);
    return acsmtp_json_string(config->root, "default_profile");
}

static int unknown_profile(const struct config *config, const char *who, const char *name,
                           struct acsmtp_error *err)
{
    char near[CONFIG_KEY_MAX + 32], all[400];
    const char *names[SHOWN_MAX];
    size_t count = profile_names(config, names);

    if (count == 0 && config->file_count == 0)
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "%s: there is no profile '%.80s', and no config yet; 'acsmtp config "
                           "init' writes one",
                           who, name);
    if (count == 0)
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "%s: there is no profile '%.80s'; no config file has any profile", who,
                           name);
    config_suggestion(name, names, count, near, sizeof near);
    config_join(names, count, all, sizeof all);
    return acsmtp_fail(err, ACSMTP_CONFIG, "%s: there is no profile '%.80s'%s (there are: %s)", who,
                       name, near, all);
}

static int several_profiles(const struct config *config, struct acsmtp_error *err)
{
    const char *names[SHOWN_MAX];
    char all[400];

    config_join(names, profile_names(config, names), all, sizeof all);
    return acsmtp_fail(err, ACSMTP_CONFIG,
                       "which profile? There are: %s; use --profile NAME, or write "
                       "\"default_profile\" into the config",
                       all);
}

/* A machine without any config: everything comes with --set, into a profile named "default". */
static int make_profile(struct config *config, struct acsmtp_error *err)
{
    struct acsmtp_json *profiles = acsmtp_json_new_object(err);

    if (profiles &&
        acsmtp_json_set(profiles, "default", acsmtp_json_new_object(err), err) != ACSMTP_OK) {
        acsmtp_json_free(profiles);
        profiles = NULL;
    }
    return acsmtp_json_set(config->root, "profiles", profiles, err);
}

int config_choose(struct config *config, const struct acsmtp_driver_options *options,
                  struct acsmtp_error *err)
{
    const struct acsmtp_json *profiles = acsmtp_json_get(config->root, "profiles");
    char who[CONFIG_WHERE_MAX];
    const char *name = wanted_profile(config, options, who, sizeof who);
    int status = ACSMTP_OK;

    if (name && !acsmtp_json_get(profiles, name))
        return unknown_profile(config, who, name, err);
    if (!name && acsmtp_json_key(profiles, 1))
        return several_profiles(config, err);
    if (!name && !acsmtp_json_key(profiles, 0))
        status = make_profile(config, err);
    if (status != ACSMTP_OK)
        return status;
    config->profile_name =
        strdup(name ? name : acsmtp_json_key(acsmtp_json_get(config->root, "profiles"), 0));
    return config->profile_name ? ACSMTP_OK : acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
}
