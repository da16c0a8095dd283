/* SPDX-License-Identifier: MIT */
/*
 * Logging out: everything that outlives a process goes, in files and in keyrings. What fails does
 * not keep the rest, and the first failure is what the caller hears of.
 */
#include "logout.h"
#include "chain_private.h"
#include "config_private.h"
#include "slot.h"
#include <string.h>

struct logout {
    struct acsmtp_context *context;
    acsmtp_removed_visitor visit;
    void *data;
    struct acsmtp_error *err; /* the first failure */
};

static const char *const folders[] = {SLOT_TOKENS, SLOT_STORE};
static const char *const kinds[] = {"token", "sign-in"};

enum { FOLDERS = sizeof folders / sizeof folders[0] };

static void note(struct logout *logout, const struct acsmtp_error *problem)
{
    if (problem->status != ACSMTP_OK)
        walk_copy_error(logout->err, problem);
}

static void tell(struct logout *logout, size_t folder, const char *place, size_t count)
{
    const struct acsmtp_removed removed = {
        .size = sizeof removed, .kind = kinds[folder], .place = place, .count = count};

    if (count > 0 && logout->visit)
        logout->visit(logout->data, &removed);
}

/* ---- one place ---- */

struct sweep {
    struct logout *logout;
    size_t folder;
    struct keyring *keyring; /* NULL: files */
    size_t count;
};

static int sweep_name(void *data, const char *name)
{
    struct sweep *sweep = data;
    struct acsmtp_error problem = ACSMTP_ERROR_INIT;

    if (sweep->keyring)
        (void)slot_wipe_entry(sweep->keyring, sweep->logout->context, folders[sweep->folder], name,
                              &problem, &sweep->count);
    else
        (void)slot_wipe(folders[sweep->folder], name, &problem, &sweep->count);
    note(sweep->logout, &problem);
    /* A keyring that does not answer will not do so for the next name either. */
    return sweep->keyring ? problem.status : ACSMTP_OK;
}

/* No home, no files: then nothing was ever kept. */
static void sweep_place(struct logout *logout, size_t folder, const char *group,
                        struct keyring *keyring)
{
    struct acsmtp_error problem = ACSMTP_ERROR_INIT;
    struct sweep sweep = {.logout = logout, .folder = folder, .keyring = keyring};
    int status = slot_visit(folders[folder], group, sweep_name, &sweep, &problem);

    if (status != ACSMTP_UNAVAILABLE)
        note(logout, &problem);
    tell(logout, folder, keyring ? keyring_name(keyring) : "files", sweep.count);
}

/* ---- keyrings ---- */

static void sweep_keyring(struct logout *logout, const struct chain_host *host, const char *plugin,
                          const char *group)
{
    struct acsmtp_error problem = ACSMTP_ERROR_INIT;
    struct keyring *keyring = NULL;
    size_t i;

    if (keyrings_get(host->keyrings, plugin, &keyring, &problem) != ACSMTP_OK) {
        note(logout, &problem);
        return;
    }
    /* A group is one of tokens. */
    for (i = 0; i < (group ? 1 : FOLDERS); i++)
        sweep_place(logout, i, group, keyring);
}

/* Also the one that does not keep tokens now: it may have done so before the config changed. */
static void sweep_keyrings(struct logout *logout, const struct chain_host *host, const char *group)
{
    const char *one = host->cache_keyring, *other = host->store_keyring;

    if (one)
        sweep_keyring(logout, host, one, group);
    if (other && (!one || strcmp(one, other) != 0))
        sweep_keyring(logout, host, other, group);
}

/* ---- one profile ---- */

struct profile_sweep {
    struct logout *logout;
    const struct chain_host *host;
};

static int sweep_group(void *data, const char *group, struct acsmtp_error *err)
{
    struct profile_sweep *sweep = data;

    (void)err;
    sweep_place(sweep->logout, 0, group, NULL);
    sweep_keyrings(sweep->logout, sweep->host, group);
    return ACSMTP_OK;
}

static void forget_profile(struct logout *logout, struct acsmtp_driver *driver)
{
    struct acsmtp_error problem = ACSMTP_ERROR_INIT;
    struct profile_sweep sweep = {.logout = logout, .host = driver_host(driver)};
    const char *place = sweep.host->store_keyring;
    size_t removed = 0;

    if (!driver_chain(driver))
        return;
    (void)chain_forget(driver_chain(driver), logout->context, sweep_group, &sweep, &removed,
                       &problem);
    note(logout, &problem);
    tell(logout, 1, place ? place : "files", removed);
}

static void visit_profile(struct logout *logout, const struct acsmtp_driver_options *options,
                          int alone)
{
    struct acsmtp_error problem = ACSMTP_ERROR_INIT;
    struct acsmtp_driver *driver = NULL;

    if (acsmtp_driver_open(options, &driver, &problem) == ACSMTP_OK &&
        acsmtp_driver_prepare(driver, logout->context, &problem) == ACSMTP_OK) {
        if (alone)
            forget_profile(logout, driver);
        else
            sweep_keyrings(logout, driver_host(driver), NULL);
    }
    note(logout, &problem);
    acsmtp_driver_close(driver);
}

/* ---- everything ---- */

static void visit_profiles(struct logout *logout, const struct acsmtp_driver_options *options,
                           const struct config *config)
{
    const struct acsmtp_json *profiles = acsmtp_json_get(config_root(config), "profiles");
    struct acsmtp_driver_options one = *options;
    const char *name;
    size_t i;

    for (i = 0; (name = acsmtp_json_key(profiles, i)); i++) {
        one.profile = name;
        visit_profile(logout, &one, 0);
    }
    if (i == 0 && acsmtp_json_get(config_root(config), "keyring"))
        visit_profile(logout, options, 0);
}

static void visit_everything(struct logout *logout, const struct acsmtp_driver_options *options)
{
    struct acsmtp_driver_options whole = *options;
    struct acsmtp_error problem = ACSMTP_ERROR_INIT;
    struct config *config = NULL;
    size_t i;

    for (i = 0; i < FOLDERS; i++)
        sweep_place(logout, i, NULL, NULL);
    whole.flags |= CONFIG_NO_PROFILE;
    if (config_load(&whole, &config, &problem) == ACSMTP_OK) {
        visit_profiles(logout, options, config);
        config_free(config);
        return;
    }
    acsmtp_error_prefix(&problem, "files are removed, but keyrings could not be looked for");
    note(logout, &problem);
}

int acsmtp_logout(const struct acsmtp_driver_options *options, struct acsmtp_context *context,
                  acsmtp_removed_visitor visit, void *data, struct acsmtp_error *err)
{
    struct acsmtp_driver_options said = {.size = sizeof said};
    struct acsmtp_error unwanted = ACSMTP_ERROR_INIT;
    struct logout logout = {
        .context = context, .visit = visit, .data = data, .err = err ? err : &unwanted};

    if (options)
        memcpy(&said, options, options->size < sizeof said ? options->size : sizeof said);
    said.size = sizeof said;
    if (said.profile)
        visit_profile(&logout, &said, 1);
    else
        visit_everything(&logout, &said);
    return logout.err->status;
}
